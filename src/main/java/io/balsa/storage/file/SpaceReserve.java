package io.balsa.storage.file;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Free space that is never used up by us, so that a full disk is met by a refusal and not in the
 * middle of a write.
 *
 * @param directory any directory on the disk
 * @param bytes how much stays free
 */
public record SpaceReserve(FileSystem files, Path directory, long bytes) {
  /**
   * Returns if {@code needed} more bytes may be written.
   *
   * @throws DiskFullException if they would use up the reserve
   */
  public void need(long needed) throws IOException, DiskFullException {
    long usable = files.usableBytes(directory);
    if (usable - needed < bytes) {
      throw new DiskFullException(
          "disk full: %d bytes needed and %d kept in reserve, %d usable in %s"
              .formatted(needed, bytes, usable, directory));
    }
  }
}
