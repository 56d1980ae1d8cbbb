package io.balsa.mvcc;

import io.balsa.data.ByteReader;
import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.mvcc.command.Once;
import io.balsa.mvcc.command.OpResultCodec;
import io.balsa.mvcc.lease.Lease;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a store of the slices of a {@link StoreSnapshot}, equal to the one they were read from in
 * all that can be seen. One thread only. After an exception the loader is of no more use.
 */
public final class StoreLoader {
  private Store store; // Null before the header.
  private long revision;
  private long hash;
  private long leasesMissing;
  private long remainingSeconds; // Of the lease that comes now; 0 where nothing is recorded.
  private long session; // The lease whose answers come now.
  private int answersMissing;
  private long lastSequence;
  private long leasedKeys;
  private int lastKind;
  private Bytes lastKey = Bytes.EMPTY;
  private boolean inRevision;
  private final List<Version> compacted = new ArrayList<>();
  private boolean ended;

  /**
   * Takes the next slice.
   *
   * @throws MalformedException if it is none, or not the next one
   */
  public void accept(Bytes slice) throws MalformedException {
    ByteReader reader = new ByteReader(slice);
    while (reader.remaining() > 0) {
      int kind = reader.u8();
      require(!ended, "record behind the end", kind, StoreSnapshot.END);
      require(
          (store == null) == (kind == StoreSnapshot.HEADER), "misplaced record", kind, lastKind);
      if (section(kind) > section(lastKind)) {
        endSection();
      }
      require(section(kind) >= section(lastKind), "misplaced record", kind, lastKind);
      require(
          (answersMissing > 0) == (kind == StoreSnapshot.ANSWER),
          "answers of a session are missing or misplaced",
          kind,
          answersMissing);
      require(
          remainingSeconds == 0 || kind == StoreSnapshot.LEASE || kind == StoreSnapshot.SESSION,
          "no lease behind what is recorded of one",
          kind,
          StoreSnapshot.LEASE);
      lastKind = kind;
      read(kind, reader);
    }
  }

  /**
   * The store, once all slices are in.
   *
   * @throws MalformedException if some are missing
   */
  public Store finish() throws MalformedException {
    require(ended, "no end: last record is of kind", lastKind, StoreSnapshot.END);
    return store;
  }

  private void read(int kind, ByteReader reader) throws MalformedException {
    switch (kind) {
      case StoreSnapshot.HEADER -> readHeader(reader);
      case StoreSnapshot.REMAINING -> readRemaining(reader);
      case StoreSnapshot.LEASE, StoreSnapshot.SESSION ->
          readLease(reader, kind == StoreSnapshot.SESSION);
      case StoreSnapshot.ANSWER -> readAnswer(reader);
      case StoreSnapshot.ITEM -> readItem(reader);
      case StoreSnapshot.COMPACTED_PUT -> readCompactedPut(reader);
      case StoreSnapshot.COMPACTED_DELETE -> readCompactedDelete(reader);
      case StoreSnapshot.COMPACTED_GONE -> readCompactedGone(reader);
      case StoreSnapshot.PUT, StoreSnapshot.PUT_LAST ->
          readPut(reader, kind == StoreSnapshot.PUT_LAST);
      case StoreSnapshot.DELETE, StoreSnapshot.DELETE_LAST ->
          readDelete(reader, kind == StoreSnapshot.DELETE_LAST);
      case StoreSnapshot.END -> readEnd(reader);
      default -> throw new MalformedException("snapshot: unknown record " + kind);
    }
  }

  /** All kinds of leases may alternate, and of changes; otherwise the kinds come in order. */
  private static int section(int kind) {
    return switch (kind) {
      case StoreSnapshot.REMAINING, StoreSnapshot.SESSION, StoreSnapshot.ANSWER ->
          StoreSnapshot.LEASE;
      case StoreSnapshot.COMPACTED_DELETE, StoreSnapshot.COMPACTED_GONE ->
          StoreSnapshot.COMPACTED_PUT;
      case StoreSnapshot.PUT_LAST, StoreSnapshot.DELETE, StoreSnapshot.DELETE_LAST ->
          StoreSnapshot.PUT;
      default -> kind;
    };
  }

  private void endSection() {
    if (!compacted.isEmpty()) {
      store.history().restoreCompacted(compacted);
      compacted.clear();
    }
  }

  private void readHeader(ByteReader reader) throws MalformedException {
    long format = reader.varint();
    require(format == StoreSnapshot.FORMAT, "unknown format", format, StoreSnapshot.FORMAT);
    revision = reader.varint();
    long compactRevision = reader.varint();
    require(
        compactRevision >= 0 && revision >= Math.max(1, compactRevision),
        "compact revision above revision",
        compactRevision,
        revision);
    hash = reader.fixed64();
    store = new Store(compactRevision);
    store.leaseTable().restoreSequence(reader.varint());
    leasesMissing = reader.varint();
  }

  private void readRemaining(ByteReader reader) throws MalformedException {
    remainingSeconds = reader.varint();
    require(remainingSeconds >= 1, "recorded time of a lease below 1", remainingSeconds, 1);
  }

  private void readLease(ByteReader reader, boolean hasAnswers) throws MalformedException {
    Lease lease = new Lease(reader.varint(), reader.varint(), reader.varint());
    if (remainingSeconds != 0) {
      require(
          remainingSeconds < lease.ttlSeconds(),
          "recorded time of a lease is not less than all of it",
          remainingSeconds,
          lease.ttlSeconds());
      lease = new Lease(lease.id(), lease.ttlSeconds(), lease.renewals(), remainingSeconds);
      remainingSeconds = 0;
    }
    require(!store.leaseTable().contains(lease.id()), "lease given twice", lease.id(), 0);
    store.leaseTable().restore(lease);
    leasesMissing--;
    if (hasAnswers) {
      long answers = reader.varint();
      require(
          answers >= 1 && answers <= Once.WINDOW,
          "number of answers out of range",
          answers,
          Once.WINDOW);
      session = lease.id();
      answersMissing = (int) answers;
      lastSequence = 0;
    }
  }

  private void readAnswer(ByteReader reader) throws MalformedException {
    Sessions.Answer answer = new Sessions.Answer(reader.varint(), reader.varint(), reader.bytes());
    require(
        answer.sequence() > lastSequence, "answers out of order", answer.sequence(), lastSequence);
    require(
        answer.revision() >= 1 && answer.revision() <= revision,
        "revision of an answer out of range",
        answer.revision(),
        revision);
    require(
        answer.result().length() <= Once.ANSWER_BYTES_MAX,
        "answer too large",
        answer.result().length(),
        Once.ANSWER_BYTES_MAX);
    if (!answer.result().isEmpty()) {
      OpResultCodec.decode(answer.result());
    }
    store.sessions().add(session, answer);
    lastSequence = answer.sequence();
    answersMissing--;
  }

  private void readItem(ByteReader reader) throws MalformedException {
    Bytes key = reader.bytes();
    Bytes value = reader.bytes();
    Version item =
        new Version(key, value, reader.varint(), reader.varint(), reader.varint(), reader.varint());
    require(
        store.keys() == 0 || key.compareTo(lastKey) > 0,
        "keys out of order",
        key.length(),
        lastKey.length());
    require(
        1 <= item.createRevision
            && item.createRevision <= item.modRevision
            && item.modRevision <= store.compactRevision(),
        "item revisions out of range",
        item.createRevision,
        item.modRevision);
    require(item.version >= 1, "item version below 1", item.version, 1);
    lastKey = key;
    store.restore(item);
    countLeased(0, item.lease);
  }

  private void readCompactedPut(ByteReader reader) throws MalformedException {
    Version item = store.tree().locate(reader.bytes());
    require(
        item != null && !item.isDeletion() && item.modRevision == store.compactRevision(),
        "changed key is not among the items",
        item == null ? 0 : item.modRevision,
        store.compactRevision());
    compacted.add(item);
  }

  private void readCompactedDelete(ByteReader reader) throws MalformedException {
    Bytes key = reader.bytes();
    Version item = store.tree().locate(key);
    require(
        item == null || item.modRevision == store.compactRevision(),
        "deleted key is among the items",
        item == null ? 0 : item.modRevision,
        store.compactRevision());
    Version deletion = new Version(key, store.compactRevision());
    if (item == null) {
      store.tree().place(deletion);
    }
    compacted.add(deletion);
  }

  private void readCompactedGone(ByteReader reader) throws MalformedException {
    long at = store.compactRevision();
    Version put =
        new Version(
            reader.bytes(), reader.bytes(), reader.varint(), at, reader.varint(), reader.varint());
    require(
        1 <= put.createRevision && put.createRevision <= at && put.version >= 1,
        "deleted item out of range",
        put.createRevision,
        at);
    compacted.add(put);
  }

  private void readPut(ByteReader reader, boolean last) throws MalformedException {
    Bytes key = reader.bytes();
    Bytes value = reader.bytes();
    long lease = reader.varint();
    Version newest = store.tree().locate(key);
    requireChange();
    countLeased(newest == null ? 0 : newest.lease, lease);
    store.put(newest, key, value, lease);
    endChange(last);
  }

  private void readDelete(ByteReader reader, boolean last) throws MalformedException {
    Version newest = store.tree().locate(reader.bytes());
    requireChange();
    require(
        newest != null && !newest.isDeletion(),
        "deletion of a missing key",
        store.revision() + 1,
        revision);
    countLeased(newest.lease, 0);
    store.delete(newest);
    endChange(last);
  }

  private void requireChange() throws MalformedException {
    require(store.revision() < revision, "change behind the last", store.revision() + 1, revision);
  }

  private void endChange(boolean last) {
    inRevision = !last;
    if (last) {
      store.commit();
    }
  }

  private void countLeased(long before, long after) {
    leasedKeys += (after == 0 ? 0 : 1) - (before == 0 ? 0 : 1);
  }

  private void readEnd(ByteReader reader) throws MalformedException {
    require(
        store.revision() == revision && !inRevision,
        "changes are missing",
        store.revision(),
        revision);
    require(leasesMissing == 0, "leases are missing", leasesMissing, 0);
    require(
        leasedKeys == store.leaseTable().attachedKeys(),
        "keys hang on missing leases",
        leasedKeys,
        store.leaseTable().attachedKeys());
    long keys = reader.varint();
    require(keys == store.keys(), "keys are missing", store.keys(), keys);
    long versions = reader.varint();
    require(versions == store.revisions(), "versions are missing", store.revisions(), versions);
    store.restoreHash(hash);
    ended = true;
  }

  private static void require(boolean holds, String text, long found, long expected)
      throws MalformedException {
    if (!holds) {
      throw new MalformedException("snapshot: " + text + ": " + found + ", " + expected);
    }
  }
}
