/**
 * The key-value state machine: etcd's data model (revisions, ranges, transactions, compaction,
 * leases, watch), in heap.
 *
 * <p>Pure and single-threaded: no clock, IO, thread or randomness. The caller applies commands in
 * log order; the same commands in the same order give the same state, results and hash everywhere.
 *
 * <p>Start with {@link io.balsa.mvcc.Store}; what it is asked and answers is in {@code command},
 * who hears of changes in {@code watch}, when leases end in {@code lease}, who may do what in
 * {@code auth}. Inside, {@code KeyTree} finds the versions of a key and {@code History} the changes
 * of a revision; {@code Sessions} remembers the answers to writes that must not be applied twice.
 */
package io.balsa.mvcc;
