/**
 * The write-ahead log of one member: entries, hard states and snapshot marks in one stream of
 * segments.
 *
 * <p>The caller opens a {@link io.balsa.storage.wal.Wal}, which reads everything once, and then
 * appends, one thread only. Between appends, or on another thread, it calls {@link
 * io.balsa.storage.wal.Wal#prepare} so that the next segment is ready before it is needed. The
 * first failed write or sync is the last call that a log answers.
 *
 * <p><b>Format.</b> A segment {@code %016x.wal} is a row of frames, filled up with zeros. A frame
 * starts at a multiple of eight bytes with a header ({@link io.balsa.storage.wal.Frame}) and holds
 * one record ({@link io.balsa.storage.wal.Record}): the first of a segment is its head, which
 * repeats all that older segments would say but for the entries; then batches, each what one {@link
 * io.balsa.raft.message.Message.StorageAppend} made durable, whole or not at all; marks of
 * snapshots; and ends, which say that all before them was forced: one behind what was acknowledged,
 * once nobody waits, and one where the log was closed in order. A checksum binds each frame to its
 * segment, its position and the frame before it, so that nothing stale, moved or left out reads as
 * valid. A segment gets its name only after all before it and its own head were forced.
 *
 * <p><b>Torn or rotten.</b> Each frame also tells how much of its segment was known to be forced
 * when it was written. Where reading stops, a later frame that vouches for the place proves rot;
 * without one it is the torn end of a write that nobody was told of, and is cut off. The next batch
 * vouches for a batch, and until it comes the end that {@link io.balsa.storage.wal.Wal#vouch}
 * appends as soon as those who waited have their answer. That end is not forced by itself: it
 * survives the death of the process at any time, and a loss of power once anything was forced after
 * it or the operating system wrote it back (30 seconds, by default, on Linux). What is left is one
 * batch: the very last one before a loss of power. Rot in it, should that be in the same seconds,
 * is cut off as a tear, with a warning.
 *
 * <p>Start with {@link io.balsa.storage.wal.Wal}, then {@link io.balsa.storage.wal.WalReader}.
 */
package io.balsa.storage.wal;
