/**
 * Changes of the configuration (Raft paper §6, thesis §4): from a configuration and an operation
 * list to the next configuration, or the rule that forbids it. Pure.
 *
 * <p>Start with {@link io.balsa.raft.confchange.Changer}.
 */
package io.balsa.raft.confchange;
