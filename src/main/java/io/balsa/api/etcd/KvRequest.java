package io.balsa.api.etcd;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.data.Bytes;
import io.balsa.mvcc.command.Compare;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.Op.DeleteRange;
import io.balsa.mvcc.command.Op.Put;
import io.balsa.mvcc.command.Op.Range;
import io.balsa.mvcc.command.Op.SortOrder;
import io.balsa.mvcc.command.Op.SortTarget;
import io.balsa.mvcc.command.Op.Txn;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A request of the KV service, read from the wire straight into the store's own operations: these
 * are the calls that must be fast. The numbers are those of {@code rpc.proto}.
 */
final class KvRequest {
  private static final SortOrder[] ORDERS = SortOrder.values();
  private static final SortTarget[] SORT_TARGETS = SortTarget.values();
  private static final Compare.Target[] TARGETS = Compare.Target.values();
  private static final Compare.Operator[] OPERATORS = Compare.Operator.values();
  private static final int NESTED_MAX = 100; // The usual limit of protobuf.

  /** An operation of no kind; broken, and to be known by its identity. */
  static final Op NOTHING = Put.of(Bytes.EMPTY, Bytes.EMPTY, 0);

  private static final KeyRange NO_KEYS = new KeyRange(Bytes.EMPTY, Bytes.EMPTY);

  // Fields of the union in a comparison, by target.
  private static final int[] UNION = {4, 5, 6, 7, 8};

  private final CodedInputStream in;
  private boolean serializable = true;
  private int depth;

  private KvRequest(byte[] message) {
    this.in = CodedInputStream.newInstance(message);
  }

  /** An operation, and whether all that it reads may be read without asking other members. */
  record Read(Op op, boolean serializable) {}

  static Read range(byte[] message) throws InvalidProtocolBufferException {
    KvRequest request = new KvRequest(message);
    return request.read(request::range);
  }

  static Op put(byte[] message) throws InvalidProtocolBufferException {
    KvRequest request = new KvRequest(message);
    return request.read(request::put).op();
  }

  static Op deleteRange(byte[] message) throws InvalidProtocolBufferException {
    KvRequest request = new KvRequest(message);
    return request.read(request::deleteRange).op();
  }

  static Read txn(byte[] message) throws InvalidProtocolBufferException {
    KvRequest request = new KvRequest(message);
    return request.read(request::txn);
  }

  private interface Part {
    Op read() throws IOException;
  }

  private Read read(Part part) throws InvalidProtocolBufferException {
    try {
      Op op = part.read();
      return new Read(op, serializable);
    } catch (InvalidProtocolBufferException e) {
      throw e;
    } catch (IOException e) {
      throw new InvalidProtocolBufferException(e);
    }
  }

  private Op range() throws IOException {
    Bytes key = Bytes.EMPTY;
    Bytes end = Bytes.EMPTY;
    long limit = 0;
    long revision = 0;
    int order = 0;
    int target = 0;
    boolean local = false;
    boolean keysOnly = false;
    boolean countOnly = false;
    long minMod = 0;
    long maxMod = 0;
    long minCreate = 0;
    long maxCreate = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag >>> 3) {
        case 1 -> key = bytes();
        case 2 -> end = bytes();
        case 3 -> limit = in.readInt64();
        case 4 -> revision = in.readInt64();
        case 5 -> order = in.readEnum();
        case 6 -> target = in.readEnum();
        case 7 -> local = in.readBool();
        case 8 -> keysOnly = in.readBool();
        case 9 -> countOnly = in.readBool();
        case 10 -> minMod = in.readInt64();
        case 11 -> maxMod = in.readInt64();
        case 12 -> minCreate = in.readInt64();
        case 13 -> maxCreate = in.readInt64();
        default -> in.skipField(tag);
      }
    }
    serializable &= local;
    if (!isKnown(order, ORDERS) || !isKnown(target, SORT_TARGETS)) {
      throw Errors.badSort();
    }
    return new Range(
        keys(key, end),
        revision,
        Math.max(0, limit),
        ORDERS[order],
        SORT_TARGETS[target],
        keysOnly,
        countOnly,
        minMod,
        maxMod,
        minCreate,
        maxCreate);
  }

  private Op put() throws IOException {
    Bytes key = Bytes.EMPTY;
    Bytes value = Bytes.EMPTY;
    long lease = 0;
    boolean previous = false;
    boolean ignoreValue = false;
    boolean ignoreLease = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag >>> 3) {
        case 1 -> key = bytes();
        case 2 -> value = bytes();
        case 3 -> lease = in.readInt64();
        case 4 -> previous = in.readBool();
        case 5 -> ignoreValue = in.readBool();
        case 6 -> ignoreLease = in.readBool();
        default -> in.skipField(tag);
      }
    }
    return new Put(key, value, lease, previous, ignoreValue, ignoreLease);
  }

  private Op deleteRange() throws IOException {
    Bytes key = Bytes.EMPTY;
    Bytes end = Bytes.EMPTY;
    boolean previous = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag >>> 3) {
        case 1 -> key = bytes();
        case 2 -> end = bytes();
        case 3 -> previous = in.readBool();
        default -> in.skipField(tag);
      }
    }
    return new DeleteRange(keys(key, end), previous);
  }

  private Op txn() throws IOException {
    if (++depth > NESTED_MAX) {
      throw Errors.invalid("too many operations in txn request");
    }
    List<Compare> compares = new ArrayList<>();
    List<Op> success = new ArrayList<>();
    List<Op> failure = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag >>> 3) {
        case 1 -> {
          int limit = in.pushLimit(in.readRawVarint32());
          compares.add(compare());
          in.popLimit(limit);
        }
        case 2 -> requestOp(success);
        case 3 -> requestOp(failure);
        default -> in.skipField(tag);
      }
    }
    depth--;
    return new Txn(compares, success, failure);
  }

  /** One of several kinds of operation, or of none. */
  private void requestOp(List<Op> ops) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    Op op = NOTHING;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if ((tag >>> 3) > 4) {
        in.skipField(tag);
        continue;
      }
      int inner = in.pushLimit(in.readRawVarint32());
      op =
          switch (tag >>> 3) {
            case 1 -> range();
            case 2 -> put();
            case 3 -> deleteRange();
            default -> txn();
          };
      in.popLimit(inner);
    }
    in.popLimit(limit);
    ops.add(op);
  }

  private Compare compare() throws IOException {
    int result = 0;
    int target = 0;
    Bytes key = Bytes.EMPTY;
    Bytes end = Bytes.EMPTY;
    int union = 0;
    long number = 0;
    Bytes value = Bytes.EMPTY;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int field = tag >>> 3;
      switch (field) {
        case 1 -> result = in.readEnum();
        case 2 -> target = in.readEnum();
        case 3 -> key = bytes();
        case 4, 5, 6, 8 -> {
          union = field;
          number = in.readInt64();
        }
        case 7 -> {
          union = field;
          value = bytes();
        }
        case 64 -> end = bytes();
        default -> in.skipField(tag);
      }
    }
    if (!isKnown(result, OPERATORS) || !isKnown(target, TARGETS)) {
      throw Errors.invalid("invalid comparison: result " + result + ", target " + target);
    }
    boolean fits = union == UNION[target]; // What belongs to another target counts as not given.
    return new Compare(
        keys(key, end),
        TARGETS[target],
        OPERATORS[result],
        fits && union == 7 ? value : Bytes.EMPTY,
        fits && union != 7 ? number : 0);
  }

  /** Without a key, even one with an end is broken: so it is found in its turn. */
  private static KeyRange keys(Bytes key, Bytes end) {
    return key.isEmpty() ? NO_KEYS : new KeyRange(key, end);
  }

  private static boolean isKnown(int number, Object[] known) {
    return number >= 0 && number < known.length;
  }

  private Bytes bytes() throws IOException {
    return Bytes.wrap(in.readByteArray());
  }
}
