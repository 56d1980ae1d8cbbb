/**
 * Who takes part, and what a leader knows about each: how far its log agrees, what is on its way,
 * and whether more may be sent.
 *
 * <p>One thread only. Start with {@link io.balsa.raft.tracker.Progress}; {@link
 * io.balsa.raft.tracker.ProgressTracker} keeps one for each member of a configuration.
 */
package io.balsa.raft.tracker;
