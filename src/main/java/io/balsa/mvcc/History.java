package io.balsa.mvcc;

import io.balsa.data.Checks;
import java.util.ArrayList;
import java.util.List;

/**
 * Which keys each revision changed, in order, from the compact revision on; and what the store
 * holds only because of old revisions.
 *
 * <p>An entry is one reference to the version, or an array of them. The chunks also form a linked
 * list: whoever holds a chunk can read on from there though the chunk was compacted meanwhile.
 *
 * <p>What a compaction to R frees is known without looking at keys. Each write makes the version
 * below it worthless from its own revision on. A deletion itself is worthless from the revision
 * after it on, not at its own, where a watch may still want to see it.
 */
final class History {
  /**
   * Some revisions in a row: memory comes back by the chunk, so there must not be too much in one.
   */
  static final class Chunk {
    private static final int REVISIONS = 256;
    private static final long BYTES = 1 << 20;

    final long first;
    private final Object[] entries = new Object[REVISIONS]; // Version, Version[] or null.
    Chunk next;
    // What a compaction from below these revisions to the last of them frees.
    private long freedBytes;
    private long freedVersions;
    private long bytes;

    Chunk(long first) {
      this.first = first;
    }

    /** Whether a revision from {@link #first} on is in this chunk and not in one behind it. */
    boolean covers(long revision) {
      return next == null || revision < next.first;
    }

    private boolean isFull(long revision) {
      return revision - first == REVISIONS || bytes >= BYTES;
    }

    int size(long revision) {
      Object entry = entries[(int) (revision - first)];
      if (entry == null) {
        return 0;
      }
      return entry instanceof Version[] versions ? versions.length : 1;
    }

    Version at(long revision, int position) {
      Object entry = entries[(int) (revision - first)];
      return entry instanceof Version[] versions ? versions[position] : (Version) entry;
    }
  }

  private final List<Chunk> chunks = new ArrayList<>();
  private Chunk last;
  private long lastRevision;
  private long compactRevision;
  private long heldBytes;
  private long heldVersions;

  /** A history without changes, of a store that is at its compact revision. */
  History(long compactRevision, long revision) {
    this.compactRevision = compactRevision;
    lastRevision = revision;
    last = new Chunk(compactRevision);
    chunks.add(last);
  }

  /** The estimated heap of overwritten versions and of deletions. */
  long heldBytes() {
    return heldBytes;
  }

  /** How many versions that are, deletions included. */
  long heldVersions() {
    return heldVersions;
  }

  /** Adds the changes of the next revision. */
  void append(long revision, List<Version> changes) {
    Checks.invariant(revision == lastRevision + 1, "history has a gap", lastRevision, revision);
    if (last.isFull(revision)) {
      Chunk chunk = new Chunk(revision);
      last.next = chunk;
      last = chunk;
      chunks.add(chunk);
    }
    enter(revision, changes);
    Tally tally = new Tally();
    tally.addDeletions(chunk(lastRevision), lastRevision);
    tally.addOverwritten(last, revision);
    last.freedBytes += tally.bytes;
    last.freedVersions += tally.versions;
    lastRevision = revision;
    hold(changes);
  }

  /** Gives back the changes of the compact revision itself. */
  void restoreCompacted(List<Version> changes) {
    enter(compactRevision, changes);
    hold(changes);
  }

  /** The chunk with {@code revision}, which must not be compacted. */
  Chunk chunk(long revision) {
    if (revision >= last.first) {
      return last;
    }
    int low = 0; // Invariant: chunks at low or behind, but before high, hold it.
    int high = chunks.size();
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (chunks.get(middle).first <= revision) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return chunks.get(low);
  }

  /** Forgets what only revisions below {@code revision} need. */
  void compact(long revision) {
    Tally freed = freed(revision, Long.MAX_VALUE);
    heldBytes -= freed.bytes;
    heldVersions -= freed.versions;
    compactRevision = revision;
    int worthless = 0;
    while (!chunks.get(worthless).covers(revision)) {
      worthless++;
    }
    chunks.subList(0, worthless).clear();
  }

  /** The lowest revision to which a compaction frees {@code bytes} or more, else the last. */
  long revisionFreeing(long bytes) {
    return freed(lastRevision, bytes).revision;
  }

  /** What a compaction to {@code to} frees, or to the first revision where that is enough. */
  private Tally freed(long to, long bytesEnough) {
    Tally tally = new Tally();
    tally.revision = compactRevision;
    while (tally.revision < to && tally.bytes < bytesEnough) {
      long revision = tally.revision + 1;
      Chunk chunk = chunk(revision);
      long chunkLast = chunk.next == null ? lastRevision : chunk.next.first - 1;
      if (revision == chunk.first
          && chunkLast <= to
          && chunk.freedBytes < bytesEnough - tally.bytes) {
        tally.add(chunk.freedBytes, chunk.freedVersions);
        tally.revision = chunkLast;
      } else {
        tally.addDeletions(chunk(revision - 1), revision - 1);
        tally.addOverwritten(chunk, revision);
        tally.revision = revision;
      }
    }
    return tally;
  }

  private static final class Tally {
    long revision;
    long bytes;
    long versions;

    void add(long moreBytes, long moreVersions) {
      bytes += moreBytes;
      versions += moreVersions;
    }

    void addDeletions(Chunk chunk, long at) {
      for (int i = 0; i < chunk.size(at); i++) {
        Version change = chunk.at(at, i);
        add(deletionBytes(change), deletionVersions(change));
      }
    }

    void addOverwritten(Chunk chunk, long at) {
      for (int i = 0; i < chunk.size(at); i++) {
        Version change = chunk.at(at, i);
        add(overwrittenBytes(change), overwrittenVersions(change));
      }
    }
  }

  private void enter(long revision, List<Version> changes) {
    for (Version change : changes) {
      last.bytes += change.bytes();
    }
    last.entries[(int) (revision - last.first)] =
        changes.size() == 1 ? changes.get(0) : changes.toArray(new Version[0]);
  }

  private void hold(List<Version> changes) {
    for (Version change : changes) {
      heldBytes += overwrittenBytes(change) + deletionBytes(change);
      heldVersions += overwrittenVersions(change) + deletionVersions(change);
    }
  }

  private static long overwrittenBytes(Version change) {
    Version before = change.replaced();
    return before == null ? 0 : before.bytes();
  }

  private static int overwrittenVersions(Version change) {
    return change.replaced() == null ? 0 : 1;
  }

  private static long deletionBytes(Version change) {
    return change.isDeletion() ? change.bytes() + change.keyBytes() : 0;
  }

  private static int deletionVersions(Version change) {
    return change.isDeletion() ? 1 : 0;
  }
}
