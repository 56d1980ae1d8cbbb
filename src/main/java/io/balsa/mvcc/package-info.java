/**
 * The key-value state machine: etcd's data model (revisions, ranges, transactions, compaction,
 * leases, watch), in heap.
 *
 * <p>Pure and single-threaded: no clock, IO, thread or randomness. The caller applies commands in
 * log order; the same commands in the same order give the same state, results and hash everywhere.
 *
 * <p>Start with {@code Store}.
 */
package io.balsa.mvcc;
