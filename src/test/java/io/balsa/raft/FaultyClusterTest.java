package io.balsa.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.raft.log.MemoryStorage;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfChange.Transition;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Five members with asynchronous storage writes, under loss, delay, reordering and duplication of
 * messages, partitions, crashes that lose what was not synced, snapshots, transfers, and changes of
 * the configuration. Checks the safety properties of the paper's figure 3 and that reads are fresh
 * after every event; then stops the faults and checks that everybody comes together.
 */
class FaultyClusterTest {
  private static final int MEMBERS = 5;
  private static final int RUNS = 200;
  private static final int EVENTS = 2000;

  @Test
  void noFaultBreaksSafetyAndTheClusterHealsAfterwards() {
    long first = Long.getLong("sim.seed", 1);
    int runs = Integer.getInteger("sim.runs", RUNS);
    Counts counts = new Counts();
    for (long seed = first; seed < first + runs; seed++) {
      try {
        new Cluster(seed, counts).run();
      } catch (Exception | AssertionError e) {
        throw new AssertionError(
            "seed "
                + seed
                + " failed; repeat: mvn test -Dtest=FaultyClusterTest -Dsim.runs=1 -Dsim.seed="
                + seed,
            e);
      }
    }
    // A run in which nothing happens proves nothing.
    assertThat(counts.entries).as("entries").isGreaterThan(10L * runs);
    assertThat(counts.elections).as("elections").isGreaterThan(runs);
    assertThat(counts.snapshots).as("snapshots").isGreaterThan(runs / 2);
    assertThat(counts.changes).as("changes").isGreaterThan(runs);
    assertThat(counts.reads).as("reads").isGreaterThan(runs);
  }

  private static final class Counts {
    long entries;
    long elections;
    long snapshots;
    long changes;
    long reads;
  }

  private static final class Cluster {
    private final Random random;
    private final Counts counts;
    private final TreeMap<Long, Member> members = new TreeMap<>();
    private final List<Message> network = new ArrayList<>();
    private final TreeMap<Long, Entry> committed = new TreeMap<>();
    private final TreeMap<Long, Long> leaders = new TreeMap<>();
    // The same for all: a member without either option can be stuck among members that have one.
    private final boolean preVote;
    private final boolean checkQuorum;
    private final boolean stepDownOnRemoval;
    // Where the old voters that leave are a majority and have logs that are longer than those of
    // the new ones, which do not know yet that the change is committed, nobody can be elected any
    // more: the price of changes that take effect when they are applied. With any change allowed
    // only safety is checked.
    private final boolean anyChange;
    private long cutOff;
    private long lastName;

    Cluster(long seed, Counts counts) {
      this.random = new Random(seed);
      this.counts = counts;
      this.preVote = random.nextBoolean();
      this.checkQuorum = random.nextBoolean();
      this.stepDownOnRemoval = random.nextBoolean();
      this.anyChange = random.nextBoolean();
      ConfState founders =
          new ConfState(List.of(1L, 2L, 3L), List.of(), List.of(4L), List.of(), false);
      for (long id = 1; id <= MEMBERS; id++) {
        members.put(id, new Member(this, id, new Snapshot(new EntryId(1, 1), founders)));
      }
    }

    void run() throws Exception {
      for (int i = 0; i < EVENTS; i++) {
        event(members.get(1L + random.nextInt(MEMBERS)));
        if (i % 50 == 0) {
          checkLogs();
          members.values().forEach(member -> member.check(member.node.status()));
        }
      }
      if (!anyChange) {
        heal();
      }
      checkLogs();
    }

    private void event(Member member) throws Exception {
      int dice = random.nextInt(1000);
      if (dice < 130) {
        member.node.tick();
      } else if (dice < 600) {
        deliverAny();
      } else if (dice < 730) {
        member.storeOne();
      } else if (dice < 840) {
        member.applyOne();
      } else if (dice < 920) {
        propose(member);
      } else if (dice < 945) {
        member.read();
      } else if (dice < 960) {
        proposeChange(member);
      } else if (dice < 965) {
        member.node.transferLeader(1L + random.nextInt(MEMBERS));
      } else if (dice < 975) {
        member.compact();
      } else if (dice < 980) {
        member.node.reportUnreachable(1L + random.nextInt(MEMBERS));
      } else if (dice < 985) {
        member.node.reportSnapshot(1L + random.nextInt(MEMBERS), random.nextBoolean());
      } else if (dice < 988) {
        member.node.forgetLeader();
      } else if (dice < 993) {
        cutOff = random.nextBoolean() ? 0 : member.id;
      } else {
        member.crash();
      }
      member.takeReadys();
    }

    private void deliverAny() {
      if (network.isEmpty()) {
        return;
      }
      int place = random.nextInt(network.size());
      boolean again = random.nextInt(20) == 0;
      Message message = again ? network.get(place) : network.remove(place);
      boolean lost = random.nextInt(20) == 0 || message.from() == cutOff || message.to() == cutOff;
      if (!lost) {
        deliver(message);
      }
    }

    private void deliver(Message message) {
      Member receiver = members.get(message.to());
      receiver.step(message);
      receiver.takeReadys();
    }

    private void propose(Member member) {
      try {
        member.node.propose(Bytes.utf8("p" + ++lastName));
      } catch (ProposalDroppedException e) {
        // Not in any log.
      }
    }

    private void proposeChange(Member member) {
      List<Operation> operations = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        OperationType type = OperationType.values()[random.nextInt(4)];
        long about = anyChange ? 1L + random.nextInt(MEMBERS) : 4L + random.nextInt(2);
        operations.add(new Operation(type, about));
      }
      Transition transition = Transition.values()[random.nextInt(3)];
      try {
        member.node.proposeConfChange(new ConfChange(transition, operations, Bytes.EMPTY));
      } catch (ProposalDroppedException e) {
        // Not in any log.
      }
    }

    // ---- What must always hold

    void leads(long term, long id) {
      counts.elections++;
      Long other = leaders.putIfAbsent(term, id);
      assertThat(other).as("leader of term %d beside %d", term, id).isIn(null, id);
    }

    void applied(Entry entry) {
      Entry known = committed.putIfAbsent(entry.index(), entry);
      assertThat(known).as("entry applied elsewhere at %d", entry.index()).isIn(null, entry);
      counts.entries += known == null ? 1 : 0;
    }

    /** Log matching: the same index and term mean the same entries up to there. */
    private void checkLogs() {
      TreeMap<EntryId, Entry> entries =
          new TreeMap<>(Comparator.comparingLong(EntryId::index).thenComparingLong(EntryId::term));
      TreeMap<EntryId, Long> termsBefore = new TreeMap<>(entries.comparator());
      for (Member member : members.values()) {
        MemoryStorage storage = member.storage;
        long before = storage.term(storage.firstIndex() - 1);
        for (long i = storage.firstIndex(); i <= storage.lastIndex(); i++) {
          Entry entry = storage.entries(i, i + 1, 0).get(0);
          Entry same = entries.putIfAbsent(entry.id(), entry);
          assertThat(same).isIn(null, entry);
          Long sameBefore = termsBefore.putIfAbsent(entry.id(), before);
          assertThat(sameBefore).as("term before %s", entry.id()).isIn(null, before);
          before = entry.term();
        }
      }
    }

    long maxCommit() {
      return members.values().stream().mapToLong(m -> m.node.commit()).max().orElse(0);
    }

    // ---- Without faults

    private void heal() throws Exception {
      cutOff = 0;
      network.removeIf(m -> m instanceof Message.InstallSnapshot);
      for (Member member : members.values()) {
        members.keySet().forEach(other -> member.node.reportSnapshot(other, false));
      }
      for (int round = 0; round < 400; round++) {
        for (Member member : members.values()) {
          member.node.tick();
          member.takeReadys();
          member.storeAndApplyAll();
        }
        List<Message> now = List.copyOf(network);
        network.clear();
        now.forEach(this::deliver);
        for (Message message : now) {
          if (message instanceof Message.InstallSnapshot) {
            members.get(message.from()).node.reportSnapshot(message.to(), true);
          }
        }
        Member leader = leader();
        if (leader != null && round % 50 == 10) {
          // A member refuses a snapshot that does not name it yet, so there must be newer ones.
          leader.compact();
          propose(leader);
        }
        if (leader != null && round > 100 && isTogether(leader)) {
          return;
        }
      }
      throw new AssertionError("not healed: " + members.values());
    }

    private Member leader() {
      return members.values().stream()
          .filter(m -> m.node.isLeader())
          .max((a, b) -> Long.compare(a.node.term(), b.node.term()))
          .orElse(null);
    }

    private boolean isTogether(Member leader) {
      Status status = leader.node.status();
      return status.commit() == leader.node.lastIndex()
          && status.progress().keySet().stream()
              .allMatch(id -> members.get(id).applied == status.commit());
    }
  }

  /**
   * A member with its disk and its application; what is only in memory ends with a crash. As a
   * mirror it knows its core's state from what the core's observer is told.
   */
  private static final class Member extends Mirror {
    private final Cluster cluster;
    private final long id;
    private final MemoryStorage storage = new MemoryStorage();
    private final ArrayDeque<Message.StorageAppend> appends = new ArrayDeque<>();
    private final ArrayDeque<Message.StorageApply> applies = new ArrayDeque<>();
    private final TreeMap<Long, Long> readFloors = new TreeMap<>();
    private ConfState configuration;
    private long applied;
    private RawNode node;

    Member(Cluster cluster, long id, Snapshot first) {
      this.cluster = cluster;
      this.id = id;
      storage.applySnapshot(first);
      start();
    }

    private void start() {
      Snapshot snapshot = storage.snapshot().orElseThrow();
      applied = snapshot.last().index();
      configuration = snapshot.confState();
      node =
          new RawNode(
              RaftConfig.builder(id, storage, cluster.random)
                  .electionTicks(6)
                  .asyncStorageWrites(true)
                  .applied(applied)
                  .maxMessageBytes(100)
                  .maxInflightMessages(4)
                  .maxInflightBytes(200)
                  .maxCommittedBytesPerReady(150)
                  .maxUncommittedBytes(300)
                  .preVote(cluster.preVote)
                  .checkQuorum(cluster.checkQuorum)
                  .stepDownOnRemoval(cluster.stepDownOnRemoval)
                  .observer(this)
                  .build());
      start(node.status());
    }

    void crash() {
      appends.clear();
      applies.clear();
      readFloors.clear();
      HardState stored = storage.initialState().hardState();
      long first = storage.firstIndex() - 1;
      if (stored.commit() > first) {
        // A commit index alone is not synced: an older one may be all that is left.
        long commit = first + cluster.random.nextInt((int) (stored.commit() - first) + 1);
        storage.setHardState(new HardState(stored.term(), stored.vote(), commit));
      }
      start();
    }

    @Override
    public void stateChanged(long term, Role role, long leader) {
      super.stateChanged(term, role, leader);
      if (role == Role.LEADER) {
        cluster.leads(term, id);
      }
    }

    void step(Message message) {
      try {
        node.step(message);
      } catch (StepException | ProposalDroppedException e) {
        // Lost, as the contract allows.
      }
    }

    void read() {
      long context = ++cluster.lastName;
      readFloors.put(context, cluster.maxCommit());
      node.readIndex(context);
    }

    void takeReadys() {
      while (node.hasReady()) {
        Ready ready = node.ready();
        for (ReadState read : ready.readStates()) {
          Long floor = readFloors.remove(read.context());
          if (floor != null) { // Else it was asked for before a crash, or was answered before.
            assertThat(read.index()).as("read index").isGreaterThanOrEqualTo(floor);
            cluster.counts.reads++;
          }
        }
        List<Message> afterStoring = new ArrayList<>();
        for (Message message : ready.messages()) {
          if (message instanceof Message.StorageAppend append) {
            appends.add(with(append, afterStoring));
          } else if (message instanceof Message.StorageApply apply) {
            applies.add(apply);
          } else if (message instanceof Message.VoteRequest request && !request.preVote()) {
            afterStoring.add(request);
          } else {
            cluster.network.add(message);
          }
        }
      }
    }

    private static Message.StorageAppend with(Message.StorageAppend append, List<Message> more) {
      List<Message> responses = new ArrayList<>(append.responses());
      responses.addAll(more);
      return new Message.StorageAppend(
          append.from(),
          append.to(),
          append.hardState(),
          append.entries(),
          append.snapshot(),
          append.mustSync(),
          responses);
    }

    boolean storeOne() {
      Message.StorageAppend batch = appends.poll();
      if (batch == null) {
        return false;
      }
      if (!batch.hardState().isEmpty()) {
        storage.setHardState(batch.hardState());
      }
      if (!batch.snapshot().isEmpty()) {
        storage.applySnapshot(batch.snapshot());
        applied = batch.snapshot().last().index();
        configuration = batch.snapshot().confState();
        cluster.counts.snapshots++;
      }
      storage.append(batch.entries());
      release(batch.responses());
      return true;
    }

    boolean applyOne() throws MalformedException {
      Message.StorageApply batch = applies.poll();
      if (batch == null) {
        return false;
      }
      for (Entry entry : batch.entries()) {
        cluster.applied(entry);
        if (entry.index() <= applied) {
          continue; // A snapshot that was installed meanwhile holds it.
        }
        assertThat(entry.index()).isEqualTo(applied + 1);
        applied = entry.index();
        if (entry.type() != EntryType.NORMAL) {
          configuration = node.applyConfChange(entry.index(), ConfChange.decode(entry.data()));
          cluster.counts.changes++;
        }
      }
      release(batch.responses());
      return true;
    }

    void storeAndApplyAll() throws MalformedException {
      boolean busy = true;
      while (busy) {
        busy = storeOne() | applyOne();
        takeReadys();
      }
    }

    void compact() {
      if (applied > storage.snapshot().orElseThrow().last().index()) {
        storage.createSnapshot(applied, configuration);
        storage.compact(applied - cluster.random.nextInt(3));
      }
    }

    private void release(List<Message> responses) {
      for (Message response : responses) {
        if (response.to() == id) {
          step(response);
        } else {
          cluster.network.add(response);
        }
      }
    }

    @Override
    public String toString() {
      return node.status() + " last " + node.lastIndex() + " applied " + applied + "\n";
    }
  }
}
