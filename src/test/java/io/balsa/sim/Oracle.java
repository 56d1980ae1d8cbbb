package io.balsa.sim;

import io.balsa.data.Bytes;
import io.balsa.engine.EngineInsight;
import io.balsa.engine.MemberInfo;
import io.balsa.mvcc.ChangeReader;
import io.balsa.mvcc.Store;
import io.balsa.mvcc.command.Change;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.KeyValue;
import io.balsa.mvcc.command.Result;
import io.balsa.raft.RawNode;
import io.balsa.raft.RawNodeAccess;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message.StorageApply;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Knows the one true history: every entry the first time any member finds it committed, applied to
 * a state of its own. All members must find the same entries (state-machine safety, Raft paper
 * §5.4.3) and come to the same state at each index; what clients were told must be a part of it.
 */
final class Oracle {
  /** A write as it took effect. */
  private record Effect(long revision, long time) {}

  private record LeaseTime(long ttlSeconds, long renewedAt) {}

  private final Simulation world;
  private final EngineInsight.State state;
  private final long firstIndex;
  // By index, from firstIndex on.
  private final List<Entry> entries = new ArrayList<>();
  private long[] hashes = new long[1024];
  private final List<ConfState> configurations = new ArrayList<>();
  // By revision, from 1 on.
  private final List<List<Change>> changes = new ArrayList<>(List.of(List.of(), List.of()));
  private final Map<Bytes, List<Change>> byKey = new TreeMap<>();
  // By the id that a client put into the value.
  private final Map<Long, Effect> effects = new HashMap<>();
  private final Map<Long, LeaseTime> leases = new TreeMap<>();
  private double fastestClock = 1;

  Oracle(Simulation world, List<MemberInfo> founders) {
    this.world = world;
    this.state = EngineInsight.genesis(founders);
    this.firstIndex = lastIndex() + 1;
    remember();
  }

  long lastIndex() {
    return state.appliedIndex();
  }

  Store store() {
    return state.store();
  }

  long revision() {
    return store().revision();
  }

  ConfState configuration() {
    return state.confState();
  }

  List<MemberInfo> memberInfos() {
    return state.members();
  }

  /** The state at the last index. */
  long stateHash() {
    return store().stateHash();
  }

  /** No clock in this run is faster. */
  void clockRate(double rate) {
    fastestClock = Math.max(fastestClock, rate);
  }

  static long hash(Entry entry) {
    return entry.data().hashCode() * 31L + entry.type().ordinal();
  }

  // ---- Entries

  /** A member finds these committed. */
  void committed(SimMember member, StorageApply batch) {
    for (Entry entry : batch.entries()) {
      if (entry.index() <= lastIndex()) {
        if (entry.index() >= firstIndex) {
          Entry first = entries.get((int) (entry.index() - firstIndex));
          Violation.unless(
              first.term() == entry.term()
                  && first.type() == entry.type()
                  && first.data().equals(entry.data()),
              "member %x finds another entry committed at %d: %s, not %s",
              member.id,
              entry.index(),
              entry,
              first);
        }
      } else {
        Violation.unless(
            entry.index() == lastIndex() + 1,
            "member %x finds entry %d committed behind %d",
            member.id,
            entry.index(),
            lastIndex());
        apply(entry);
      }
    }
  }

  private void apply(Entry entry) {
    entries.add(entry);
    long before = revision();
    int leasesBefore = store().leaseCount();
    EngineInsight.Applied applied = state.apply(entry);
    if (revision() > before) {
      Violation.unless(revision() == before + 1, "an entry made two revisions: %s", entry);
      take(before);
    }
    if (applied.result() == null && applied.number() != 0 && entry.type() == EntryType.NORMAL) {
      world.coverage.count(Rare.PROPOSAL_SKIPPED);
    }
    lease(applied, leasesBefore);
    remember();
  }

  private void remember() {
    int place = (int) (lastIndex() - firstIndex + 1);
    if (place >= hashes.length) {
      hashes = Arrays.copyOf(hashes, 2 * hashes.length);
    }
    hashes[place] = store().stateHash();
    configurations.add(state.confState());
  }

  private void take(long before) {
    ChangeReader reader = store().changesAfter(before);
    reader.next();
    List<Change> made = new ArrayList<>();
    for (int i = 0; i < reader.size(); i++) {
      Change change = reader.change(i, true);
      made.add(change);
      byKey.computeIfAbsent(change.item().key(), none -> new ArrayList<>()).add(change);
      if (!change.deletion()) {
        long id = Operations.idOf(change.item().value());
        Effect first = effects.putIfAbsent(id, new Effect(revision(), world.timeline.now()));
        Violation.unless(
            first == null || first.revision() == revision(),
            "write %d took effect twice: at revisions %d and %d",
            id,
            first == null ? 0 : first.revision(),
            revision());
      }
    }
    changes.add(made);
  }

  // ---- Leases

  private void lease(EngineInsight.Applied applied, int leasesBefore) {
    Command command = applied.command();
    long now = world.timeline.now();
    if (command instanceof Command.LeaseExpire expire) {
      LeaseTime lease = leases.get(expire.id());
      if (applied.result() instanceof Result.LeaseEnded) {
        world.coverage.count(Rare.LEASE_EXPIRED);
        double lived = (double) (now - lease.renewedAt()) / Timeline.SECONDS;
        Violation.unless(
            lived * fastestClock >= lease.ttlSeconds() * 0.999,
            "lease %x of %d s ended %.3f s after its last renewal",
            expire.id(),
            lease.ttlSeconds(),
            lived);
        leases.remove(expire.id());
      } else if (lease != null) {
        world.coverage.count(Rare.LEASE_SAVED_IN_TIME);
      }
    } else if (applied.result() instanceof Result.Recorded recorded) {
      if (recorded.leases() > 0) {
        world.coverage.count(Rare.LEASE_TIME_RECORDED);
      }
    } else if (applied.result() instanceof Result.Lease lease) {
      leases.put(lease.id(), new LeaseTime(lease.ttlSeconds(), now));
    } else if (applied.result() instanceof Result.LeaseEnded ended) {
      leases.remove(ended.id());
    }
    Violation.unless(
        leases.size() == store().leaseCount(),
        "%d leases are there, %d should be",
        store().leaseCount(),
        leases.size());
  }

  // ---- Members

  /** Looks at a member after each of its turns: its state must be the one at its index. */
  void check(SimMember member) {
    EngineInsight.State found = EngineInsight.state(member.replica());
    long index = found.appliedIndex();
    int place = (int) (index - firstIndex + 1);
    if (place < 0) {
      return; // It has yet to join.
    }
    Violation.unless(
        index <= lastIndex(), "member %x has applied %d: never committed", member.id, index);
    Violation.unless(
        found.store().stateHash() == hashes[place],
        "member %x has another state at index %d",
        member.id,
        index);
    Violation.unless(
        found.confState().equals(configurations.get(place)),
        "member %x has another configuration at index %d: %s, not %s",
        member.id,
        index,
        found.confState(),
        configurations.get(place));
  }

  /** The newest committed entry of an earlier term. */
  EntryId lastCommittedBefore(long term) {
    int low = 0;
    int high = entries.size(); // Invariant: entries before low are older than the term.
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (entries.get(middle).term() < term) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == 0 ? new EntryId(1, firstIndex - 1) : entries.get(low - 1).id();
  }

  /** Whether the log of a core ends with a change of the configuration that is not applied. */
  boolean hasPendingChange(RawNode node) {
    return RawNodeAccess.log(node)
        .slice(node.applied() + 1, node.lastIndex() + 1, Long.MAX_VALUE)
        .stream()
        .anyMatch(entry -> entry.type() != EntryType.NORMAL);
  }

  // ---- Keys

  /** The item of a key as of a revision; null for none. */
  KeyValue itemAt(Bytes key, long revision) {
    List<Change> versions = byKey.getOrDefault(key, List.of());
    int low = 0;
    int high = versions.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (versions.get(middle).item().modRevision() <= revision) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == 0 || versions.get(low - 1).deletion() ? null : versions.get(low - 1).item();
  }

  /** All items of a range as of a revision, by key. */
  List<KeyValue> itemsAt(KeyRange range, long revision) {
    List<KeyValue> items = new ArrayList<>();
    for (Bytes key : byKey.keySet()) {
      KeyValue item = range.contains(key) ? itemAt(key, revision) : null;
      if (item != null) {
        items.add(item);
      }
    }
    return items;
  }

  /** What a revision changed in a range, in order. */
  List<Change> changesAt(long revision, KeyRange range) {
    return changes.get((int) revision).stream()
        .filter(change -> range.contains(change.item().key()))
        .toList();
  }

  /**
   * The first revision above {@code after} that changed the range; one beyond the last for none.
   */
  long nextChange(long after, KeyRange range) {
    long revision = after + 1;
    while (revision <= revision() && changesAt(revision, range).isEmpty()) {
      revision++;
    }
    return revision;
  }

  /** The revision at which the write of this id took effect, 0 if it has not. */
  long effectOf(long id) {
    Effect effect = effects.get(id);
    return effect == null ? 0 : effect.revision();
  }
}
