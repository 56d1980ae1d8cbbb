/**
 * The Raft consensus core: messages, ticks and proposals in, one {@link io.balsa.raft.Ready} out.
 *
 * <p>Pure and single-threaded: no clock, IO, thread or logger, and no randomness but the generator
 * it is given. The same inputs in the same order give the same outputs.
 *
 * <p>The caller asks {@link io.balsa.raft.RawNode#hasReady} after its inputs and takes a Ready if
 * there is one. There are two contracts:
 *
 * <ul>
 *   <li><b>Plain.</b> For each Ready, in this order: store entries, hard state and snapshot and
 *       sync if it says so; put them into the storage that the core reads; send the messages; apply
 *       the snapshot, then the committed entries, and hand each configuration change to {@link
 *       io.balsa.raft.RawNode#applyConfChange}; call {@link io.balsa.raft.RawNode#advance}. One
 *       Ready at a time.
 *   <li><b>Asynchronous storage writes.</b> Only the messages count. All but those to the two
 *       storage threads may be sent at once, before anything is stored, with one exception: a vote
 *       request that is no pre-vote must wait until the storage append of its Ready is durable. A
 *       crash could otherwise lose term and log that the request speaks of, and a late grant would
 *       count for a second campaign in the same term, with less in the log. A {@link
 *       io.balsa.raft.message.Message.StorageAppend} is stored and synced; then its content is put
 *       into the storage that the core reads, and its responses are sent, those to this member by
 *       {@link io.balsa.raft.RawNode#step}, all in order. A {@link
 *       io.balsa.raft.message.Message.StorageApply} is applied and its responses are stepped. Each
 *       of the two threads works in order; several Readys may be under way. {@link
 *       io.balsa.raft.RawNode#advance} is not called.
 * </ul>
 *
 * <p>Start with {@link io.balsa.raft.RawNode}, then {@code Raft} (terms, votes, what all roles
 * share); one class per role beside it: {@code Follower}, {@code Candidate}, {@code Leader}, with
 * {@code ConfChangeGate} for the changes that a leader takes. {@link io.balsa.raft.RaftObserver} is
 * told every change of state. What the core can do, and the test of each, stands in a table: the
 * description of this package among the tests.
 */
package io.balsa.raft;
