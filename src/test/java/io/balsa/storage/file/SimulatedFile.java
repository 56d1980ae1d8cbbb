package io.balsa.storage.file;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** The content of a simulated file: what is read now, and what a loss of power would leave. */
final class SimulatedFile {
  static final int SECTOR_BYTES = 512;
  private static final int PAGE_BYTES = 4096;
  private static final byte[] ZEROS = new byte[PAGE_BYTES];

  // Pages without any byte written are ZEROS itself, so that large files cost nothing.
  private final List<byte[]> pages = new ArrayList<>();
  private long size;
  // For each page that differs from the disk: what the disk has.
  private final Map<Integer, byte[]> unsynced = new TreeMap<>();
  // The same for pages that a failed sync gave up: only writing them again brings them back.
  private final Map<Integer, byte[]> givenUp = new TreeMap<>();
  private long syncedSize;

  long size() {
    return size;
  }

  void write(ByteBuffer source, long position) {
    long at = position;
    while (source.hasRemaining()) {
      int page = (int) (at / PAGE_BYTES);
      int offset = (int) (at % PAGE_BYTES);
      int count = Math.min(source.remaining(), PAGE_BYTES - offset);
      byte[] bytes = writablePage(page);
      source.get(bytes, offset, count);
      at += count;
    }
    size = Math.max(size, at);
  }

  private byte[] writablePage(int page) {
    while (pages.size() <= page) {
      pages.add(ZEROS);
    }
    byte[] live = pages.get(page);
    byte[] onDisk = givenUp.remove(page);
    unsynced.putIfAbsent(page, onDisk == null ? live : onDisk);
    byte[] copy = live.clone();
    pages.set(page, copy);
    return copy;
  }

  int read(ByteBuffer target, long position) {
    int total = 0;
    while (target.hasRemaining() && position + total < size) {
      long at = position + total;
      int offset = (int) (at % PAGE_BYTES);
      int count = (int) Math.min(size - at, Math.min(target.remaining(), PAGE_BYTES - offset));
      int page = (int) (at / PAGE_BYTES);
      target.put(page < pages.size() ? pages.get(page) : ZEROS, offset, count);
      total += count;
    }
    return total;
  }

  void force() {
    unsynced.clear();
    syncedSize = size;
  }

  /** The pages count as clean from now on though the disk does not have them. */
  void failForce() {
    unsynced.forEach(givenUp::putIfAbsent);
    unsynced.clear();
  }

  /** Each unsynced sector survives or does not. */
  void losePower(RandomGenerator random, double survival) {
    restore(unsynced, random, survival);
    restore(givenUp, random, 0);
    long sizeLeft = random.nextDouble() < survival ? size : Math.min(size, syncedSize);
    truncate(Math.max(sizeLeft, syncedSize));
    force();
  }

  private void restore(Map<Integer, byte[]> onDisk, RandomGenerator random, double survival) {
    onDisk.forEach(
        (page, old) -> {
          byte[] mixed = pages.get(page).clone();
          for (int sector = 0; sector < PAGE_BYTES; sector += SECTOR_BYTES) {
            if (random.nextDouble() >= survival) {
              System.arraycopy(old, sector, mixed, sector, SECTOR_BYTES);
            }
          }
          pages.set(page, mixed);
        });
    onDisk.clear();
  }

  void truncate(long newSize) {
    size = newSize;
    int keep = (int) ((newSize + PAGE_BYTES - 1) / PAGE_BYTES);
    if (pages.size() > keep) {
      pages.subList(keep, pages.size()).clear();
      unsynced.keySet().removeIf(page -> page >= keep);
      givenUp.keySet().removeIf(page -> page >= keep);
    }
    int used = (int) (newSize % PAGE_BYTES);
    if (used > 0 && pages.size() == keep) {
      byte[] last = pages.get(keep - 1).clone();
      Arrays.fill(last, used, PAGE_BYTES, (byte) 0);
      pages.set(keep - 1, last);
    }
    syncedSize = Math.min(syncedSize, newSize);
  }

  /** A copy that shares nothing; pages are never changed in place once they are shared. */
  SimulatedFile copy() {
    SimulatedFile copy = new SimulatedFile();
    copy.pages.addAll(pages);
    copy.size = size;
    copy.unsynced.putAll(unsynced);
    copy.givenUp.putAll(givenUp);
    copy.syncedSize = syncedSize;
    return copy;
  }
}
