/**
 * The Raft consensus core: messages, ticks and proposals in, one {@link io.balsa.raft.Ready} out.
 *
 * <p>Pure and single-threaded: no clock, IO, thread or logger; the one random thing, the election
 * timeout, comes from a generator that is passed in. The caller must, in this order, for each
 * Ready:
 *
 * <ul>
 *   <li>plain contract: store the hard state, the snapshot or else the entries, and sync if asked;
 *       then send the messages; apply the committed entries in order; call {@code advance}
 *   <li>asynchronous storage writes: send the messages at once; those to the append and the apply
 *       thread are done there in order, and only then their responses are sent or stepped
 * </ul>
 *
 * <p>Start with {@link io.balsa.raft.RawNode}, then {@code Raft.step}; one class for each role
 * stands beside it.
 */
package io.balsa.raft;
