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
 * <p><b>Damage.</b> Everything that is read back is checked, and everything is read back at a
 * start, parts of a snapshot also when they are sent to a peer. Nothing durable is left out without
 * a word, and no member votes with a hole in what it promised.
 *
 * <table>
 * <caption>What is detected, and what becomes of it</caption>
 * <tr><th>where</th><th>what happens</th></tr>
 * <tr><td>the end of the log, not known to be forced</td><td>a torn write: cut off and reported
 * ({@link io.balsa.storage.Recovered.Report#tornTail}), and so is a stray bit in the unused bytes
 * behind it</td></tr>
 * <tr><td>a segment whose entries all are in the newest snapshot</td><td>left out and reported;
 * deleted with the next release</td></tr>
 * <tr><td>the newest snapshot, with an older one there and the log since</td><td>set aside under
 * {@code .broken}; the member starts from the older one</td></tr>
 * <tr><td>the newest snapshot, found while it is sent to a peer</td><td>sent to nobody any more, and
 * taken anew</td></tr>
 * <tr><td>an older snapshot, unused bytes of older segments</td><td>not read, does no harm</td></tr>
 * <tr><td>any other place of the log; a snapshot without another to fall back to; the identity
 * file</td><td>a {@link io.balsa.storage.file.DamagedException} names file and byte, nothing is
 * changed, and the member does not start: it is removed and joins anew as a learner, which fetches
 * everything from the others</td></tr>
 * </table>
 *
 * <p><b>What is left.</b> The last batch before a loss of power has nothing behind it that vouches
 * for it (see {@link io.balsa.storage.wal}). If it rots in the seconds before it is vouched for on
 * the disk, and the power goes, the member forgets an append that it acknowledged or a vote that it
 * gave. A leader that still remembers the acknowledgement stops the member at its first heartbeat
 * ("commit is beyond the last entry"). Only if at that very time another member that has the entry
 * is gone as well can it be lost: two faults at once where three members stand one.
 *
 * <p>Start with {@link io.balsa.storage.MemberStore}.
 */
package io.balsa.storage;
