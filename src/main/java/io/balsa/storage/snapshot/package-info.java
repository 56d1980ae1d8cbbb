/**
 * Snapshot files: a state of the application, whole or not at all.
 *
 * <p>A snapshot is written part by part under a temporary name ({@link
 * io.balsa.storage.snapshot.SnapshotWriter}); finishing it forces the file, gives it its name
 * {@code term-index.snap} and syncs the directory. Only then may anything refer to it. It is read
 * from any offset ({@link io.balsa.storage.snapshot.SnapshotReader}), each block against its
 * checksum.
 *
 * <p><b>Format</b>, little-endian: {@code BALSASNP}, u32 format version, u32 length of the
 * description, u32 its CRC-32C, the description (cluster id, term, index, configuration); the
 * content in blocks of 64 KiB, the last one shorter, each followed by the CRC-32C of the
 * description's checksum, the block's number and its bytes; u64 length of the content, u32 CRC-32C
 * of the whole content, u32 CRC-32C of the description's checksum and the 12 bytes before.
 *
 * <p>Start with {@link io.balsa.storage.snapshot.SnapshotStore}.
 */
package io.balsa.storage.snapshot;
