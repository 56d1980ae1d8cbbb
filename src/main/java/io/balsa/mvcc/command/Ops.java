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
   * The first rule that {@code op} breaks, if any. Whether a key is written twice is checked as by
   * {@link #isWrittenTwice}.
   *
   * @param txnOpsMax the largest number of conditions, and of operations in either list, of a
   *     transaction; a nested one has what the largest of the three lists around it leaves, as in
   *     etcd
   */
  public static Optional<Violation> check(Op op, int txnOpsMax) {
    return check(op, txnOpsMax, false);
  }

  /**
   * As {@link #check}, but no key may be put twice, or put and deleted, on one path of a
   * transaction: the rule of Balsa's own APIs.
   */
  public static Optional<Violation> checkStrictly(Op op, int txnOpsMax) {
    return check(op, txnOpsMax, true);
  }

  private static Optional<Violation> check(Op op, int txnOpsMax, boolean strict) {
    Violation violation = checkOne(op, txnOpsMax, 0);
    if (violation == null && op instanceof Txn txn) {
      Bytes key = duplicateKey(txn, strict);
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
   * Whether {@code txn} puts a key twice, or puts and deletes it, on one path whatever its
   * conditions say. The two lists of one transaction exclude each other; deleting twice is allowed.
   *
   * <p>Two deletions are overlooked, as by etcd: one without an upper end, and one that stands in a
   * nested transaction behind another one with the put. What they write then happens in the order
   * of the operations, all under one revision.
   */
  public static boolean isWrittenTwice(Txn txn) {
    return duplicateKey(txn, false) != null;
  }

  private static Bytes duplicateKey(Txn txn, boolean strict) {
    Bytes key = new Writes(strict).addAll(txn.then());
    return key != null ? key : new Writes(strict).addAll(txn.otherwise());
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
    private final boolean strict;
    private final TreeSet<Bytes> puts = new TreeSet<>();
    private final List<KeyRange> deletes = new ArrayList<>();

    Writes(boolean strict) {
      this.strict = strict;
    }

    /** Adds each operation; a key that is found to be written twice, or null. */
    Bytes addAll(List<Op> ops) {
      for (Op op : ops) {
        // Etcd takes an end of one zero byte for a lower end, so that the range is empty.
        if (op instanceof DeleteRange delete && (strict || !delete.keys().isUnbounded())) {
          deletes.add(delete.keys());
        }
      }
      for (Op op : ops) {
        Bytes key = op instanceof Txn txn ? addTxn(txn) : null;
        if (key != null) {
          return key;
        }
      }
      for (Op op : ops) {
        if (op instanceof Put put && (isWritten(put.key()) || !puts.add(put.key()))) {
          return put.key();
        }
      }
      return null;
    }

    /** Its two lists are each checked against what was there before, not against each other. */
    private Bytes addTxn(Txn txn) {
      List<Writes> lists = new ArrayList<>();
      for (List<Op> ops : List.of(txn.then(), txn.otherwise())) {
        Writes list = new Writes(strict);
        Bytes key = list.addAll(ops);
        key = key != null ? key : conflict(list);
        if (key != null) {
          return key;
        }
        lists.add(list);
      }
      for (Writes list : lists) {
        puts.addAll(list.puts);
        deletes.addAll(list.deletes);
      }
      return null;
    }

    private Bytes conflict(Writes list) {
      for (Bytes key : list.puts) {
        if (isWritten(key)) {
          return key;
        }
      }
      return strict ? list.deletedOf(puts) : null; // Etcd overlooks a deletion behind the put.
    }

    private boolean isWritten(Bytes key) {
      return puts.contains(key) || deletes.stream().anyMatch(range -> range.contains(key));
    }

    private Bytes deletedOf(TreeSet<Bytes> keys) {
      for (KeyRange range : deletes) {
        Bytes first = keys.ceiling(range.key());
        if (first != null && range.contains(first)) {
          return first;
        }
      }
      return null;
    }
  }
}
