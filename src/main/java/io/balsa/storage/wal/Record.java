package io.balsa.storage.wal;

import io.balsa.data.ByteReader;
import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.raft.message.Entries;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message.StorageAppend;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What a frame's body says. Written to buffers directly, without garbage; read as values. */
sealed interface Record {
  /** The version of the format that this code writes, and the only one that it reads. */
  int FORMAT_VERSION = 1;

  int HEAD = 1;
  int BATCH = 2;
  int MARK = 3;
  int END = 4;

  /** How many snapshots are remembered: the newest, and the one to fall back to. */
  int MARKS_MAX = 2;

  /**
   * The first record of a segment: all that the segments before it would say, but for entries.
   *
   * @param previousBytes where the frames of the segment before end, 0 in the first
   * @param last the last entry of the log
   * @param marks the newest snapshots, ascending
   */
  record Head(
      LogOwner owner, long previousBytes, HardState hardState, EntryId last, List<EntryId> marks)
      implements Record {
    static final int BYTES_MAX = 128;

    public Head {
      marks = List.copyOf(marks);
    }
  }

  /**
   * What one {@link StorageAppend} makes durable.
   *
   * @param hardState {@link HardState#EMPTY} for no change
   * @param installed the snapshot that replaces the log, {@link EntryId#ZERO} for none
   */
  record Batch(HardState hardState, EntryId installed, List<Entry> entries) implements Record {
    public Batch {
      entries = Entries.copyOf(entries);
    }
  }

  /** A snapshot of this member's own state has a durable file; the log goes on as it is. */
  record Mark(EntryId snapshot) implements Record {}

  /** Everything before this was forced. The last of a log that was closed in order. */
  record End() implements Record {}

  /** An upper bound of the bytes that {@link #put(ByteBuffer, StorageAppend)} writes. */
  static long bytesMax(StorageAppend batch) {
    long bytes = 64;
    for (Entry entry : batch.entries()) {
      bytes += entry.encodedBytes();
    }
    return bytes;
  }

  /** Writes the body of a batch. */
  static void put(ByteBuffer out, StorageAppend batch) {
    boolean hasHardState = !batch.hardState().isEmpty();
    boolean hasSnapshot = !batch.snapshot().isEmpty();
    out.put((byte) ((hasHardState ? 1 : 0) | (hasSnapshot ? 2 : 0)));
    if (hasHardState) {
      put(out, batch.hardState());
    }
    if (hasSnapshot) {
      put(out, batch.snapshot().last());
    }
    List<Entry> entries = batch.entries();
    putVarint(out, entries.size());
    if (!entries.isEmpty()) {
      putVarint(out, entries.get(0).index());
      for (int i = 0; i < entries.size(); i++) {
        Entry entry = entries.get(i);
        putVarint(out, entry.term());
        out.put((byte) entry.type().ordinal());
        putVarint(out, entry.data().length());
        out.put(entry.data().unsafeBuffer());
      }
    }
  }

  /** Writes the body of a head. */
  static void put(ByteBuffer out, Head head) {
    out.putInt(FORMAT_VERSION);
    out.putLong(head.owner().clusterId());
    out.putLong(head.owner().memberId());
    putVarint(out, head.previousBytes());
    put(out, head.hardState());
    put(out, head.last());
    putVarint(out, head.marks().size());
    for (EntryId mark : head.marks()) {
      put(out, mark);
    }
  }

  /** Writes an id: the body of a mark. */
  static void put(ByteBuffer out, EntryId id) {
    putVarint(out, id.term());
    putVarint(out, id.index());
  }

  private static void put(ByteBuffer out, HardState state) {
    putVarint(out, state.term());
    out.putLong(state.vote());
    putVarint(out, state.commit());
  }

  private static void putVarint(ByteBuffer out, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  /** Reads a body. */
  static Record read(int kind, ByteReader in) throws MalformedException {
    Record record =
        switch (kind) {
          case HEAD -> readHead(in);
          case BATCH -> readBatch(in);
          case MARK -> new Mark(readId(in));
          case END -> {
            in.u8();
            yield new End();
          }
          default -> throw new MalformedException("unknown kind of record: " + kind);
        };
    in.expectEnd();
    return record;
  }

  private static Head readHead(ByteReader in) throws MalformedException {
    int version = in.fixed32();
    if (version != FORMAT_VERSION) {
      throw new MalformedException(
          "format version " + version + ", this release reads " + FORMAT_VERSION);
    }
    LogOwner owner = new LogOwner(in.fixed64(), in.fixed64());
    long previousBytes = in.varint();
    HardState hardState = readHardState(in);
    EntryId last = readId(in);
    int count = in.count(2);
    List<EntryId> marks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      marks.add(readId(in));
    }
    return new Head(owner, previousBytes, hardState, last, marks);
  }

  private static Batch readBatch(ByteReader in) throws MalformedException {
    int flags = in.u8();
    HardState hardState = (flags & 1) != 0 ? readHardState(in) : HardState.EMPTY;
    EntryId installed = (flags & 2) != 0 ? readId(in) : EntryId.ZERO;
    if ((flags & 2) != 0 && installed.index() == 0) {
      throw new MalformedException("installed snapshot has index 0: " + installed);
    }
    int count = in.count(3);
    List<Entry> entries = new ArrayList<>(count);
    long index = count > 0 ? in.varint() : 0;
    for (int i = 0; i < count; i++) {
      long term = in.varint();
      int type = in.u8();
      if (type >= TYPES.length) {
        throw new MalformedException("unknown type of entry: " + type);
      }
      Bytes data = in.bytes();
      entries.add(new Entry(term, index + i, TYPES[type], data));
    }
    return new Batch(hardState, installed, entries);
  }

  private static HardState readHardState(ByteReader in) throws MalformedException {
    return new HardState(in.varint(), in.fixed64(), in.varint());
  }

  private static EntryId readId(ByteReader in) throws MalformedException {
    return new EntryId(in.varint(), in.varint());
  }

  EntryType[] TYPES = EntryType.values();
}
