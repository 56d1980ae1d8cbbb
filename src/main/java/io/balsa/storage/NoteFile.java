package io.balsa.storage;

import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.FileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A few lines of text beside the log, replaced as a whole: after a crash it is the old one or the
 * new one. One thread at a time.
 */
public final class NoteFile {
  private static final int BYTES_MAX = 1 << 20;
  private static final String CHECKSUM = "checksum ";

  private final FileSystem files;
  private final Path path;

  NoteFile(FileSystem files, Path path) {
    this.files = files;
    this.path = path;
  }

  /**
   * The lines that were written last; empty if none were. Waits for the disk.
   *
   * @throws DamagedException if it is not as written
   */
  public Optional<List<String>> read() throws StorageException {
    String text;
    try {
      if (!files.exists(path)) {
        return Optional.empty();
      }
      try (StoreFile file = files.openForRead(path)) {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), BYTES_MAX));
        file.read(bytes, 0);
        text = new String(bytes.array(), StandardCharsets.UTF_8);
      }
    } catch (IOException e) {
      throw new StorageException("storage: cannot read " + path, e);
    }
    int end = text.lastIndexOf(CHECKSUM);
    String found = end < 0 ? "none" : text.substring(end).stripTrailing();
    String covered = end < 0 ? text : text.substring(0, end);
    if (!found.equals(checksum(covered))) {
      throw new DamagedException(
          "storage: damaged file %s: expected %s, found %s"
              .formatted(path, checksum(covered), printable(found)),
          path.getFileName().toString(),
          0);
    }
    return Optional.of(covered.lines().toList());
  }

  /** Replaces all lines; durable when it returns. Waits for the disk. */
  public void write(List<String> lines) throws StorageException {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    text.append(checksum(text.toString())).append('\n');
    Path draft = path.resolveSibling(path.getFileName() + ".tmp");
    try {
      if (files.exists(draft)) {
        files.delete(draft);
      }
      try (StoreFile file = files.create(draft)) {
        file.write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)), 0);
        file.force(true);
      }
      files.rename(draft, path);
      files.syncDirectory(path.getParent());
    } catch (IOException e) {
      throw new StorageException("storage: cannot write " + path, e);
    }
  }

  /** The line that covers {@code text}. */
  static String checksum(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return CHECKSUM + "%08x".formatted((int) crc.getValue());
  }

  private static String printable(String text) {
    return text.replaceAll("[^\\x20-\\x7e]", "?");
  }
}
