/**
 * The vocabulary of consensus: entries, states, configuration changes, and every message of the
 * protocol as one record of one sealed interface, so that the protocol is one page.
 *
 * <p>Immutable values only. Start with {@link io.balsa.raft.message.Message}.
 */
package io.balsa.raft.message;
