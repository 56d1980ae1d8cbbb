package io.balsa.storage.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What durable state needs of a file system. Creating, renaming and deleting survive a crash for
 * certain only once {@link #syncDirectory} of the parent has returned; before that each may or may
 * not have happened. A file that is deleted or replaced stays readable for those who have it open.
 *
 * <p>Safe to use from several threads, each on its own paths.
 */
public interface FileSystem {
  /** Creates the directory and all that lead to it; fine when it is there already. */
  void createDirectories(Path directory) throws IOException;

  /** Whether a file or directory of this name is there. */
  boolean exists(Path path) throws IOException;

  /** The names in a directory, sorted. */
  List<String> list(Path directory) throws IOException;

  /**
   * Creates an empty file and opens it for reading and writing.
   *
   * @throws java.nio.file.FileAlreadyExistsException if the name is taken
   */
  StoreFile create(Path file) throws IOException;

  /**
   * Opens a file for reading and writing.
   *
   * @throws java.nio.file.NoSuchFileException if it is not there
   */
  StoreFile open(Path file) throws IOException;

  /** As {@link #open}, for reading only: works in a directory that must not be changed. */
  StoreFile openForRead(Path file) throws IOException;

  /** Renames a file or directory atomically; a file of the target's name is replaced. */
  void rename(Path from, Path to) throws IOException;

  /** Deletes a file or an empty directory. */
  void delete(Path path) throws IOException;

  /** Makes the names in this directory durable. */
  void syncDirectory(Path directory) throws IOException;

  /**
   * Takes an exclusive lock that dies with the process; closing releases it.
   *
   * @throws IOException if another holds it, with what is known of the holder
   */
  Closeable lock(Path file) throws IOException;

  /** The bytes that may still be written to the disk that holds {@code directory}. */
  long usableBytes(Path directory) throws IOException;
}
