/**
 * What a majority has reached and how a vote stands, for one set of voters and for the two halves
 * of a joint configuration.
 *
 * <p>Immutable and free of everything but arithmetic. Start with {@link
 * io.balsa.raft.quorum.JointConfig}.
 */
package io.balsa.raft.quorum;
