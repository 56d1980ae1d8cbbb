package io.balsa.mvcc;

import io.balsa.data.Bytes;
import io.balsa.data.Checks;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Once;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import io.balsa.mvcc.command.Ops;
import io.balsa.mvcc.command.Result;
import io.balsa.mvcc.command.Result.Failed;
import io.balsa.mvcc.command.Result.Fault;
import io.balsa.mvcc.lease.Lease;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The keys of a cluster as etcd models them: the state that the log describes.
 *
 * <p>One revision counter, 1 in the beginning. Each command that changes keys takes exactly one
 * revision, however many keys it changes; a command that changes none, or is refused, takes none. A
 * refusal is a {@link Result.Failed} and leaves everything as it was.
 *
 * <p>One thread only. The caller applies the commands in the order of the log, and calls {@link
 * #compactStep} from time to time: a compaction is in force at once, but its memory comes back in
 * small steps, so that no command takes long.
 */
public final class Store {
  private static final int EFFECT_PUT = 1;
  private static final int EFFECT_DELETE = 2;
  private static final int EFFECT_COMPACT = 3;
  private static final int EFFECT_LEASE_GRANT = 4;
  private static final int EFFECT_LEASE_RENEW = 5;
  private static final int EFFECT_LEASE_END = 6;
  private static final int EFFECT_ANSWER = 7;
  private static final int EFFECT_LEASE_CHECKPOINT = 8;

  private final KeyTree tree = new KeyTree();
  private final Leases leases = new Leases();
  private final Sessions sessions = new Sessions();
  private final StateHash hash = new StateHash();
  private final RangeReader reader = new RangeReader(tree);
  private final Execution execution = new Execution(this, tree, reader, leases);
  private final History history;
  private final Sweep sweep;
  private long revision;
  private long compactRevision;
  private long liveBytes;
  // What the command under way has changed, in order; empty between commands.
  private final List<Version> changes = new ArrayList<>();

  /** An empty store at revision 1. */
  public Store() {
    this(0);
  }

  /** A store without keys whose history begins at {@code compactRevision}. */
  Store(long compactRevision) {
    this.compactRevision = compactRevision;
    revision = Math.max(1, compactRevision);
    history = new History(compactRevision, revision);
    sweep = new Sweep(tree, history, compactRevision);
  }

  /** Applies the next command of the log. */
  public Result apply(Command command) {
    if (command instanceof Command.Write write) {
      return write(write.op());
    }
    if (command instanceof Command.WriteOnce write) {
      return writeOnce(write.once(), write.op());
    }
    if (command instanceof Command.Compact compact) {
      return compact(compact.revision());
    }
    if (command instanceof Command.LeaseKeepAlive keepAlive) {
      return renew(keepAlive.id());
    }
    if (command instanceof Command.LeaseGrant grant) {
      return grant(grant);
    }
    if (command instanceof Command.LeaseRevoke revoke) {
      return leases.contains(revoke.id()) ? end(revoke.id()) : noLease(revoke.id());
    }
    if (command instanceof Command.LeaseCheckpoint checkpoint) {
      return record(checkpoint);
    }
    return expire((Command.LeaseExpire) command);
  }

  /**
   * Answers a range, or a transaction that writes on none of its paths: {@link Result.Written} or
   * {@link Result.Failed}.
   *
   * @throws IllegalArgumentException if {@code op} may write, see {@link Ops#isReadOnly}
   */
  public Result read(Op op) {
    Checks.argument(Ops.isReadOnly(op), "a read must not write: %s", op.getClass().getSimpleName());
    Failed failed = execution.prepare(op);
    return failed != null ? failed : new Result.Written(revision, execution.run(op));
  }

  /**
   * Whether the write of this name was applied and its session goes on. No says little: it may be
   * forgotten, and another member may have applied it already.
   */
  public boolean remembers(Once once) {
    return sessions.remembers(once);
  }

  /** The revision of the last change, 1 before the first. */
  public long revision() {
    return revision;
  }

  /**
   * The lowest revision that can be read, 0 before the first compaction. (etcd has -1 inside there,
   * and shows nothing of it but that it accepts a first compaction to 0, which we refuse.)
   */
  public long compactRevision() {
    return compactRevision;
  }

  /** A hash over every effect since the beginning: equal wherever the same log was applied. */
  public long stateHash() {
    return hash.value();
  }

  /** How many keys there are. */
  public long keys() {
    return tree.live();
  }

  /** How many versions of keys can be read or watched, deletions included. */
  public long revisions() {
    return tree.live() + history.heldVersions();
  }

  /**
   * The estimated heap, in bytes, of all keys with their newest values, and of the answers that
   * sessions remember.
   */
  public long liveBytes() {
    return liveBytes + sessions.bytes();
  }

  /**
   * The estimated heap, in bytes, of what is there only for reads of the past and for watches: what
   * a compaction to the present revision frees, and the deletions of that revision itself.
   */
  public long historyBytes() {
    return history.heldBytes();
  }

  /**
   * The lowest revision to which a compaction frees at least {@code bytes} of {@link
   * #historyBytes}; the present revision where even that does not.
   */
  public long revisionFreeing(long bytes) {
    return history.revisionFreeing(bytes);
  }

  /** The lease of this id. */
  public Optional<Lease> lease(long id) {
    return Optional.ofNullable(leases.get(id));
  }

  /** The keys attached to the lease, in order; none if there is no such lease. */
  public List<Bytes> leaseKeys(long id) {
    return leases.keys(id);
  }

  /** All leases in the order of their ids. */
  public List<Lease> leases() {
    return leases.all();
  }

  /** How many leases there are. */
  public int leaseCount() {
    return leases.size();
  }

  /**
   * Reads the changes above {@code after}, which must be one below the compact revision or above,
   * and not in the future.
   */
  public ChangeReader changesAfter(long after) {
    Checks.argument(
        after >= compactRevision - 1 && after <= revision,
        "changes after %d: must be from %d to %d",
        after,
        compactRevision - 1,
        revision);
    long from = Math.max(1, after); // Revision 1 changed nothing.
    return new ChangeReader(this, history.chunk(Math.max(from, compactRevision)), from);
  }

  /** No change of these keys is newer than this revision. Cheap; never too low. */
  public long newestRevision(KeyRange keys) {
    if (keys.isSingle()) {
      Version newest = tree.locate(keys.key());
      return newest == null ? 0 : newest.modRevision;
    }
    return tree.newestRevision(keys.key(), RangeReader.highest(keys));
  }

  /**
   * Gives back memory of what is compacted, looking at no more than {@code versionsMax} versions.
   *
   * @return whether there is more to do
   */
  public boolean compactStep(int versionsMax) {
    return sweep.step(compactRevision, versionsMax);
  }

  /** The state as it is now, to be read in parts while commands go on; must be closed. */
  public StoreSnapshot snapshot() {
    return new StoreSnapshot(this);
  }

  /**
   * Begins a hash over the keys up to a revision, to be taken in steps while commands go on; must
   * be closed.
   *
   * @param upTo above the compact revision, and not in the future
   */
  public StoreHash hash(long upTo) {
    Checks.argument(upTo >= compactRevision && upTo <= revision, "revision to hash: %d", upTo);
    return new StoreHash(this, upTo);
  }

  private Result write(Op op) {
    Failed failed = execution.prepare(op);
    if (failed != null) {
      return failed;
    }
    OpResult result = execution.run(op);
    commit();
    return new Result.Written(revision, result);
  }

  private Result writeOnce(Once once, Op op) {
    if (!leases.contains(once.session())) {
      return new Failed(
          Fault.LEASE_NOT_FOUND,
          once + " may have been applied before: the session has ended, or there never was one");
    }
    Result before = sessions.answer(once);
    if (before != null) {
      return before;
    }
    Result result = write(op);
    if (result instanceof Result.Written written) {
      Sessions.Answer answer = sessions.add(once, written);
      hash.add(EFFECT_ANSWER).add(once.session()).add(answer.sequence());
      hash.add(answer.revision()).add(answer.result());
    }
    return result;
  }

  private Result compact(long to) {
    if (to <= compactRevision) {
      return new Failed(
          Fault.COMPACTED, "compaction to " + to + ": already compacted to " + compactRevision);
    }
    if (to > revision) {
      return new Failed(Fault.FUTURE_REVISION, "compaction to " + to + ": newest is " + revision);
    }
    history.compact(to);
    compactRevision = to;
    hash.add(EFFECT_COMPACT).add(to);
    return new Result.Compacted(to);
  }

  private Result grant(Command.LeaseGrant grant) {
    if (leases.contains(grant.id())) {
      return new Failed(
          Fault.LEASE_EXISTS, "lease " + Long.toHexString(grant.id()) + " exists already");
    }
    hash.add(EFFECT_LEASE_GRANT).add(grant.id()).add(grant.ttlSeconds());
    return lease(leases.grant(grant.id(), grant.ttlSeconds()));
  }

  private Result renew(long id) {
    if (!leases.contains(id)) {
      return noLease(id);
    }
    hash.add(EFFECT_LEASE_RENEW).add(id);
    return lease(leases.renew(id));
  }

  private Result expire(Command.LeaseExpire expire) {
    Lease lease = leases.get(expire.id());
    if (lease == null) {
      return noLease(expire.id());
    }
    return lease.renewals() == expire.renewals() ? end(expire.id()) : lease(lease);
  }

  private Result record(Command.LeaseCheckpoint checkpoint) {
    long recorded = 0;
    for (Command.Remaining left : checkpoint.leases()) {
      Lease lease = leases.get(left.id());
      if (lease != null
          && lease.renewals() == left.renewals()
          && left.seconds() >= 1
          && left.seconds() < lease.remainingSeconds()) {
        leases.record(left.id(), left.seconds());
        hash.add(EFFECT_LEASE_CHECKPOINT).add(left.id()).add(left.seconds());
        recorded++;
      }
    }
    return new Result.Recorded(recorded);
  }

  private Result end(long id) {
    List<Bytes> keys = leases.keys(id);
    for (Bytes key : keys) {
      delete(tree.locate(key));
    }
    leases.end(id);
    sessions.end(id);
    hash.add(EFFECT_LEASE_END).add(id);
    commit();
    return new Result.LeaseEnded(id, keys.size());
  }

  private static Result lease(Lease lease) {
    return new Result.Lease(lease.id(), lease.ttlSeconds());
  }

  static Failed noLease(long id) {
    return new Failed(Fault.LEASE_NOT_FOUND, "no lease " + Long.toHexString(id));
  }

  /** Why nothing can be read at {@code at}, or null. */
  Failed checkRevision(long at) {
    if (at > revision) {
      return new Failed(
          Fault.FUTURE_REVISION, "revision " + at + " is in the future: newest is " + revision);
    }
    if (at > 0 && at < compactRevision) {
      return new Failed(
          Fault.COMPACTED, "revision " + at + " is compacted: lowest is " + compactRevision);
    }
    return null;
  }

  /**
   * As the other, for a read inside a transaction: there etcd takes a negative revision for a
   * compacted one, unless it is the -1 that it holds for compacted before the first compaction.
   */
  Failed checkRevisionOfPart(long at) {
    if (at < -1 || (at == -1 && compactRevision > 0)) {
      return new Failed(
          Fault.COMPACTED,
          "revision " + at + " in a transaction: must be 0 for now, or " + compactRevision + " on");
    }
    return checkRevision(at);
  }

  KeyTree tree() {
    return tree;
  }

  History history() {
    return history;
  }

  Sweep sweep() {
    return sweep;
  }

  Leases leaseTable() {
    return leases;
  }

  Sessions sessions() {
    return sessions;
  }

  long leaseSequence() {
    return leases.sequence();
  }

  /** Adds an item that was current at the compact revision. */
  void restore(Version item) {
    liveBytes += item.bytes() + item.keyBytes();
    leases.attach(item.lease, item.key);
    tree.locate(item.key);
    tree.place(item);
  }

  void restoreHash(long value) {
    hash.restore(value);
  }

  OpResult.Put put(Op.Put put) {
    Version newest = tree.locate(put.key());
    Version before = newest == null || newest.isDeletion() ? null : newest;
    Bytes value = put.ignoreValue() ? before.value : put.value();
    long lease = put.ignoreLease() ? before.lease : put.lease();
    Version after = put(newest, put.key(), value, lease);
    return new OpResult.Put(
        after.modRevision, after.version, put.previous() && before != null ? before.item() : null);
  }

  OpResult.Deleted delete(Op.DeleteRange delete) {
    List<Version> found = reader.find(delete.keys(), Long.MAX_VALUE, Long.MAX_VALUE);
    for (Version before : found) {
      tree.locate(before.key);
      delete(before);
    }
    return new OpResult.Deleted(
        found.size(), delete.previous() ? found.stream().map(Version::item).toList() : List.of());
  }

  /** Puts the key that was located last. */
  Version put(Version newest, Bytes newKey, Bytes value, long lease) {
    boolean alive = newest != null && !newest.isDeletion();
    // All versions share one key object.
    Bytes key = newest == null ? newKey : newest.key;
    long next = revision + 1;
    Version after =
        alive
            ? new Version(key, value, newest.createRevision, next, newest.version + 1, lease)
            : new Version(key, value, next, next, 1, lease);
    if (alive) {
      liveBytes -= newest.bytes();
      if (newest.lease != lease) {
        leases.detach(newest.lease, key);
      }
    } else {
      liveBytes += after.keyBytes();
    }
    liveBytes += after.bytes();
    leases.attach(lease, key);
    tree.place(after);
    changes.add(after);
    hash.add(EFFECT_PUT).add(next).add(key).add(value).add(lease);
    return after;
  }

  /** Deletes the key that was located last, which is live. */
  Version delete(Version before) {
    Version after = new Version(before.key, revision + 1);
    liveBytes -= before.bytes() + before.keyBytes();
    leases.detach(before.lease, before.key);
    tree.place(after);
    changes.add(after);
    hash.add(EFFECT_DELETE).add(after.modRevision).add(before.key);
    return after;
  }

  /** Ends the command under way: what it changed becomes one revision. */
  void commit() {
    if (!changes.isEmpty()) {
      revision++;
      history.append(revision, changes);
      changes.clear();
    }
  }
}
