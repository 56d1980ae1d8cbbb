package io.balsa.sim;

import io.balsa.engine.RaftView;
import io.balsa.raft.RawNode;
import io.balsa.raft.RawNodeAccess;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message.StorageAppend;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Judges consensus: one leader a term (Raft paper §5.2), logs that match (§5.3), leaders that have
 * all that was committed before (§5.4).
 */
final class Elections {
  private static final long REMEMBERED_ENTRIES = 2_000;

  private record Content(EntryType type, long hash) {}

  private final Simulation world;
  private final Map<Long, Long> leaders = new HashMap<>();
  // What stands at an index in a term, by index and term.
  private final TreeMap<Long, Map<Long, Content>> entries = new TreeMap<>();
  private final Map<Long, Long> lastIndexes = new HashMap<>();

  Elections(Simulation world) {
    this.world = world;
  }

  /** Looks at a member after each of its turns. */
  void check(SimMember member) {
    RawNode node = member.node();
    if (!node.isLeader()) {
      return;
    }
    Long before = leaders.putIfAbsent(node.term(), member.id);
    if (before == null) {
      elected(member, node);
    } else {
      Violation.unless(
          before == member.id, "two leaders in term %d: %x and %x", node.term(), before, member.id);
    }
  }

  private void elected(SimMember member, RawNode node) {
    world.coverage.count(Rare.LEADER_ELECTED);
    if (node.commit() < node.lastIndex() && world.oracle.hasPendingChange(node)) {
      world.coverage.count(Rare.LEADER_ELECTED_WITH_CHANGE_PENDING);
    }
    for (SimMember other : world.members()) {
      if (other != member && other.isRunning() && other.node().isLeader()) {
        world.coverage.count(Rare.TWO_LEADERS_AT_A_TIME);
      }
    }
    EntryId committed = world.oracle.lastCommittedBefore(node.term());
    boolean has =
        node.lastIndex() >= committed.index()
            && (RawNodeAccess.log(node).firstIndex() > committed.index()
                || RawNodeAccess.log(node).term(committed.index()) == committed.term());
    Violation.unless(
        has,
        "leader %x of term %d lacks the committed entry %s; its log ends at %d",
        member.id,
        node.term(),
        committed,
        node.lastIndex());
  }

  /** A member hands entries to its disk. */
  void appended(SimMember member, List<StorageAppend> batches) {
    for (StorageAppend batch : batches) {
      if (!batch.snapshot().isEmpty()) {
        lastIndexes.put(member.id, batch.snapshot().last().index());
      }
      for (Entry entry : batch.entries()) {
        entry(entry);
      }
      if (!batch.entries().isEmpty()) {
        long first = batch.entries().get(0).index();
        if (first <= lastIndexes.getOrDefault(member.id, 0L)) {
          world.coverage.count(Rare.LOG_TRUNCATED);
        }
        lastIndexes.put(member.id, batch.entries().get(batch.entries().size() - 1).index());
      }
    }
    entries.headMap(world.oracle.lastIndex() - REMEMBERED_ENTRIES).clear();
  }

  private void entry(Entry entry) {
    Content content = new Content(entry.type(), Oracle.hash(entry));
    Content before =
        entries
            .computeIfAbsent(entry.index(), none -> new HashMap<>())
            .putIfAbsent(entry.term(), content);
    Violation.unless(
        before == null || before.equals(content), "two entries stand at %s", entry.id());
  }

  /** A member sees consensus in another state. */
  void changed(SimMember member, RaftView before, RaftView after) {
    if (before == null) {
      lastIndexes.put(member.id, member.node().lastIndex());
    } else if (after.transferring() && !before.transferring() && member.isDiskStalled()) {
      world.coverage.count(Rare.LEADERSHIP_MOVED_BY_DISK);
    }
  }
}
