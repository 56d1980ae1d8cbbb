package io.balsa.mvcc.command;

import io.balsa.data.ByteReader;
import io.balsa.data.ByteWriter;
import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.mvcc.command.OpResult.Deleted;
import io.balsa.mvcc.command.OpResult.Put;
import io.balsa.mvcc.command.OpResult.Ranged;
import io.balsa.mvcc.command.OpResult.Txn;
import java.util.ArrayList;
import java.util.List;

/**
 * Results as bytes, the form in which a session remembers them: in memory and in snapshots. Equal
 * results have equal bytes, of which there is at least one.
 *
 * <p>As in {@link CommandCodec} the first byte names the layout, and decoding hostile bytes ends in
 * a {@link MalformedException}.
 */
public final class OpResultCodec {
  private static final int RANGED = 1;
  private static final int PUT = 2;
  private static final int DELETED = 3;
  private static final int TXN = 4;

  private static final int VARINT_BYTES_MAX = 10;
  private static final int RESULT_BYTES_MAX = 3 + 2 * VARINT_BYTES_MAX; // Without items, results.
  private static final int ITEM_BYTES_MAX = 6 * VARINT_BYTES_MAX; // Without key and value.

  // So that a false count is found before it takes memory.
  private static final int RESULT_BYTES_MIN = 3;
  private static final int ITEM_BYTES_MIN = 6;

  private OpResultCodec() {}

  /** {@code result} as bytes. */
  public static Bytes encode(OpResult result) {
    ByteWriter writer = new ByteWriter((int) Math.min(1024, bytesMax(result)));
    encode(result, writer);
    return Bytes.wrap(writer.toArray());
  }

  /**
   * The result that {@code bytes} are, all of them.
   *
   * @throws MalformedException if they are none
   */
  public static OpResult decode(Bytes bytes) throws MalformedException {
    ByteReader reader = new ByteReader(bytes);
    OpResult result = decode(reader, 0);
    reader.expectEnd();
    return result;
  }

  /** What {@link #encode} takes for {@code result} at most, in bytes; cheaper than to encode it. */
  public static long bytesMax(OpResult result) {
    if (result instanceof Put put) {
      return RESULT_BYTES_MAX + (put.previous() == null ? 0 : bytesMax(put.previous()));
    }
    if (result instanceof Deleted deleted) {
      return bytesMax(deleted.previous());
    }
    if (result instanceof Ranged ranged) {
      return bytesMax(ranged.items());
    }
    long bytes = RESULT_BYTES_MAX;
    for (OpResult each : ((Txn) result).results()) {
      bytes += bytesMax(each);
    }
    return bytes;
  }

  private static long bytesMax(List<KeyValue> items) {
    long bytes = RESULT_BYTES_MAX;
    for (KeyValue item : items) {
      bytes += bytesMax(item);
    }
    return bytes;
  }

  private static long bytesMax(KeyValue item) {
    return (long) item.key().length() + item.value().length() + ITEM_BYTES_MAX;
  }

  private static void encode(OpResult result, ByteWriter writer) {
    if (result instanceof Put put) {
      writer.u8(PUT).bool(put.previous() != null);
      writer.varint(put.revision()).varint(put.version());
      if (put.previous() != null) {
        encode(put.previous(), writer);
      }
    } else if (result instanceof Deleted deleted) {
      writer.u8(DELETED).varint(deleted.deleted());
      encode(deleted.previous(), writer);
    } else if (result instanceof Ranged ranged) {
      writer.u8(RANGED).bool(ranged.more()).varint(ranged.count());
      encode(ranged.items(), writer);
    } else {
      Txn txn = (Txn) result;
      writer.u8(TXN).bool(txn.succeeded()).varint(txn.results().size());
      for (OpResult each : txn.results()) {
        encode(each, writer);
      }
    }
  }

  private static OpResult decode(ByteReader reader, int depth) throws MalformedException {
    int kind = reader.u8();
    return switch (kind) {
      case RANGED -> decodeRanged(reader);
      case PUT -> decodePut(reader);
      case DELETED -> new Deleted(reader.varint(), decodeItems(reader));
      case TXN -> decodeTxn(reader, depth + 1);
      default -> throw new MalformedException("result: unknown kind " + kind);
    };
  }

  private static Ranged decodeRanged(ByteReader reader) throws MalformedException {
    boolean more = reader.bool();
    long count = reader.varint();
    return new Ranged(decodeItems(reader), count, more);
  }

  private static Put decodePut(ByteReader reader) throws MalformedException {
    boolean previous = reader.bool();
    return new Put(reader.varint(), reader.varint(), previous ? decodeItem(reader) : null);
  }

  private static Txn decodeTxn(ByteReader reader, int depth) throws MalformedException {
    if (depth > Ops.TXN_DEPTH_MAX) {
      throw new MalformedException(
          "result: transactions are nested deeper than " + Ops.TXN_DEPTH_MAX);
    }
    boolean succeeded = reader.bool();
    int count = reader.count(RESULT_BYTES_MIN);
    List<OpResult> results = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      results.add(decode(reader, depth));
    }
    return new Txn(succeeded, results);
  }

  private static void encode(List<KeyValue> items, ByteWriter writer) {
    writer.varint(items.size());
    for (KeyValue item : items) {
      encode(item, writer);
    }
  }

  private static List<KeyValue> decodeItems(ByteReader reader) throws MalformedException {
    int count = reader.count(ITEM_BYTES_MIN);
    List<KeyValue> items = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      items.add(decodeItem(reader));
    }
    return items;
  }

  private static void encode(KeyValue item, ByteWriter writer) {
    writer.bytes(item.key()).bytes(item.value());
    writer.varint(item.createRevision()).varint(item.modRevision());
    writer.varint(item.version()).varint(item.lease());
  }

  private static KeyValue decodeItem(ByteReader reader) throws MalformedException {
    return new KeyValue(
        reader.bytes(),
        reader.bytes(),
        reader.varint(),
        reader.varint(),
        reader.varint(),
        reader.varint());
  }
}
