package io.balsa.storage.wal;

import io.balsa.data.Checks;

/**
 * How a log uses the disk.
 *
 * @param segmentBytes the length of a segment, 4 KiB to 1 GiB, a multiple of 8
 * @param reserveBytes free space that the log leaves alone, 0 or more
 */
public record WalOptions(long segmentBytes, long reserveBytes) {
  /** Segments of 64 MiB, and 64 MiB in reserve. */
  public static final WalOptions DEFAULT = new WalOptions(64L << 20, 64L << 20);

  public WalOptions {
    Checks.argument(
        segmentBytes >= 4096 && segmentBytes <= 1L << 30 && segmentBytes % 8 == 0,
        "wal: segmentBytes must be a multiple of 8 from 4096 to 1073741824: %d",
        segmentBytes);
    Checks.argument(reserveBytes >= 0, "wal: reserveBytes must not be negative: %d", reserveBytes);
  }
}
