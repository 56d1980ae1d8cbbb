/**
 * What the key-value state machine is asked and what it answers: operations, commands, results.
 * Immutable values, shared by the client APIs, the engine and the store.
 *
 * <p>Start with {@link io.balsa.mvcc.command.Op} and {@link io.balsa.mvcc.command.Command}.
 */
package io.balsa.mvcc.command;
