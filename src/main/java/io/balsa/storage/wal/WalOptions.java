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

  private static final long SEGMENT_BYTES_MIN = 1 << 20;
  private static final long SEGMENTS_PER_STORE = 32;

  public WalOptions {
    Checks.argument(
        segmentBytes >= 4096 && segmentBytes <= 1L << 30 && segmentBytes % 8 == 0,
        "wal: segmentBytes must be a multiple of 8 from 4096 to 1073741824: %d",
        segmentBytes);
    Checks.argument(reserveBytes >= 0, "wal: reserveBytes must not be negative: %d", reserveBytes);
  }

  /**
   * The default for a store that may hold so much: shorter segments where that is less than 2 GiB.
   * The first one is written full of zeros before a new member serves.
   */
  public static WalOptions forStoreOf(long bytes) {
    long share = bytes / SEGMENTS_PER_STORE & -Frame.ALIGNMENT_BYTES;
    return new WalOptions(
        Math.max(SEGMENT_BYTES_MIN, Math.min(share, DEFAULT.segmentBytes())),
        DEFAULT.reserveBytes());
  }
}
