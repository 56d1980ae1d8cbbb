/**
 * The replicated log: what is durable behind {@link io.balsa.raft.log.LogStorage}, what is not yet
 * (unstable), and how far both are committed and applied.
 *
 * <p>One thread only. The core reads the storage and never writes it: whoever runs the core makes
 * the entries of a Ready durable, puts them into the storage, and only then acknowledges them.
 *
 * <p>Start with {@link io.balsa.raft.log.RaftLog}.
 */
package io.balsa.raft.log;
