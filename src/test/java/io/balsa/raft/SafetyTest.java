package io.balsa.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.raft.confchange.Configurations;
import io.balsa.raft.log.CompactedException;
import io.balsa.raft.log.MemoryStorage;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfChange.Transition;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * A cluster of cores with asynchronous storage under loss, duplication, reordering, crashes that
 * lose unsynced writes, snapshots, transfers and configuration changes. Checks election safety,
 * state-machine safety and the freshness of reads all the way, and with the faults off that all
 * members come together again.
 */
class SafetyTest {
  private static final int SCHEDULES = Integer.getInteger("safety.schedules", 150);
  private static final int STEPS = 1500;
  private static final int MEMBERS = 5;

  @Test
  void noScheduleOfFaultsBreaksSafety() {
    long seed = Long.getLong("seed", 1);
    Coverage coverage = new Coverage();
    for (int schedule = 0; schedule < SCHEDULES; schedule++) {
      long own = seed * 1_000_003 + schedule;
      try {
        new Cluster(own, coverage).run();
      } catch (Throwable e) {
        throw new AssertionError(
            "schedule %d of seed %d failed; repeat: mvn test -Dtest=SafetyTest -Dseed=%d"
                .formatted(schedule, seed, seed),
            e);
      }
    }
    System.out.println("seed " + seed + ", " + SCHEDULES + " schedules: " + coverage);
    assertThat(coverage.committed).isPositive();
    assertThat(coverage.crashes).isPositive();
    assertThat(coverage.snapshotsInstalled).isPositive();
    assertThat(coverage.confChanges).isPositive();
    assertThat(coverage.reads).isPositive();
  }

  private static final class Coverage {
    long committed;
    long elections;
    long crashes;
    long snapshotsInstalled;
    long confChanges;
    long reads;

    @Override
    public String toString() {
      return "committed=%d elections=%d crashes=%d snapshotsInstalled=%d confChanges=%d reads=%d"
          .formatted(committed, elections, crashes, snapshotsInstalled, confChanges, reads);
    }
  }

  private static final class Member implements RaftObserver {
    final long id;
    final Cluster cluster;
    final MemoryStorage storage = new MemoryStorage();
    final Deque<Message.StorageAppend> appends = new ArrayDeque<>();
    final Deque<Message.StorageApply> applies = new ArrayDeque<>();
    final Map<Long, Long> readFloors = new TreeMap<>();
    RawNode node;
    long applied;
    ConfState confState;

    Member(long id, Cluster cluster, Snapshot genesis) {
      this.id = id;
      this.cluster = cluster;
      storage.applySnapshot(genesis);
      start();
    }

    void start() {
      appends.clear();
      applies.clear();
      readFloors.clear();
      Snapshot snapshot = storage.snapshot().orElseThrow();
      applied = snapshot.last().index();
      confState = snapshot.confState();
      node =
          new RawNode(
              RaftConfig.builder(id, storage, cluster.random)
                  .ticks(5, 1)
                  .asyncStorageWrites(true)
                  .applied(applied)
                  .maxMessageBytes(200)
                  .maxCommittedBytes(300)
                  .maxInflight(3, 400)
                  .preVote(true)
                  .checkQuorum(true)
                  .stepDownOnRemoval(true)
                  .observer(this)
                  .build());
    }

    @Override
    public void becameRole(RoleName role, long term, long leader) {
      if (role == RoleName.LEADER) {
        cluster.coverage.elections++;
        Long other = cluster.leaders.putIfAbsent(term, id);
        assertThat(other == null || other == id)
            .as("one leader in term %d: %s and %d", term, other, id)
            .isTrue();
      }
    }

    void takeReady() {
      while (node.hasReady()) {
        Ready ready = node.ready();
        for (ReadState read : ready.readStates()) {
          Long floor = readFloors.get(read.context()); // None: the answer to an earlier life.
          if (floor != null) {
            assertThat(read.index()).as("read index is fresh").isGreaterThanOrEqualTo(floor);
            cluster.coverage.reads++;
          }
        }
        for (Message message : ready.messages()) {
          if (message instanceof Message.StorageAppend append) {
            appends.add(append);
          } else if (message instanceof Message.StorageApply apply) {
            applies.add(apply);
          } else {
            cluster.network.add(message);
          }
        }
      }
    }

    void storeNext() {
      Message.StorageAppend append = appends.poll();
      if (append == null) {
        return;
      }
      if (!append.hardState().isEmpty()) {
        storage.setHardState(append.hardState());
      }
      if (!append.snapshot().isEmpty()) {
        storage.applySnapshot(append.snapshot());
        applied = append.snapshot().last().index();
        confState = append.snapshot().confState();
        cluster.coverage.snapshotsInstalled++;
      }
      storage.append(append.entries());
      respond(append.responses());
    }

    void applyNext() throws MalformedException {
      Message.StorageApply apply = applies.poll();
      if (apply == null) {
        return;
      }
      for (Entry entry : apply.entries()) {
        if (entry.index() <= applied) {
          continue; // A snapshot stored meanwhile holds it: the two threads are not in step.
        }
        assertThat(entry.index()).as("applied in order").isEqualTo(applied + 1);
        Entry same = cluster.history.putIfAbsent(entry.index(), entry);
        assertThat(same == null || same.equals(entry))
            .as("the same entry everywhere at %d: %s and %s", entry.index(), same, entry)
            .isTrue();
        if (same == null) {
          cluster.coverage.committed++;
        }
        applied = entry.index();
        if (entry.type() != EntryType.NORMAL) {
          ConfChange change = ConfChange.decode(entry.data());
          node.applyConfChange(entry.index(), change);
          // Not the core's: that may be a newer snapshot's, while this is the state at the entry.
          confState = Configurations.after(confState, change).orElseThrow();
          cluster.coverage.confChanges++;
        }
      }
      respond(apply.responses());
    }

    private void respond(List<Message> responses) {
      for (Message response : responses) {
        if (response.to() == id) {
          cluster.step(this, response);
        } else {
          cluster.network.add(response);
        }
      }
    }

    void compact() throws CompactedException {
      if (applied > storage.snapshot().orElseThrow().last().index()
          && applied <= storage.lastIndex()) {
        storage.createSnapshot(applied, confState);
        storage.compact(applied);
      }
    }
  }

  private static final class Cluster {
    final RandomGenerator random;
    final Coverage coverage;
    final List<Member> members = new ArrayList<>();
    final List<Message> network = new ArrayList<>();
    final TreeMap<Long, Entry> history = new TreeMap<>();
    final Map<Long, Long> leaders = new TreeMap<>();
    private long counter;

    Cluster(long seed, Coverage coverage) {
      this.random = new SplittableRandom(seed);
      this.coverage = coverage;
      Snapshot genesis =
          new Snapshot(
              new EntryId(1, 2),
              new ConfState(List.of(1L, 2L, 3L), List.of(), List.of(4L), List.of(), false));
      for (long id = 1; id <= MEMBERS; id++) {
        members.add(new Member(id, this, genesis));
      }
    }

    void run() throws Exception {
      for (int i = 0; i < STEPS; i++) {
        act(members.get(random.nextInt(MEMBERS)));
      }
      heal();
    }

    private void act(Member member) throws Exception {
      int dice = random.nextInt(100);
      if (dice < 15) {
        member.node.tick();
      } else if (dice < 60) {
        deliver(random.nextInt(Math.max(1, network.size())));
      } else if (dice < 72) {
        member.storeNext();
      } else if (dice < 84) {
        member.applyNext();
      } else if (dice < 92) {
        propose(member);
      } else if (dice < 94) {
        member.readFloors.put(++counter, commitEverywhere());
        member.node.readIndex(counter);
      } else if (dice < 95) {
        proposeChange(member);
      } else if (dice < 96) {
        member.node.transferLeader(1 + random.nextInt(MEMBERS));
      } else if (dice < 97) {
        member.compact();
      } else if (dice < 98) {
        member.node.reportSnapshot(1 + random.nextInt(MEMBERS), random.nextBoolean());
      } else if (dice < 99) {
        member.node.reportUnreachable(1 + random.nextInt(MEMBERS));
      } else {
        coverage.crashes++;
        member.start();
      }
      member.takeReady();
    }

    /** A lower bound of what any read that begins now must see. */
    private long commitEverywhere() {
      return members.stream().mapToLong(member -> member.node.commit()).max().orElseThrow();
    }

    private void deliver(int position) {
      if (network.isEmpty()) {
        return;
      }
      int fate = random.nextInt(20);
      Message message = fate == 0 ? network.get(position) : network.remove(position);
      if (fate != 1) {
        Member to = members.get((int) message.to() - 1);
        step(to, message);
        to.takeReady();
      }
    }

    void step(Member member, Message message) {
      try {
        member.node.step(message);
      } catch (ProposalDroppedException | StepException refused) {
        // Lost, as the contract allows.
      }
    }

    private void propose(Member member) {
      try {
        member.node.propose(Bytes.utf8("p" + ++counter));
      } catch (ProposalDroppedException refused) {
        // In no log.
      }
    }

    private void proposeChange(Member member) {
      OperationType[] types = OperationType.values();
      List<Operation> operations = new ArrayList<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        long about = 2 + random.nextInt(MEMBERS - 1); // Member 1 stays: some voter always does.
        operations.add(new Operation(types[random.nextInt(types.length)], about));
      }
      Transition transition =
          operations.size() > 1
              ? Transition.JOINT_IMPLICIT
              : Transition.values()[random.nextInt(2)];
      try {
        member.node.proposeConfChange(new ConfChange(transition, operations, Bytes.EMPTY));
      } catch (ProposalDroppedException refused) {
        // In no log.
      }
    }

    /** With the faults off, whoever leads brings all members of its configuration together. */
    private void heal() throws Exception {
      for (Member member : members) {
        // The transport knows which of its snapshot streams ended without delivery.
        members.forEach(other -> member.node.reportSnapshot(other.id, false));
      }
      long target = 0;
      for (int round = 0; round < 600; round++) {
        for (Member member : members) {
          member.node.tick();
          member.takeReady();
          while (!member.appends.isEmpty() || !member.applies.isEmpty()) {
            member.storeNext();
            member.applyNext();
            member.takeReady();
          }
        }
        List<Message> now = List.copyOf(network);
        network.clear();
        for (Message message : now) {
          Member to = members.get((int) message.to() - 1);
          step(to, message);
          to.takeReady();
          if (message instanceof Message.InstallSnapshot) {
            members.get((int) message.from() - 1).node.reportSnapshot(message.to(), true);
          }
        }
        Member leader = leader();
        if (leader == null) {
          continue;
        }
        if (round % 20 == 0) {
          // A snapshot from before a member was added is refused by it: newer ones must follow.
          leader.compact();
        }
        if (target == 0 && round > 100) {
          propose(leader);
          target = leader.node.lastIndex();
        }
        if (target > 0 && allHave(leader, target)) {
          return;
        }
      }
      throw new AssertionError("not healed, target " + target + ": " + describe());
    }

    private boolean allHave(Member leader, long target) {
      ConfState state = leader.confState;
      return members.stream()
          .filter(
              member -> state.voters().contains(member.id) || state.learners().contains(member.id))
          .allMatch(member -> member.applied >= target);
    }

    private Member leader() {
      return members.stream()
          .filter(member -> member.node.isLeader())
          .max((a, b) -> Long.compare(a.node.term(), b.node.term()))
          .orElse(null);
    }

    private String describe() {
      StringBuilder text = new StringBuilder();
      members.forEach(
          member -> text.append(member.node.status()).append(" applied ").append(member.applied));
      return text.toString();
    }
  }
}
