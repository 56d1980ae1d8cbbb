/**
 * The log as the core sees it: what storage holds, what is not durable yet, what is committed,
 * being applied and applied. Pure.
 *
 * <p>Start with {@link io.balsa.raft.log.RaftLog}; the application implements or fills {@link
 * io.balsa.raft.log.LogStorage}.
 */
package io.balsa.raft.log;
