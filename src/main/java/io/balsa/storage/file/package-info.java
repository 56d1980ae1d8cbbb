/**
 * The seam between durable state and files: {@link io.balsa.storage.file.FileSystem} names what is
 * needed of a disk, {@link io.balsa.storage.file.LocalFileSystem} is the real one, and tests and
 * the simulator bring one that forgets, tears and fails.
 *
 * <p>What a crash keeps is what was forced: bytes by {@link io.balsa.storage.file.StoreFile#force},
 * names by {@link io.balsa.storage.file.FileSystem#syncDirectory}. Start with {@link
 * io.balsa.storage.file.FileSystem}.
 */
package io.balsa.storage.file;
