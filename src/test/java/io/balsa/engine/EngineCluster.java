package io.balsa.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Answers;
import io.balsa.engine.request.Call;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.engine.request.WatchEvent;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import io.balsa.raft.message.Message;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.StorageException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * Whole engines that talk over a network in memory, in one thread and one order that a seed
 * decides. Time passes when a test says so, or when nothing else can happen.
 */
final class EngineCluster {
  static final long CLUSTER = 77;
  private static final long TICK_MILLIS = 100;
  private static final String CLIENT = "client";

  final Random random;
  final TreeMap<Long, EngineMember> members = new TreeMap<>();
  long catchUpEntries = 20;
  long snapshotEntries = 1_000_000;
  long leaseCheckpointMillis = 300_000;
  private final List<MemberInfo> founders = new ArrayList<>();
  private final List<Sent> network = new ArrayList<>();
  private final Set<Long> cutOff = new HashSet<>();
  private final Map<Long, Reply> replies = new TreeMap<>();
  private final List<WatchEvent> events = new ArrayList<>();
  private long nowMillis = 1_000_000;
  private long nextCall;

  private record Sent(long from, Message message) {}

  EngineCluster(long seed) {
    random = new Random(seed);
  }

  /** Founders with ids from 1. */
  static EngineCluster of(int size, long seed) throws StorageException {
    return new EngineCluster(seed).founders(size);
  }

  EngineCluster founders(int size) throws StorageException {
    for (long id = 1; id <= size; id++) {
      founders.add(info(id, "m" + id));
    }
    for (MemberInfo founder : founders) {
      add(founder, founders);
    }
    return this;
  }

  private static MemberInfo info(long id, String name) {
    return new MemberInfo(id, name, List.of("http://" + name), List.of());
  }

  /** A member with an empty disk that joins. */
  EngineMember join(long id, String name) throws StorageException {
    EngineMember joined = add(info(id, name), List.of());
    joined.told = leader().told; // It asked one of them.
    return joined;
  }

  private EngineMember add(MemberInfo self, List<MemberInfo> founding) throws StorageException {
    EngineMember member =
        new EngineMember(
            this, self, new SimulatedFileSystem(new Random(random.nextLong())), founding);
    members.put(self.id(), member);
    member.start();
    return member;
  }

  ReplicaOptions options(MemberInfo self) {
    return ReplicaOptions.of(CLUSTER, self)
        .configured(
            1 << 30,
            1 << 26,
            128,
            snapshotEntries,
            1 << 26,
            1_000,
            ReplicaOptions.AutoCompaction.NONE)
        .withLeaseCheckpointMillis(leaseCheckpointMillis);
  }

  long nowMillis() {
    return nowMillis;
  }

  long nowNanos() {
    return nowMillis * 1_000_000;
  }

  // ---- Network

  /** As the transport does: only to who the sender knows, and not from who was removed. */
  void send(EngineMember from, Message message) {
    EngineMember receiver = members.get(message.to());
    boolean known =
        from.told != null
            && from.told.members().stream().anyMatch(member -> member.id() == message.to());
    if (receiver != null && receiver.told != null && receiver.told.removed().contains(from.id)) {
      from.toRaft(new RaftInput.Removed());
    } else if (known) {
      network.add(new Sent(from.id, message));
    } else if (message instanceof Message.InstallSnapshot) {
      from.toRaft(new RaftInput.SnapshotSent(message.to(), false));
    }
  }

  /** Nothing goes to or from this member. */
  void cutOff(long member) {
    cutOff.add(member);
  }

  void heal() {
    cutOff.clear();
  }

  private void deliver(int place) throws StorageException {
    Sent sent = network.remove(place);
    EngineMember sender = members.get(sent.from());
    EngineMember receiver = members.get(sent.message().to());
    if (receiver != null
        && receiver.alive
        && !cutOff.contains(sent.from())
        && !cutOff.contains(receiver.id)) {
      receiver.deliver(sent.message(), sender);
    } else if (sent.message() instanceof Message.InstallSnapshot && sender.alive) {
      sender.toRaft(new RaftInput.SnapshotSent(sent.message().to(), false)); // As a stream would.
    }
  }

  // ---- Time

  /** Does one thing that can happen; false if nothing can without time passing. */
  boolean step() throws StorageException {
    List<Choice> choices = new ArrayList<>();
    for (EngineMember member : members.values()) {
      if (member.alive) {
        for (EngineMember.Part part : EngineMember.Part.values()) {
          if (!member.isIdle(part)) {
            choices.add(new Choice(member, part));
          }
        }
      }
    }
    int count = choices.size() + (network.isEmpty() ? 0 : 1);
    if (count == 0) {
      return false;
    }
    int chosen = random.nextInt(count);
    if (chosen == choices.size()) {
      // In order for each pair of members, as on a stream.
      deliver(firstOfItsStream(random.nextInt(network.size())));
    } else {
      choices.get(chosen).member().step(choices.get(chosen).part());
    }
    return true;
  }

  private record Choice(EngineMember member, EngineMember.Part part) {}

  private int firstOfItsStream(int place) {
    Sent chosen = network.get(place);
    for (int i = 0; i < place; i++) {
      Sent earlier = network.get(i);
      if (earlier.from() == chosen.from() && earlier.message().to() == chosen.message().to()) {
        return i;
      }
    }
    return place;
  }

  /** A heartbeat interval passes for all members. */
  void tick() {
    nowMillis += TICK_MILLIS;
    for (EngineMember member : members.values()) {
      if (member.alive) {
        member.toRaft(new RaftInput.Tick());
        member.toReplica(new ReplicaInput.Tick());
      }
    }
  }

  /** Everything happens that can, and time passes, until the condition holds. */
  void until(String what, BooleanSupplier condition) throws StorageException {
    for (int ticks = 0; ticks < 600; ticks++) {
      while (!condition.getAsBoolean() && step()) {
        continue;
      }
      if (condition.getAsBoolean()) {
        return;
      }
      tick();
    }
    throw new AssertionError("never came: " + what + "; " + this);
  }

  /** Time passes. */
  void ticks(int count) throws StorageException {
    for (int i = 0; i < count; i++) {
      tick();
      while (step()) {
        continue;
      }
    }
  }

  EngineMember leader() throws StorageException {
    until("a leader", () -> leaderOrNull() != null);
    return leaderOrNull();
  }

  EngineMember leaderOrNull() {
    EngineMember newest = null;
    for (EngineMember member : members.values()) {
      if (member.alive
          && member.view != null
          && member.view.isLeader()
          && !cutOff.contains(member.id)
          && (newest == null || member.view.term() > newest.view.term())) {
        newest = member;
      }
    }
    return newest;
  }

  EngineMember follower() throws StorageException {
    EngineMember leader = leader();
    return members.values().stream()
        .filter(member -> member.alive && member != leader)
        .findFirst()
        .orElseThrow();
  }

  // ---- Clients

  /** Asks a member, does not wait. */
  long ask(EngineMember member, Request request, long timeoutMillis) {
    long number = ++nextCall;
    member.toReplica(
        new ReplicaInput.Calls(CLIENT, List.of(new Call(number, timeoutMillis, request))));
    return number;
  }

  /** Asks a member and lets everything happen until it has answered. */
  Reply call(EngineMember member, Request request) throws StorageException {
    long number = ask(member, request, 7_000);
    until("an answer to " + request, () -> replies.containsKey(number));
    return replies.get(number);
  }

  /** Reads a key that is there. */
  String value(EngineMember member, String key, boolean serializable) throws StorageException {
    Op.Range range = Op.Range.of(KeyRange.of(Bytes.utf8(key)), 0, 0, false);
    Reply reply = call(member, new Request.Read(range, serializable));
    return ((OpResult.Ranged) ((Reply.Read) reply).result())
        .items()
        .get(0)
        .value()
        .asUtf8()
        .orElseThrow();
  }

  /** The answer to a call, null for none. */
  Reply reply(long call) {
    return replies.get(call);
  }

  List<WatchEvent> events() {
    return events;
  }

  void answered(String address, Answers answers) {
    assertThat(address).isEqualTo(CLIENT);
    for (Answers.Answer answer : answers.answers()) {
      Reply before = replies.put(answer.number(), answer.reply());
      assertThat(before).as("a call is answered once").isNull();
    }
    events.addAll(answers.events());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (EngineMember member : members.values()) {
      text.append(
          "%nmember %d alive=%s removed=%s".formatted(member.id, member.alive, member.removed));
      if (member.alive) {
        text.append(" applied=%d %s".formatted(member.replica.appliedIndex(), member.view));
      }
    }
    return text.toString();
  }
}
