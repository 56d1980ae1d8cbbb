/**
 * The durable state of one member: its identity, its log and its snapshots, in one directory that
 * one process at a time may use.
 *
 * <pre>
 * data-dir/lock                          held while the member runs
 * data-dir/member/identity               whose directory this is
 * data-dir/member/wal/SEQUENCE.wal       the log: {@link io.balsa.storage.wal}
 * data-dir/member/snap/TERM-INDEX.snap   the states: {@link io.balsa.storage.snapshot}
 * </pre>
 *
 * <p>The caller, in this order: takes the directory ({@link io.balsa.storage.DataDir#open}), opens
 * the store with the member's identity ({@link io.balsa.storage.MemberStore#open}), starts from
 * what was {@link io.balsa.storage.MemberStore#recovered}, and then appends the batches that raft
 * hands out. A snapshot is written whole before a batch may install it or {@link
 * io.balsa.storage.MemberStore#release} may refer to it. After a {@link
 * io.balsa.storage.file.StorageException} from an append the member acknowledges nothing more and
 * stops; after a {@link io.balsa.storage.file.DiskFullException} it refuses writes and tries again.
 *
 * <p>Start with {@link io.balsa.storage.MemberStore}.
 */
package io.balsa.storage;
