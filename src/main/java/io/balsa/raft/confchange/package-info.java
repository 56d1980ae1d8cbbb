/**
 * How one configuration follows from another (Raft paper §6, thesis §4): simple changes of at most
 * one voter, and joint configurations for everything else.
 *
 * <p>Pure: a change gives a new tracker or refuses. Start with {@link
 * io.balsa.raft.confchange.Changer}.
 */
package io.balsa.raft.confchange;
