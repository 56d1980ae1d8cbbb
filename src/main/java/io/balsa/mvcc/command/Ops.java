package io.balsa.mvcc.command;

import io.balsa.data.Bytes;
import io.balsa.mvcc.command.Op.DeleteRange;
import io.balsa.mvcc.command.Op.Put;
import io.balsa.mvcc.command.Op.Range;
import io.balsa.mvcc.command.Op.Txn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The rules that an operation must keep whatever the store holds: checked before it is proposed.
 */
public final class Ops {
  /** How deep transactions may be nested; a transaction without nested ones has depth 1. */
  public static final int TXN_DEPTH_MAX = 32;

  private static final int SHOWN_KEY_BYTES_MAX = 64;

  private Ops() {}

  /** Which rule is broken, so that each API can use its own words. */
  public enum Rule {
    KEY_EMPTY,
    VALUE_WITH_IGNORE_VALUE,
    LEASE_WITH_IGNORE_LEASE,
    TOO_MANY_OPERATIONS,
    NESTED_TOO_DEEP,
    DUPLICATE_KEY
  }

  /**
   * A broken rule.
   *
   * @param op what breaks it, the operation itself or a part of it
   * @param detail the value found and the rule, for people
   */
  public record Violation(Rule rule, Op op, String detail) {}

  /**
   * The first rule that {@code op} breaks, if any.
   *
   * @param txnOpsMax the largest number of conditions, and of operations in either list, of a
   *     transaction; a nested one has what the largest of the three lists around it leaves, as in
   *     etcd
   */
  public static Optional<Violation> check(Op op, int txnOpsMax) {
    Violation violation = checkOne(op, txnOpsMax, 0);
    if (violation == null && op instanceof Txn txn) {
      Bytes key = duplicateKey(txn);
      if (key != null) {
        violation =
            new Violation(
                Rule.DUPLICATE_KEY,
                txn,
                "key " + shown(key) + " is written twice on one path of the transaction");
      }
    }
    return Optional.ofNullable(violation);
  }

  /** Whether no path of {@code op} writes, so that it needs no entry in the log. */
  public static boolean isReadOnly(Op op) {
    if (op instanceof Txn txn) {
      return txn.then().stream().allMatch(Ops::isReadOnly)
          && txn.otherwise().stream().allMatch(Ops::isReadOnly);
    }
    return op instanceof Range;
  }

  /**
   * A key that is put twice, or put and deleted, on one path of {@code txn} whatever its conditions
   * say, or null. The two lists of one transaction exclude each other; deleting twice is allowed.
   */
  public static Bytes duplicateKey(Txn txn) {
    Writes then = new Writes();
    Bytes key = then.addAll(txn.then());
    return key != null ? key : new Writes().addAll(txn.otherwise());
  }

  private static Violation checkOne(Op op, int opsMax, int depth) {
    if (op instanceof Put put) {
      return checkPut(put);
    }
    if (op instanceof DeleteRange delete) {
      return checkKeys(delete, delete.keys());
    }
    if (op instanceof Range range) {
      return checkKeys(range, range.keys());
    }
    return checkTxn((Txn) op, opsMax, depth + 1);
  }

  private static Violation checkPut(Put put) {
    if (put.key().isEmpty()) {
      return new Violation(
          Rule.KEY_EMPTY, put, "key is empty: a put needs a key of 1 byte or more");
    }
    if (put.ignoreValue() && !put.value().isEmpty()) {
      return new Violation(
          Rule.VALUE_WITH_IGNORE_VALUE,
          put,
          "value has " + put.value().length() + " bytes: must be empty where the old one is kept");
    }
    if (put.ignoreLease() && put.lease() != 0) {
      return new Violation(
          Rule.LEASE_WITH_IGNORE_LEASE,
          put,
          "lease is " + Long.toHexString(put.lease()) + ": must be 0 where the old one is kept");
    }
    return null;
  }

  private static Violation checkKeys(Op op, KeyRange keys) {
    if (keys.key().isEmpty() && keys.isSingle()) {
      return new Violation(Rule.KEY_EMPTY, op, "key is empty: a single key has 1 byte or more");
    }
    return null;
  }

  private static Violation checkTxn(Txn txn, int opsMax, int depth) {
    if (depth > TXN_DEPTH_MAX) {
      return new Violation(
          Rule.NESTED_TOO_DEEP, txn, "transactions are nested deeper than " + TXN_DEPTH_MAX);
    }
    int largest =
        Math.max(txn.compares().size(), Math.max(txn.then().size(), txn.otherwise().size()));
    if (largest > opsMax) {
      return new Violation(
          Rule.TOO_MANY_OPERATIONS,
          txn,
          "transaction has " + largest + " operations in one list: at most " + opsMax);
    }
    for (Compare compare : txn.compares()) {
      Violation violation = checkKeys(txn, compare.keys());
      if (violation != null) {
        return violation;
      }
    }
    for (List<Op> list : List.of(txn.then(), txn.otherwise())) {
      for (Op op : list) {
        Violation violation = checkOne(op, opsMax - largest, depth);
        if (violation != null) {
          return violation;
        }
      }
    }
    return null;
  }

  private static String shown(Bytes key) {
    return key.length() <= SHOWN_KEY_BYTES_MAX
        ? key.toString()
        : key.slice(0, SHOWN_KEY_BYTES_MAX) + "...";
  }

  /** What a list of operations may write on any of its paths. */
  private static final class Writes {
    private final TreeSet<Bytes> puts = new TreeSet<>();
    private final List<KeyRange> deletes = new ArrayList<>();

    /** Adds each operation; a key that two of them write, one of them by a put, or null. */
    Bytes addAll(List<Op> ops) {
      for (Op op : ops) {
        Bytes key = add(op);
        if (key != null) {
          return key;
        }
      }
      return null;
    }

    private Bytes add(Op op) {
      if (op instanceof Put put) {
        return addPut(put.key());
      }
      if (op instanceof DeleteRange delete) {
        return addDelete(delete.keys());
      }
      if (op instanceof Txn txn) {
        return addTxn(txn);
      }
      return null;
    }

    private Bytes addPut(Bytes key) {
      for (KeyRange range : deletes) {
        if (range.contains(key)) {
          return key;
        }
      }
      return puts.add(key) ? null : key;
    }

    private Bytes addDelete(KeyRange keys) {
      Bytes first = puts.ceiling(keys.key());
      if (first != null && keys.contains(first)) {
        return first;
      }
      deletes.add(keys);
      return null;
    }

    /** Its two lists are each checked against what was there before, not against each other. */
    private Bytes addTxn(Txn txn) {
      Writes then = new Writes();
      Writes otherwise = new Writes();
      Bytes key = then.addAll(txn.then());
      if (key == null) {
        key = otherwise.addAll(txn.otherwise());
      }
      if (key == null) {
        key = conflict(then);
      }
      if (key == null) {
        key = conflict(otherwise);
      }
      puts.addAll(then.puts);
      puts.addAll(otherwise.puts);
      deletes.addAll(then.deletes);
      deletes.addAll(otherwise.deletes);
      return key;
    }

    private Bytes conflict(Writes other) {
      for (Bytes key : other.puts) {
        if (puts.contains(key)) {
          return key;
        }
      }
      Bytes key = overlap(other.puts, deletes);
      return key != null ? key : overlap(puts, other.deletes);
    }

    private static Bytes overlap(TreeSet<Bytes> puts, List<KeyRange> deletes) {
      for (KeyRange range : deletes) {
        Bytes first = puts.ceiling(range.key());
        if (first != null && range.contains(first)) {
          return first;
        }
      }
      return null;
    }
  }
}
