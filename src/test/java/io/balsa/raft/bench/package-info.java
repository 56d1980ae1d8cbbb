/**
 * What the core costs: time and garbage for each entry on its way, and for entries that are in the
 * log already.
 *
 * <p>The rule that {@link io.balsa.raft.bench.AllocationTest} holds the core to, compiled or not:
 * <b>an entry is made once, by the leader that gives it its place (or by whoever reads it from the
 * wire). From then on the core allocates for it nothing but one reference in the list of each
 * message that carries it</b>: an append to a follower, the batch for the disk, the batch to apply.
 * That list must be there, because a message may not see later changes of the log. Acknowledging an
 * entry, getting it again, hearing that it is durable or applied, and heartbeats cost nothing for
 * it, however long the log is. One exception: where an append reaches from the durable part of the
 * log into the part that is not durable yet, the references to the first are copied twice.
 *
 * <p>New entries cost a leader besides: the entry, which is not the proposal because it has a term
 * and an index, one reference while it is appended, and the arrays of the log, which double.
 *
 * <p>{@code mvn test-compile exec:exec@bench} measures, in about three minutes on two idle cores:
 *
 * <ul>
 *   <li>{@link io.balsa.raft.bench.ReplicationBenchmark}: entries each second through three cores,
 *       and as {@code gc.alloc.rate.norm} the bytes that all three together allocate for one.
 *   <li>{@link io.balsa.raft.bench.AppendedEntriesBenchmark}: the same rule in the profiler's
 *       figures, which are equal for both lengths of the log, and differ between messages only in
 *       {@code send}, by one reference for each entry.
 * </ul>
 *
 * <p>{@code -Djmh.args="-prof gc -f 3 Replication"} gives other arguments of JMH. Where something
 * is allocated tells {@code -Djmh.args="-prof jfr Replication"}. Bytes are exact once the code is
 * compiled, and can be compared between machines; times only with those of the same hour.
 */
package io.balsa.raft.bench;
