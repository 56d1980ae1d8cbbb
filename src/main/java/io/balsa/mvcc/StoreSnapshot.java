package io.balsa.mvcc;

import io.balsa.data.ByteWriter;
import io.balsa.data.Bytes;
import io.balsa.mvcc.lease.Lease;
import java.util.List;
import java.util.Map;

/**
 * A store as it was at one revision, read in slices while commands and compactions go on.
 *
 * <p>Its content is, in this order: a header; the leases, each behind what is recorded of its time
 * and with the answers of its session; the items at the compact revision, by key; what that
 * revision changed, puts that it deleted again included; then every change since, in the order in
 * which it was made; the end with totals. It depends on nothing but the applied commands, so the
 * slices of two equal stores, put end to end, are equal bytes.
 *
 * <p>On the store's own thread. Until it is read to its end or closed, the snapshot keeps from
 * being freed what only it still needs. Taking it copies the lists of leases and of sessions, and
 * nothing else.
 */
public final class StoreSnapshot implements AutoCloseable {
  static final int FORMAT = 1;

  // The kinds of records.
  static final int HEADER = 1;
  static final int LEASE = 2;
  static final int ITEM = 3;
  static final int COMPACTED_PUT = 4;
  static final int COMPACTED_DELETE = 5;
  static final int PUT = 6;
  static final int PUT_LAST = 7; // The last change of its revision, as the next but one.
  static final int DELETE = 8;
  static final int DELETE_LAST = 9;
  static final int END = 10;
  static final int SESSION = 11; // A lease with answers, in the place of its own record.
  static final int ANSWER = 12;
  static final int REMAINING = 13; // What is recorded of the lease that follows.
  static final int COMPACTED_GONE = 14; // A put that the same transaction deleted again.

  private static final int RECORD_BYTES_MAX = 64; // Without key and value.
  private static final int VISITS_MAX = 16 * 1024;

  private enum Section {
    HEADER,
    LEASES,
    ITEMS,
    COMPACTED,
    HISTORY,
    END,
    OVER
  }

  private final Store store;
  private final long revision;
  private final long compactRevision;
  private final long hash;
  private final long leaseSequence;
  private final List<Lease> leases;
  private final Map<Long, Sessions.Answer[]> sessions;
  private final long keys;
  private final long versions;

  private Section section = Section.HEADER;
  private boolean holding = true;
  private int leaseAt;
  private int leaseRecordAt; // The lease itself, then its answers.
  private Bytes keyAt = Bytes.EMPTY; // The lowest key that is not yet read.
  private History.Chunk chunk;
  private long changeRevision;
  private int changeAt;
  private final ByteWriter slice = new ByteWriter(0); // Kept, for it is as large each time.
  private int bytesMax;

  StoreSnapshot(Store store) {
    this.store = store;
    revision = store.revision();
    compactRevision = store.compactRevision();
    hash = store.stateHash();
    leaseSequence = store.leaseSequence();
    leases = store.leases();
    sessions = store.sessions().copy();
    keys = store.keys();
    versions = store.revisions();
    chunk = store.history().chunk(compactRevision);
    changeRevision = compactRevision;
    store.sweep().hold(compactRevision);
  }

  /** The store's revision that this is. */
  public long revision() {
    return revision;
  }

  /**
   * The next slice, whole records of at most {@code bytesMax} bytes together, or one record that is
   * larger; never empty. Null after the last, and when closed.
   */
  public Bytes next(int bytesMax) {
    if (section == Section.OVER) {
      return null;
    }
    this.bytesMax = bytesMax;
    slice.clear();
    while (section != Section.OVER && writeSection()) {
      section = Section.values()[section.ordinal() + 1];
      if (section == Section.HISTORY) {
        release();
      }
    }
    Bytes bytes = slice.toBytes();
    if (section == Section.OVER) {
      close();
    }
    return bytes;
  }

  /** Gives up what is not read. May be called more than once. */
  @Override
  public void close() {
    section = Section.OVER;
    chunk = null;
    release();
  }

  private void release() {
    if (holding) {
      holding = false;
      store.sweep().release(compactRevision);
    }
  }

  /** Writes as much as has room; whether that was the rest of the section. */
  private boolean writeSection() {
    return switch (section) {
      case HEADER -> writeHeader();
      case LEASES -> writeLeases();
      case ITEMS -> writeItems();
      case COMPACTED -> writeCompacted();
      case HISTORY -> writeHistory();
      case END -> writeEnd();
      case OVER -> false;
    };
  }

  private boolean writeHeader() {
    slice.u8(HEADER).varint(FORMAT).varint(revision).varint(compactRevision);
    slice.fixed64(hash).varint(leaseSequence).varint(leases.size());
    return true;
  }

  private boolean writeLeases() {
    for (; leaseAt < leases.size(); leaseAt++) {
      Lease lease = leases.get(leaseAt);
      Sessions.Answer[] answers = sessions.getOrDefault(lease.id(), Sessions.NONE);
      for (; leaseRecordAt <= answers.length; leaseRecordAt++) {
        Sessions.Answer answer = leaseRecordAt == 0 ? null : answers[leaseRecordAt - 1];
        if (!hasRoom(answer == null ? 0 : answer.result().length())) {
          return false;
        }
        if (answer == null) {
          writeLease(lease, answers.length);
        } else {
          slice.u8(ANSWER).varint(answer.sequence()).varint(answer.revision());
          slice.bytes(answer.result());
        }
      }
      leaseRecordAt = 0;
    }
    return true;
  }

  private void writeLease(Lease lease, int answers) {
    if (lease.remainingSeconds() != lease.ttlSeconds()) {
      slice.u8(REMAINING).varint(lease.remainingSeconds());
    }
    slice.u8(answers == 0 ? LEASE : SESSION);
    slice.varint(lease.id()).varint(lease.ttlSeconds()).varint(lease.renewals());
    if (answers > 0) {
      slice.varint(answers);
    }
  }

  private boolean writeItems() {
    if (compactRevision == 0) {
      return true;
    }
    int[] visits = new int[1];
    return store
        .tree()
        .visit(
            keyAt,
            null,
            newest -> {
              Version version = newest.at(compactRevision);
              boolean pause = visits[0]++ >= VISITS_MAX && slice.size() > 0;
              if (pause || (version != null && !hasRoom(version))) {
                keyAt = newest.key;
                return false;
              }
              if (version != null) {
                slice.u8(ITEM).bytes(version.key).bytes(version.value);
                slice.varint(version.createRevision).varint(version.modRevision);
                slice.varint(version.version).varint(version.lease);
              }
              return true;
            });
  }

  private boolean writeCompacted() {
    for (; changeAt < chunk.size(compactRevision); changeAt++) {
      Version change = chunk.at(compactRevision, changeAt);
      boolean gone = !change.isDeletion() && !isItem(change);
      if (!(gone ? hasRoom(change) : hasRoom(change.key.length()))) {
        return false;
      }
      if (gone) {
        slice.u8(COMPACTED_GONE).bytes(change.key).bytes(change.value);
        slice.varint(change.createRevision).varint(change.version).varint(change.lease);
      } else {
        slice.u8(change.isDeletion() ? COMPACTED_DELETE : COMPACTED_PUT).bytes(change.key);
      }
    }
    toNextRevision();
    return true;
  }

  /** Not if the compact revision itself deleted it again: then only a watch can see it. */
  private boolean isItem(Version put) {
    return store.tree().locate(put.key).at(compactRevision) == put;
  }

  private boolean writeHistory() {
    while (changeRevision <= revision) {
      int size = chunk.size(changeRevision);
      for (; changeAt < size; changeAt++) {
        Version change = chunk.at(changeRevision, changeAt);
        if (!hasRoom(change)) {
          return false;
        }
        writeChange(change, changeAt == size - 1);
      }
      toNextRevision();
    }
    return true;
  }

  private void writeChange(Version change, boolean last) {
    if (change.isDeletion()) {
      slice.u8(last ? DELETE_LAST : DELETE).bytes(change.key);
    } else {
      slice.u8(last ? PUT_LAST : PUT).bytes(change.key).bytes(change.value).varint(change.lease);
    }
  }

  private void toNextRevision() {
    changeRevision++;
    changeAt = 0;
    while (changeRevision <= revision && !chunk.covers(changeRevision)) {
      chunk = chunk.next;
    }
  }

  private boolean writeEnd() {
    if (!hasRoom(0)) {
      return false;
    }
    slice.u8(END).varint(keys).varint(versions);
    return true;
  }

  private boolean hasRoom(Version version) {
    return hasRoom(version.key.length() + (version.isDeletion() ? 0L : version.value.length()));
  }

  private boolean hasRoom(long contentBytes) {
    return slice.size() == 0 || slice.size() + contentBytes + RECORD_BYTES_MAX <= bytesMax;
  }
}
