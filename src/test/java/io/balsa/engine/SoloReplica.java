package io.balsa.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Answers;
import io.balsa.engine.request.Call;
import io.balsa.engine.request.Leadership;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.engine.request.WatchEvent;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.KeyValue;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.storage.Recovered;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * One replica, of member 1 of three, whose raft loop, disk and clients are the test. The test's log
 * gives proposals their places.
 */
final class SoloReplica implements Outbox {
  static final long CLUSTER = 77;
  static final String CLIENT = "client";
  static final long FIRST_NUMBER = 100;
  static final long TICK_MILLIS = 100;

  final List<RaftInput> raft = new ArrayList<>();
  final List<DiskInput> disk = new ArrayList<>();
  final List<PeerInput.Members> peers = new ArrayList<>();
  final List<Answers> sent = new ArrayList<>();
  final Map<Long, Reply> replies = new TreeMap<>();
  final List<WatchEvent> events = new ArrayList<>();
  final List<Leadership> leaderships = new ArrayList<>();
  final List<String> order = new ArrayList<>();
  final Replica replica;
  long nowMillis = 1_000;
  long term = 1;
  long index = 1;
  long leader;
  long lastSnapshot = 1;
  private long call;

  SoloReplica() {
    this(options());
  }

  SoloReplica(ReplicaOptions options) {
    this(options, StateMachine.genesis(genesis(), founders()), FIRST_NUMBER);
  }

  SoloReplica(ReplicaOptions options, StateMachine state, long firstNumber) {
    Recovered recovered =
        new Recovered(
            new HardState(1, 0, 1),
            genesis(),
            List.of(),
            new Recovered.Report(Optional.empty(), List.of(), List.of()));
    index = state.applied().index();
    lastSnapshot = index;
    replica =
        new Replica(
            options,
            new Recovery(recovered, state),
            firstNumber,
            new Random(5),
            this,
            nowMillis * 1_000_000);
    replica.flush();
  }

  static Snapshot genesis() {
    return new Snapshot(new EntryId(1, 1), ConfState.ofVoters(List.of(1L, 2L, 3L)));
  }

  static List<MemberInfo> founders() {
    return List.of(info(1), info(2), info(3));
  }

  static MemberInfo info(long id) {
    return new MemberInfo(id, "m" + id, List.of("http://peer" + id), List.of());
  }

  static ReplicaOptions options() {
    return ReplicaOptions.of(CLUSTER, info(1));
  }

  /** Options with other values than the service's defaults. */
  static final class Settings {
    private final ReplicaOptions of = options();
    MemberInfo self = of.self();
    int pendingMax = of.pendingMax();
    long pendingBytesMax = of.pendingBytesMax();
    int readsMax = of.readsMax();
    int watchesMax = of.watchesMax();
    long quotaBytes = of.quotaBytes();
    long historyBytes = of.historyBytes();
    long snapshotEntries = of.snapshotEntries();
    long snapshotLogBytesMin = of.snapshotLogBytesMin();
    long leaseCheckpointMillis = of.leaseCheckpointMillis();
    ReplicaOptions.AutoCompaction autoCompaction = of.autoCompaction();

    SoloReplica start() {
      return new SoloReplica(build());
    }

    ReplicaOptions build() {
      return new ReplicaOptions(
          of.clusterId(),
          self,
          pendingMax,
          pendingBytesMax,
          readsMax,
          watchesMax,
          quotaBytes,
          historyBytes,
          of.txnOpsMax(),
          snapshotEntries,
          snapshotLogBytesMin,
          of.applyEntriesMax(),
          of.leaseTtlSecondsMin(),
          leaseCheckpointMillis,
          autoCompaction,
          of.progressMillis(),
          of.watchStallMillis());
    }
  }

  static Op.Put put(String key, String value) {
    return Op.Put.of(Bytes.utf8(key), Bytes.utf8(value), 0);
  }

  static Request.Write write(String key, String value) {
    return new Request.Write(put(key, value));
  }

  static Request.Read get(String key, boolean serializable) {
    return new Request.Read(Op.Range.of(KeyRange.of(Bytes.utf8(key)), 0, 0, false), serializable);
  }

  // ---- Inputs

  void give(ReplicaInput... inputs) {
    for (ReplicaInput input : inputs) {
      replica.handle(input, nowMillis * 1_000_000);
    }
    replica.flush();
  }

  /** Asks in a turn of its own, waiting for up to a second. */
  long ask(Request request) {
    return ask(request, 1_000);
  }

  long ask(Request request, long timeoutMillis) {
    give(new ReplicaInput.Calls(CLIENT, List.of(new Call(++call, timeoutMillis, request))));
    return call;
  }

  void ticks(int count) {
    for (int i = 0; i < count; i++) {
      nowMillis += TICK_MILLIS;
      give(new ReplicaInput.Tick());
    }
  }

  RaftView view() {
    return new RaftView(
        term,
        leader,
        leader == 1,
        index,
        true,
        false,
        List.of(),
        Reply.Wal.NONE,
        lastSnapshot,
        0,
        false,
        false,
        List.of());
  }

  /** A member is known as the leader of a new term, or nobody is. */
  void leader(long member, long ofTerm) {
    leader = member;
    term = ofTerm;
    give(new ReplicaInput.RaftChanged(view()));
  }

  // ---- The log

  /** Commits the no-op of a leader of {@code ofTerm}. */
  void commitNoop(long ofTerm) {
    commit(new Entry(ofTerm, ++index, EntryType.NORMAL, Bytes.EMPTY));
  }

  void commit(long ofTerm, List<Proposal> proposals) {
    List<Entry> entries = new ArrayList<>();
    for (Proposal proposal : proposals) {
      entries.add(new Entry(ofTerm, ++index, proposal.entry().type(), proposal.entry().data()));
    }
    commit(entries.toArray(Entry[]::new));
  }

  void commit(Entry... entries) {
    give(new ReplicaInput.Committed(batch(entries)));
  }

  static Message.StorageApply batch(Entry... entries) {
    return new Message.StorageApply(1, Message.APPLY_THREAD, List.of(entries), List.of());
  }

  /** What another member proposed, or this one in another run. */
  static Bytes sealed(long origin, long number, Command command) {
    return Envelope.seal(origin, number, Envelope.encode(new Envelope.KeyValueCommand(command)));
  }

  void commitForeign(Command command) {
    commit(new Entry(term, ++index, EntryType.NORMAL, sealed(2, index, command)));
  }

  /** Commits what the replica has proposed since the last look, in the present term. */
  void commitProposed() {
    commit(term, proposed());
  }

  /** Asks, and commits what comes of it. */
  Reply call(Request request) {
    long number = ask(request);
    if (!replies.containsKey(number)) {
      commitProposed();
    }
    return replies.get(number);
  }

  // ---- What came out

  <T> List<T> take(List<? super T> from, Class<T> type) {
    List<T> found = new ArrayList<>();
    from.removeIf(one -> type.isInstance(one) && found.add(type.cast(one)));
    return found;
  }

  /** What was proposed since the last look. */
  List<Proposal> proposed() {
    List<Proposal> all = new ArrayList<>();
    take(raft, RaftInput.Propose.class).forEach(propose -> all.addAll(propose.proposals()));
    return all;
  }

  /** The one context of a read round that was asked for since the last look. */
  long readContext() {
    List<RaftInput.ReadIndex> rounds = take(raft, RaftInput.ReadIndex.class);
    assertThat(rounds).as("read rounds").hasSize(1);
    return rounds.get(0).context();
  }

  List<ConfChange> confChanges() {
    List<RaftInput.Applied> applied = take(raft, RaftInput.Applied.class);
    return applied.get(applied.size() - 1).confChanges();
  }

  <T extends WatchEvent> List<T> takeEvents(Class<T> type) {
    return take(events, type);
  }

  void assertRefused(long number, Refusal refusal, boolean unknown) {
    assertThat(replies.get(number))
        .isInstanceOfSatisfying(
            Reply.Refused.class,
            refused -> {
              assertThat(refused.refusal()).isEqualTo(refusal);
              assertThat(refused.unknown()).isEqualTo(unknown);
              assertThat(refused.detail()).isNotEmpty();
            });
  }

  Reply.MemberStatus status() {
    return ((Reply.Status) replies.get(ask(new Request.Status()))).status();
  }

  /** The value of a key in this member's own state, null for none. */
  String value(String key) {
    Reply.Read read = (Reply.Read) replies.get(ask(get(key, true)));
    List<KeyValue> items = ((OpResult.Ranged) read.result()).items();
    return items.isEmpty() ? null : items.get(0).value().asUtf8().orElseThrow();
  }

  @Override
  public void toRaft(RaftInput input) {
    raft.add(input);
    order.add(input.getClass().getSimpleName());
  }

  @Override
  public void toDisk(DiskInput input) {
    disk.add(input);
  }

  @Override
  public void toPeers(PeerInput input) {
    peers.add((PeerInput.Members) input);
  }

  @Override
  public void toReplica(ReplicaInput input) {
    throw new AssertionError("the replica does not talk to itself");
  }

  @Override
  public void toSnapshotUser(String address, SnapshotIo answer) {
    throw new AssertionError("not from here");
  }

  @Override
  public void toClient(String address, Answers answers) {
    sent.add(answers);
    order.add("Answers");
    for (Answers.Answer answer : answers.answers()) {
      assertThat(replies.put(answer.number(), answer.reply())).as("answered once").isNull();
    }
    events.addAll(answers.events());
  }

  @Override
  public void leadership(Leadership seen) {
    leaderships.add(seen);
  }

  @Override
  public void removed() {
    order.add("removed");
  }
}
