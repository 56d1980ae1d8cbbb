package io.balsa.mvcc;

import io.balsa.mvcc.command.Compare;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.Op.DeleteRange;
import io.balsa.mvcc.command.Op.Put;
import io.balsa.mvcc.command.Op.Range;
import io.balsa.mvcc.command.Op.Txn;
import io.balsa.mvcc.command.OpResult;
import io.balsa.mvcc.command.Ops;
import io.balsa.mvcc.command.Result.Failed;
import io.balsa.mvcc.command.Result.Fault;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Runs one operation in two passes: the first decides the whole path and finds every reason to
 * refuse, the second cannot fail. So nothing is ever undone. This works because a key is put once
 * at most on one path, and the deletions before are known: so it is known before the first write
 * whether a put may keep the old value.
 */
final class Execution {
  private final Store store;
  private final KeyTree tree;
  private final RangeReader reader;
  private final Leases leases;

  // Whether the conditions of each transaction on the path hold, in the order in which they come.
  private final BitSet decisions = new BitSet();
  private int decided;
  private int next;

  // On the path, before the put that is looked at.
  private final List<KeyRange> deletions = new ArrayList<>();

  Execution(Store store, KeyTree tree, RangeReader reader, Leases leases) {
    this.store = store;
    this.tree = tree;
    this.reader = reader;
    this.leases = leases;
  }

  /** Decides the path; the reason to refuse, or null. */
  Failed prepare(Op op) {
    if (op instanceof Txn txn) {
      if (Ops.isWrittenTwice(txn)) {
        return new Failed(
            Fault.DUPLICATE_KEY, "a key is written twice on one path of the transaction");
      }
      decided = 0;
      decide(txn);
      return check(txn);
    }
    if (op instanceof Put put) {
      Failed failed = checkLease(put);
      return failed != null ? failed : checkKept(put);
    }
    return op instanceof Range range ? store.checkRevision(range.revision()) : null;
  }

  /** Does what {@link #prepare} has found to be possible. */
  OpResult run(Op op) {
    if (op instanceof Put put) {
      return store.put(put);
    }
    if (op instanceof DeleteRange delete) {
      return store.delete(delete);
    }
    if (op instanceof Range range) {
      return reader.read(range);
    }
    Txn txn = (Txn) op;
    boolean succeeded = decisions.get(next++);
    List<Op> ops = succeeded ? txn.then() : txn.otherwise();
    List<OpResult> results = new ArrayList<>(ops.size());
    for (Op each : ops) {
      results.add(run(each));
    }
    return new OpResult.Txn(succeeded, results);
  }

  private void decide(Txn txn) {
    boolean succeeded = holds(txn.compares());
    decisions.set(decided++, succeeded);
    for (Op op : succeeded ? txn.then() : txn.otherwise()) {
      if (op instanceof Txn nested) {
        decide(nested);
      }
    }
  }

  /** Of several reasons etcd's comes first: of any put before that of any range. */
  private Failed check(Txn txn) {
    next = 0;
    Failed failed = checkPuts(txn);
    deletions.clear();
    next = 0;
    if (failed == null) {
      failed = checkRanges(txn);
      next = 0;
    }
    return failed;
  }

  private Failed checkPuts(Txn txn) {
    Failed failed = null;
    for (Op op : path(txn)) {
      if (op instanceof Put put) {
        failed = checkPut(put);
      } else if (op instanceof DeleteRange delete) {
        deletions.add(delete.keys());
      } else if (op instanceof Txn nested) {
        failed = checkPuts(nested);
      }
      if (failed != null) {
        return failed;
      }
    }
    return null;
  }

  private Failed checkRanges(Txn txn) {
    Failed failed = null;
    for (Op op : path(txn)) {
      if (op instanceof Range range) {
        failed = store.checkRevisionOfPart(range.revision());
      } else if (op instanceof Txn nested) {
        failed = checkRanges(nested);
      }
      if (failed != null) {
        return failed;
      }
    }
    return null;
  }

  /** The operations of the transaction that is next on the path. */
  private List<Op> path(Txn txn) {
    return decisions.get(next++) ? txn.then() : txn.otherwise();
  }

  /** As a part of a transaction; alone, the other reason comes first. */
  private Failed checkPut(Put put) {
    Failed failed = checkKept(put);
    return failed != null ? failed : checkLease(put);
  }

  private Failed checkKept(Put put) {
    if (put.ignoreValue() || put.ignoreLease()) {
      Version newest = tree.locate(put.key());
      boolean deleted = deletions.stream().anyMatch(range -> range.contains(put.key()));
      if (newest == null || newest.isDeletion() || deleted) {
        return new Failed(
            Fault.KEY_NOT_FOUND, "a put that keeps the old value or lease needs an existing key");
      }
    }
    return null;
  }

  private Failed checkLease(Put put) {
    if (put.lease() != 0 && !put.ignoreLease() && !leases.contains(put.lease())) {
      return Store.noLease(put.lease());
    }
    return null;
  }

  private boolean holds(List<Compare> compares) {
    for (Compare compare : compares) {
      if (!holds(compare)) {
        return false;
      }
    }
    return true;
  }

  private boolean holds(Compare compare) {
    if (compare.keys().isSingle()) {
      Version newest = tree.locate(compare.keys().key());
      return holds(compare, newest == null || newest.isDeletion() ? null : newest);
    }
    boolean[] seen = new boolean[1];
    boolean[] holds = {true};
    tree.visit(
        compare.keys().key(),
        RangeReader.highest(compare.keys()),
        newest -> {
          if (!newest.isDeletion()) {
            seen[0] = true;
            holds[0] = holds(compare, newest);
          }
          return holds[0];
        });
    return seen[0] ? holds[0] : holds(compare, null);
  }

  /** Of one key; null is a missing one. */
  private static boolean holds(Compare compare, Version found) {
    int order =
        switch (compare.target()) {
          case VERSION -> Long.compare(found == null ? 0 : found.version, compare.number());
          case CREATE_REVISION ->
              Long.compare(found == null ? 0 : found.createRevision, compare.number());
          case MOD_REVISION ->
              Long.compare(found == null ? 0 : found.modRevision, compare.number());
          case LEASE -> Long.compare(found == null ? 0 : found.lease, compare.number());
          case VALUE -> found == null ? 0 : found.value.compareTo(compare.value());
        };
    if (found == null && compare.target() == Compare.Target.VALUE) {
      return false;
    }
    return switch (compare.operator()) {
      case EQUAL -> order == 0;
      case NOT_EQUAL -> order != 0;
      case GREATER -> order > 0;
      case LESS -> order < 0;
    };
  }
}
