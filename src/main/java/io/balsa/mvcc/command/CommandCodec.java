package io.balsa.mvcc.command;

import io.balsa.data.ByteReader;
import io.balsa.data.ByteWriter;
import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.mvcc.command.Op.DeleteRange;
import io.balsa.mvcc.command.Op.Put;
import io.balsa.mvcc.command.Op.Range;
import io.balsa.mvcc.command.Op.SortOrder;
import io.balsa.mvcc.command.Op.SortTarget;
import io.balsa.mvcc.command.Op.Txn;
import java.util.ArrayList;
import java.util.List;

/**
 * Commands as bytes, the form in which they stand in the log. Equal commands have equal bytes.
 *
 * <p>The first byte names the kind and with it the layout: a layout that changes gets a new kind,
 * and the old one stays readable. Decoding hostile bytes ends in a {@link MalformedException},
 * takes no more memory than a small multiple of the input, and no deeper stack than {@link
 * Ops#TXN_DEPTH_MAX} asks for.
 */
public final class CommandCodec {
  private static final int RANGE = 1;
  private static final int PUT = 2;
  private static final int DELETE_RANGE = 3;
  private static final int TXN = 4;
  private static final int COMPACT = 16;
  private static final int LEASE_GRANT = 17;
  private static final int LEASE_REVOKE = 18;
  private static final int LEASE_KEEP_ALIVE = 19;
  private static final int LEASE_EXPIRE = 20;
  private static final int WRITE_ONCE = 21;
  private static final int LEASE_CHECKPOINT = 22;

  private static final int PUT_PREVIOUS = 1;
  private static final int PUT_IGNORE_VALUE = 2;
  private static final int PUT_IGNORE_LEASE = 4;
  private static final int PUT_LEASE = 8;

  private static final int RANGE_KEYS_ONLY = 1;
  private static final int RANGE_COUNT_ONLY = 2;
  private static final int RANGE_BOUNDS = 4;

  // As arrays once: values() copies on each call.
  private static final SortOrder[] ORDERS = SortOrder.values();
  private static final SortTarget[] SORT_TARGETS = SortTarget.values();
  private static final Compare.Target[] TARGETS = Compare.Target.values();
  private static final Compare.Operator[] OPERATORS = Compare.Operator.values();

  // Of a comparison or an operation, so that a false count is found before it takes memory.
  private static final int PART_BYTES_MIN = 4;
  private static final int REMAINING_BYTES_MIN = 3;

  private CommandCodec() {}

  /** {@code command} as bytes. */
  public static Bytes encode(Command command) {
    ByteWriter writer = new ByteWriter(capacity(command));
    encode(command, writer);
    return writer.finish();
  }

  /** Writes {@code command} behind what {@code writer} holds. */
  public static void encode(Command command, ByteWriter writer) {
    if (command instanceof Command.Write write) {
      encodeOp(write.op(), writer);
    } else if (command instanceof Command.WriteOnce write) {
      writer.u8(WRITE_ONCE).varint(write.once().session()).varint(write.once().sequence());
      encodeOp(write.op(), writer);
    } else if (command instanceof Command.Compact compact) {
      writer.u8(COMPACT).varint(compact.revision());
    } else if (command instanceof Command.LeaseGrant grant) {
      writer.u8(LEASE_GRANT).varint(grant.id()).varint(grant.ttlSeconds());
    } else if (command instanceof Command.LeaseRevoke revoke) {
      writer.u8(LEASE_REVOKE).varint(revoke.id());
    } else if (command instanceof Command.LeaseKeepAlive keepAlive) {
      writer.u8(LEASE_KEEP_ALIVE).varint(keepAlive.id());
    } else if (command instanceof Command.LeaseCheckpoint checkpoint) {
      writer.u8(LEASE_CHECKPOINT).varint(checkpoint.leases().size());
      for (Command.Remaining lease : checkpoint.leases()) {
        writer.varint(lease.id()).varint(lease.renewals()).varint(lease.seconds());
      }
    } else {
      Command.LeaseExpire expire = (Command.LeaseExpire) command;
      writer.u8(LEASE_EXPIRE).varint(expire.id()).varint(expire.renewals());
    }
  }

  /**
   * The command that {@code bytes} are, all of them.
   *
   * @throws MalformedException if they are none
   */
  public static Command decode(Bytes bytes) throws MalformedException {
    ByteReader reader = new ByteReader(bytes);
    Command command = decode(reader);
    reader.expectEnd();
    return command;
  }

  /**
   * Reads one command, and leaves what stands behind it.
   *
   * @throws MalformedException if there is none
   */
  public static Command decode(ByteReader reader) throws MalformedException {
    int kind = reader.u8();
    return switch (kind) {
      case RANGE, PUT, DELETE_RANGE, TXN -> new Command.Write(decodeOp(kind, reader, 0));
      case COMPACT -> new Command.Compact(reader.varint());
      case LEASE_GRANT -> new Command.LeaseGrant(reader.varint(), reader.varint());
      case LEASE_REVOKE -> new Command.LeaseRevoke(reader.varint());
      case LEASE_KEEP_ALIVE -> new Command.LeaseKeepAlive(reader.varint());
      case LEASE_EXPIRE -> new Command.LeaseExpire(reader.varint(), reader.varint());
      case WRITE_ONCE ->
          new Command.WriteOnce(decodeOnce(reader), decodeOp(reader.u8(), reader, 0));
      case LEASE_CHECKPOINT -> decodeCheckpoint(reader);
      default -> throw new MalformedException("command: unknown kind " + kind);
    };
  }

  /** About as many bytes as {@code command} takes. */
  public static int capacity(Command command) {
    if (command instanceof Command.Write write) {
      return capacity(write.op());
    }
    return command instanceof Command.WriteOnce write ? capacity(write.op()) + 20 : 256;
  }

  private static int capacity(Op op) {
    return op instanceof Put put ? put.key().length() + put.value().length() + 40 : 256;
  }

  private static Command decodeCheckpoint(ByteReader reader) throws MalformedException {
    int count = reader.count(REMAINING_BYTES_MIN);
    List<Command.Remaining> leases = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      leases.add(new Command.Remaining(reader.varint(), reader.varint(), reader.varint()));
    }
    return new Command.LeaseCheckpoint(leases);
  }

  private static Once decodeOnce(ByteReader reader) throws MalformedException {
    Once once = new Once(reader.varint(), reader.varint());
    if (once.session() == 0 || once.sequence() < 1) {
      throw new MalformedException(
          "command: session must not be 0, sequence must be 1 or more: " + once);
    }
    return once;
  }

  private static void encodeOp(Op op, ByteWriter writer) {
    if (op instanceof Put put) {
      encodePut(put, writer);
    } else if (op instanceof DeleteRange delete) {
      writer.u8(DELETE_RANGE).bool(delete.previous());
      encodeKeys(delete.keys(), writer);
    } else if (op instanceof Range range) {
      encodeRange(range, writer);
    } else {
      encodeTxn((Txn) op, writer);
    }
  }

  private static Op decodeOp(int kind, ByteReader reader, int depth) throws MalformedException {
    return switch (kind) {
      case RANGE -> decodeRange(reader);
      case PUT -> decodePut(reader);
      case DELETE_RANGE -> {
        boolean previous = reader.bool();
        yield new DeleteRange(decodeKeys(reader), previous);
      }
      case TXN -> decodeTxn(reader, depth + 1);
      default -> throw new MalformedException("command: unknown kind of operation " + kind);
    };
  }

  private static void encodePut(Put put, ByteWriter writer) {
    int flags =
        (put.previous() ? PUT_PREVIOUS : 0)
            | (put.ignoreValue() ? PUT_IGNORE_VALUE : 0)
            | (put.ignoreLease() ? PUT_IGNORE_LEASE : 0)
            | (put.lease() != 0 ? PUT_LEASE : 0);
    writer.u8(PUT).u8(flags).bytes(put.key()).bytes(put.value());
    if (put.lease() != 0) {
      writer.varint(put.lease());
    }
  }

  private static Put decodePut(ByteReader reader) throws MalformedException {
    int flags = flags(reader, PUT_PREVIOUS | PUT_IGNORE_VALUE | PUT_IGNORE_LEASE | PUT_LEASE);
    Bytes key = reader.bytes();
    Bytes value = reader.bytes();
    long lease = (flags & PUT_LEASE) == 0 ? 0 : reader.varint();
    return new Put(
        key,
        value,
        lease,
        (flags & PUT_PREVIOUS) != 0,
        (flags & PUT_IGNORE_VALUE) != 0,
        (flags & PUT_IGNORE_LEASE) != 0);
  }

  private static void encodeRange(Range range, ByteWriter writer) {
    boolean bounds =
        (range.minModRevision()
                | range.maxModRevision()
                | range.minCreateRevision()
                | range.maxCreateRevision())
            != 0;
    int flags =
        (range.keysOnly() ? RANGE_KEYS_ONLY : 0)
            | (range.countOnly() ? RANGE_COUNT_ONLY : 0)
            | (bounds ? RANGE_BOUNDS : 0);
    writer.u8(RANGE).u8(flags);
    encodeKeys(range.keys(), writer);
    writer.varint(range.revision()).varint(range.limit());
    writer.u8(range.order().ordinal() * SORT_TARGETS.length + range.target().ordinal());
    if (bounds) {
      writer
          .varint(range.minModRevision())
          .varint(range.maxModRevision())
          .varint(range.minCreateRevision())
          .varint(range.maxCreateRevision());
    }
  }

  private static Range decodeRange(ByteReader reader) throws MalformedException {
    int flags = flags(reader, RANGE_KEYS_ONLY | RANGE_COUNT_ONLY | RANGE_BOUNDS);
    KeyRange keys = decodeKeys(reader);
    long revision = reader.varint();
    long limit = reader.varint();
    int sort = below(ORDERS.length * SORT_TARGETS.length, reader, "sort");
    boolean bounds = (flags & RANGE_BOUNDS) != 0;
    return new Range(
        keys,
        revision,
        limit,
        ORDERS[sort / SORT_TARGETS.length],
        SORT_TARGETS[sort % SORT_TARGETS.length],
        (flags & RANGE_KEYS_ONLY) != 0,
        (flags & RANGE_COUNT_ONLY) != 0,
        bounds ? reader.varint() : 0,
        bounds ? reader.varint() : 0,
        bounds ? reader.varint() : 0,
        bounds ? reader.varint() : 0);
  }

  private static void encodeTxn(Txn txn, ByteWriter writer) {
    writer.u8(TXN).varint(txn.compares().size());
    for (Compare compare : txn.compares()) {
      writer.u8(compare.target().ordinal() * OPERATORS.length + compare.operator().ordinal());
      encodeKeys(compare.keys(), writer);
      if (compare.target() == Compare.Target.VALUE) {
        writer.bytes(compare.value());
      } else {
        writer.varint(compare.number());
      }
    }
    encodeOps(txn.then(), writer);
    encodeOps(txn.otherwise(), writer);
  }

  private static void encodeOps(List<Op> ops, ByteWriter writer) {
    writer.varint(ops.size());
    for (Op op : ops) {
      encodeOp(op, writer);
    }
  }

  private static Txn decodeTxn(ByteReader reader, int depth) throws MalformedException {
    if (depth > Ops.TXN_DEPTH_MAX) {
      throw new MalformedException(
          "command: transactions are nested deeper than " + Ops.TXN_DEPTH_MAX);
    }
    int count = reader.count(PART_BYTES_MIN);
    List<Compare> compares = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      compares.add(decodeCompare(reader));
    }
    return new Txn(compares, decodeOps(reader, depth), decodeOps(reader, depth));
  }

  private static Compare decodeCompare(ByteReader reader) throws MalformedException {
    int kind = below(TARGETS.length * OPERATORS.length, reader, "comparison");
    Compare.Target target = TARGETS[kind / OPERATORS.length];
    Compare.Operator operator = OPERATORS[kind % OPERATORS.length];
    KeyRange keys = decodeKeys(reader);
    return target == Compare.Target.VALUE
        ? new Compare(keys, target, operator, reader.bytes(), 0)
        : new Compare(keys, target, operator, Bytes.EMPTY, reader.varint());
  }

  private static List<Op> decodeOps(ByteReader reader, int depth) throws MalformedException {
    int count = reader.count(PART_BYTES_MIN);
    List<Op> ops = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ops.add(decodeOp(reader.u8(), reader, depth));
    }
    return ops;
  }

  private static void encodeKeys(KeyRange keys, ByteWriter writer) {
    writer.bytes(keys.key()).bytes(keys.end());
  }

  private static KeyRange decodeKeys(ByteReader reader) throws MalformedException {
    return new KeyRange(reader.bytes(), reader.bytes());
  }

  private static int flags(ByteReader reader, int known) throws MalformedException {
    int flags = reader.u8();
    if ((flags & ~known) != 0) {
      throw new MalformedException("command: unknown flags " + flags);
    }
    return flags;
  }

  private static int below(int limit, ByteReader reader, String what) throws MalformedException {
    int value = reader.u8();
    if (value >= limit) {
      throw new MalformedException("command: unknown " + what + " " + value);
    }
    return value;
  }
}
