package io.balsa.mvcc;

import io.balsa.data.Bytes;
import io.balsa.mvcc.command.Change;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.Compare;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.KeyValue;
import io.balsa.mvcc.command.Once;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.Op.SortOrder;
import io.balsa.mvcc.command.Op.SortTarget;
import io.balsa.mvcc.command.OpResult;
import io.balsa.mvcc.command.OpResultCodec;
import io.balsa.mvcc.command.Result;
import io.balsa.mvcc.command.Result.Fault;
import io.balsa.mvcc.lease.Lease;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a store must do, in the plainest way: a whole copy of the keys for each revision, and
 * transactions that run on a copy which is thrown away if anything is refused.
 */
final class StoreModel {
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final Fault fault;

    Refused(Fault fault) {
      super(fault.name(), null, false, false);
      this.fault = fault;
    }
  }

  /** The keys at each revision; index 0 is not used. */
  final List<TreeMap<Bytes, KeyValue>> states = new ArrayList<>();

  /** What each revision changed, in order. */
  final List<List<Change>> changes = new ArrayList<>();

  final TreeMap<Long, Lease> leases = new TreeMap<>();

  /** By session and sequence: what a repeated write is answered, a result or a fault. */
  final TreeMap<Long, TreeMap<Long, Object>> answers = new TreeMap<>();

  long compactRevision;
  private long leaseSequence;

  // Of the command under way.
  private TreeMap<Bytes, KeyValue> now;
  private List<Change> made;

  StoreModel() {
    for (int revision = 0; revision <= 1; revision++) {
      states.add(new TreeMap<>());
      changes.add(List.of());
    }
  }

  StoreModel copy() {
    StoreModel copy = new StoreModel();
    copy.states.clear();
    copy.states.addAll(states);
    copy.changes.clear();
    copy.changes.addAll(changes);
    copy.leases.putAll(leases);
    answers.forEach((session, of) -> copy.answers.put(session, new TreeMap<>(of)));
    copy.compactRevision = compactRevision;
    copy.leaseSequence = leaseSequence;
    return copy;
  }

  long revision() {
    return states.size() - 1;
  }

  TreeMap<Bytes, KeyValue> state() {
    return states.get((int) revision());
  }

  Object apply(Command command) {
    try {
      now = new TreeMap<>(state());
      made = new ArrayList<>();
      Object result = run(command);
      if (!made.isEmpty()) {
        states.add(now);
        changes.add(made);
      }
      return result;
    } catch (Refused e) {
      return e.fault;
    }
  }

  Object read(Op op) {
    try {
      now = new TreeMap<>(state());
      refuseDuplicates(op);
      return new Result.Written(revision(), run(op));
    } catch (Refused e) {
      return e.fault;
    }
  }

  List<Bytes> leaseKeys(long id) {
    return state().values().stream().filter(item -> item.lease() == id).map(KeyValue::key).toList();
  }

  /** All versions that can still be read or watched: for each key the puts and deletions kept. */
  long versions(long compactedTo) {
    return kept(compactedTo).size();
  }

  /** Those kept, as changes. */
  List<Change> kept(long compactedTo) {
    Map<Bytes, Change> base = new TreeMap<>();
    List<Change> kept = new ArrayList<>();
    for (int revision = 1; revision <= revision(); revision++) {
      for (Change change : changes.get(revision)) {
        if (revision >= compactedTo) {
          boolean deletedAgain =
              revision == compactedTo
                  && !change.deletion()
                  && !states.get(revision).containsKey(change.item().key());
          if (!deletedAgain) {
            kept.add(change);
          }
        } else {
          base.put(change.item().key(), change);
        }
        if (revision == compactedTo) {
          base.remove(change.item().key());
        }
      }
    }
    base.values().stream().filter(change -> !change.deletion()).forEach(kept::add);
    return kept;
  }

  private Object run(Command command) {
    if (command instanceof Command.Write write) {
      return write(write.op());
    }
    if (command instanceof Command.WriteOnce write) {
      return writeOnce(write.once(), write.op());
    }
    if (command instanceof Command.Compact compact) {
      refuse(compact.revision() <= compactRevision, Fault.COMPACTED);
      refuse(compact.revision() > revision(), Fault.FUTURE_REVISION);
      compactRevision = compact.revision();
      return new Result.Compacted(compactRevision);
    }
    if (command instanceof Command.LeaseGrant grant) {
      refuse(leases.containsKey(grant.id()), Fault.LEASE_EXISTS);
      leases.put(grant.id(), new Lease(grant.id(), grant.ttlSeconds(), ++leaseSequence));
      return new Result.Lease(grant.id(), grant.ttlSeconds());
    }
    if (command instanceof Command.LeaseKeepAlive keepAlive) {
      Lease lease = existing(keepAlive.id());
      leases.put(lease.id(), new Lease(lease.id(), lease.ttlSeconds(), ++leaseSequence));
      return new Result.Lease(lease.id(), lease.ttlSeconds());
    }
    if (command instanceof Command.LeaseRevoke revoke) {
      return end(existing(revoke.id()));
    }
    if (command instanceof Command.LeaseCheckpoint checkpoint) {
      return new Result.Recorded(checkpoint.leases().stream().filter(this::record).count());
    }
    Command.LeaseExpire expire = (Command.LeaseExpire) command;
    Lease lease = existing(expire.id());
    return lease.renewals() == expire.renewals()
        ? end(lease)
        : new Result.Lease(lease.id(), lease.ttlSeconds());
  }

  private Result write(Op op) {
    refuseDuplicates(op);
    if (op instanceof Op.Put put) {
      refuseMissingLease(put);
    }
    OpResult result = run(op);
    return new Result.Written(made.isEmpty() ? revision() : revision() + 1, result);
  }

  private Object writeOnce(Once once, Op op) {
    existing(once.session());
    TreeMap<Long, Object> of = answers.getOrDefault(once.session(), new TreeMap<>());
    if (of.containsKey(once.sequence())) {
      return of.get(once.sequence());
    }
    refuse(!of.isEmpty() && once.sequence() <= of.lastKey() - 128, Fault.ANSWER_FORGOTTEN);
    Result result = write(op);
    boolean large = OpResultCodec.bytesMax(((Result.Written) result).result()) > 65_536;
    of.put(once.sequence(), large ? Fault.ANSWER_FORGOTTEN : result);
    if (of.size() > 128) {
      of.remove(of.firstKey());
    }
    answers.put(once.session(), of);
    return result;
  }

  private boolean record(Command.Remaining left) {
    Lease lease = leases.get(left.id());
    if (lease == null
        || lease.renewals() != left.renewals()
        || left.seconds() < 1
        || left.seconds() >= lease.remainingSeconds()) {
      return false;
    }
    leases.put(
        left.id(), new Lease(left.id(), lease.ttlSeconds(), lease.renewals(), left.seconds()));
    return true;
  }

  private Lease existing(long id) {
    refuse(!leases.containsKey(id), Fault.LEASE_NOT_FOUND);
    return leases.get(id);
  }

  private Result end(Lease lease) {
    List<Bytes> keys = leaseKeys(lease.id());
    keys.forEach(this::delete);
    leases.remove(lease.id());
    answers.remove(lease.id());
    return new Result.LeaseEnded(lease.id(), keys.size());
  }

  private OpResult run(Op op) {
    if (op instanceof Op.Put put) {
      return put(put);
    }
    if (op instanceof Op.DeleteRange delete) {
      List<KeyValue> found = within(now, delete.keys());
      found.forEach(item -> delete(item.key()));
      return new OpResult.Deleted(found.size(), delete.previous() ? found : List.of());
    }
    if (op instanceof Op.Range range) {
      return range(range);
    }
    List<Boolean> decisions = decisions((Op.Txn) op, new ArrayList<>());
    refuseParts(path((Op.Txn) op, new ArrayList<>(decisions)));
    return txn((Op.Txn) op, decisions);
  }

  private void refuseMissingKey(Op.Put put) {
    boolean keeps = put.ignoreValue() || put.ignoreLease();
    refuse(keeps && !now.containsKey(put.key()), Fault.KEY_NOT_FOUND);
  }

  private void refuseMissingLease(Op.Put put) {
    refuse(
        !put.ignoreLease() && put.lease() != 0 && !leases.containsKey(put.lease()),
        Fault.LEASE_NOT_FOUND);
  }

  private OpResult put(Op.Put put) {
    KeyValue before = now.get(put.key());
    refuseMissingKey(put);
    refuseMissingLease(put);
    KeyValue after =
        new KeyValue(
            put.key(),
            put.ignoreValue() ? before.value() : put.value(),
            before == null ? revision() + 1 : before.createRevision(),
            revision() + 1,
            before == null ? 1 : before.version() + 1,
            put.ignoreLease() ? before.lease() : put.lease());
    now.put(put.key(), after);
    made.add(new Change(false, after, before)); // One from before: a key is put once.
    return new OpResult.Put(revision() + 1, after.version(), put.previous() ? before : null);
  }

  private void delete(Bytes key) {
    now.remove(key);
    KeyValue before = state().get(key);
    made.add(new Change(true, new KeyValue(key, Bytes.EMPTY, 0, revision() + 1, 0, 0), before));
  }

  private void refuseRevision(Op.Range range) {
    refuse(range.revision() > revision(), Fault.FUTURE_REVISION);
    refuse(range.revision() > 0 && range.revision() < compactRevision, Fault.COMPACTED);
  }

  private OpResult range(Op.Range range) {
    refuseRevision(range);
    TreeMap<Bytes, KeyValue> at = range.revision() <= 0 ? now : states.get((int) range.revision());
    List<KeyValue> all = within(at, range.keys());
    if (range.countOnly()) {
      return new OpResult.Ranged(List.of(), all.size(), false);
    }
    List<KeyValue> items = new ArrayList<>(all);
    boolean filtered =
        range.minModRevision() != 0
            || range.maxModRevision() != 0
            || range.minCreateRevision() != 0
            || range.maxCreateRevision() != 0;
    if (range.order() == SortOrder.NONE && !filtered && range.limit() > 0) {
      items = new ArrayList<>(items.subList(0, (int) Math.min(items.size(), range.limit() + 1)));
    }
    items.removeIf(
        item ->
            item.modRevision() < range.minModRevision()
                || item.createRevision() < range.minCreateRevision()
                || (range.maxModRevision() != 0 && item.modRevision() > range.maxModRevision())
                || (range.maxCreateRevision() != 0
                    && item.createRevision() > range.maxCreateRevision()));
    if (range.target() != SortTarget.KEY || range.order() != SortOrder.NONE) {
      Comparator<KeyValue> order =
          switch (range.target()) {
            case KEY -> Comparator.comparing(KeyValue::key);
            case VALUE -> Comparator.comparing(KeyValue::value);
            case VERSION -> Comparator.comparing(KeyValue::version);
            case CREATE_REVISION -> Comparator.comparing(KeyValue::createRevision);
            case MOD_REVISION -> Comparator.comparing(KeyValue::modRevision);
          };
      items.sort(range.order() == SortOrder.DESCEND ? order.reversed() : order);
    }
    boolean more = range.limit() > 0 && items.size() > range.limit();
    if (more) {
      items = items.subList(0, (int) range.limit());
    }
    if (range.keysOnly()) {
      items.replaceAll(
          item ->
              new KeyValue(
                  item.key(),
                  Bytes.EMPTY,
                  item.createRevision(),
                  item.modRevision(),
                  item.version(),
                  item.lease()));
    }
    return new OpResult.Ranged(items, all.size(), more);
  }

  /** First what any put is refused for, then what any range is. */
  private void refuseParts(List<Op> path) {
    List<KeyRange> deleted = new ArrayList<>();
    for (Op op : path) {
      if (op instanceof Op.Put put) {
        boolean keeps = put.ignoreValue() || put.ignoreLease();
        refuse(
            keeps && deleted.stream().anyMatch(keys -> keys.contains(put.key())),
            Fault.KEY_NOT_FOUND);
        refuseMissingKey(put);
        refuseMissingLease(put);
      } else if (op instanceof Op.DeleteRange delete) {
        deleted.add(delete.keys());
      }
    }
    for (Op op : path) {
      if (op instanceof Op.Range range) {
        refuse(range.revision() < (compactRevision > 0 ? 0 : -1), Fault.COMPACTED);
        refuseRevision(range);
      }
    }
  }

  private List<Op> path(Op.Txn txn, List<Boolean> decisions) {
    List<Op> path = new ArrayList<>();
    for (Op op : decisions.remove(0) ? txn.then() : txn.otherwise()) {
      path.addAll(op instanceof Op.Txn nested ? path(nested, decisions) : List.of(op));
    }
    return path;
  }

  private OpResult txn(Op.Txn txn, List<Boolean> decisions) {
    boolean succeeded = decisions.remove(0);
    List<OpResult> results = new ArrayList<>();
    for (Op op : succeeded ? txn.then() : txn.otherwise()) {
      results.add(op instanceof Op.Txn nested ? txn(nested, decisions) : run(op));
    }
    return new OpResult.Txn(succeeded, results);
  }

  private List<Boolean> decisions(Op.Txn txn, List<Boolean> decisions) {
    boolean succeeded = txn.compares().stream().allMatch(this::holds);
    decisions.add(succeeded);
    for (Op op : succeeded ? txn.then() : txn.otherwise()) {
      if (op instanceof Op.Txn nested) {
        decisions(nested, decisions);
      }
    }
    return decisions;
  }

  private boolean holds(Compare compare) {
    List<KeyValue> items = within(now, compare.keys());
    if (items.isEmpty()) {
      return compare.target() != Compare.Target.VALUE
          && holds(compare.operator(), Long.compare(0, compare.number()));
    }
    return items.stream()
        .allMatch(
            item ->
                holds(
                    compare.operator(),
                    switch (compare.target()) {
                      case VERSION -> Long.compare(item.version(), compare.number());
                      case CREATE_REVISION -> Long.compare(item.createRevision(), compare.number());
                      case MOD_REVISION -> Long.compare(item.modRevision(), compare.number());
                      case LEASE -> Long.compare(item.lease(), compare.number());
                      case VALUE -> item.value().compareTo(compare.value());
                    }));
  }

  private static boolean holds(Compare.Operator operator, int order) {
    return switch (operator) {
      case EQUAL -> order == 0;
      case NOT_EQUAL -> order != 0;
      case GREATER -> order > 0;
      case LESS -> order < 0;
    };
  }

  private static List<KeyValue> within(TreeMap<Bytes, KeyValue> state, KeyRange keys) {
    return state.values().stream().filter(item -> keys.contains(item.key())).toList();
  }

  /** An operation and where it stands: its place in the outermost list, the next one, and so on. */
  private record Placed(Op op, List<Integer> places) {
    boolean isDeletionOverlookedWith(Placed put) {
      if (((Op.DeleteRange) op).keys().isUnbounded()) {
        return true;
      }
      int level = 0;
      while (places.get(level).equals(put.places.get(level))) {
        level++;
      }
      boolean bothNested = places.size() > level + 1 && put.places.size() > level + 1;
      return bothNested && places.get(level) > put.places.get(level);
    }
  }

  /** Looks at every path by itself. */
  private static void refuseDuplicates(Op op) {
    for (List<Placed> path : paths(List.of(op), List.of())) {
      for (Placed first : path) {
        for (Placed other : path) {
          if (first != other && first.op() instanceof Op.Put put) {
            refuse(
                other.op() instanceof Op.Put second && second.key().equals(put.key()),
                Fault.DUPLICATE_KEY);
            refuse(
                other.op() instanceof Op.DeleteRange delete
                    && delete.keys().contains(put.key())
                    && !other.isDeletionOverlookedWith(first),
                Fault.DUPLICATE_KEY);
          }
        }
      }
    }
  }

  private static List<List<Placed>> paths(List<Op> ops, List<Integer> around) {
    List<List<Placed>> paths = new ArrayList<>(List.of(List.of()));
    for (int i = 0; i < ops.size(); i++) {
      List<Integer> places = new ArrayList<>(around);
      places.add(i);
      List<List<Placed>> steps = new ArrayList<>();
      if (ops.get(i) instanceof Op.Txn txn) {
        steps.addAll(paths(txn.then(), places));
        steps.addAll(paths(txn.otherwise(), places));
      } else {
        steps.add(List.of(new Placed(ops.get(i), places)));
      }
      List<List<Placed>> continued = new ArrayList<>();
      for (List<Placed> path : paths) {
        for (List<Placed> step : steps) {
          List<Placed> longer = new ArrayList<>(path);
          longer.addAll(step);
          continued.add(longer);
        }
      }
      paths = continued;
    }
    return paths;
  }

  private static void refuse(boolean refused, Fault fault) {
    if (refused) {
      throw new Refused(fault);
    }
  }
}
