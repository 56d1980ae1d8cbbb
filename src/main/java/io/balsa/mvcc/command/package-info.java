/**
 * What the key-value state machine is asked and what it answers: operations, commands, results.
 * Immutable values, shared by the client APIs, the engine and the store.
 *
 * <p>Start with {@link io.balsa.mvcc.command.Op} and {@link io.balsa.mvcc.command.Command}; how a
 * write is applied once however often it is sent, with {@link io.balsa.mvcc.command.Once}.
 */
package io.balsa.mvcc.command;
