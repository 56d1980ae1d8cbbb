package io.balsa.sim;

import io.balsa.data.Bytes;
import io.balsa.engine.EngineInsight;
import io.balsa.engine.MemberInfo;
import io.balsa.engine.PeerInput;
import io.balsa.engine.request.Answers;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.history.Linearizability;
import io.balsa.history.Operation;
import io.balsa.mvcc.command.KeyRange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One cluster, its clients, and everything that goes wrong for them, in one thread and one order
 * that follows from a seed. First faults happen as planned, and what must never be is judged after
 * every event. Then they stop, and all must be well again in bounded time.
 */
final class Simulation {
  static final long CLUSTER = 77;
  private static final long SESSION = 0x5e55;
  private static final long CALM_NANOS = 10 * Timeline.SECONDS;
  private static final long PROBE_NANOS = 5 * Timeline.SECONDS;
  private static final int SETTLE_SECONDS_MAX = 120;

  final Timeline timeline = new Timeline();
  final Coverage coverage = new Coverage();
  final Operations operations = new Operations();
  final Promises promises = new Promises();
  final List<Operation> history = new ArrayList<>();
  final Elections elections = new Elections(this);
  final SimOptions options;
  final Flaw flaw;
  final Oracle oracle;
  final SimNetwork network;
  final List<Operator> operators = new ArrayList<>();
  private final Random random;
  private final List<Fault> plan;
  private final Map<Long, SimMember> members = new TreeMap<>();
  private final List<SimClient> clients = new ArrayList<>();
  private final List<WatchClient> watchers = new ArrayList<>();
  private final Map<Long, Reply.Refused> refused = new TreeMap<>();
  private long knownRevision;
  private boolean quiet;
  private boolean over;

  /**
   * @param plan the faults; null to draw them from the seed
   */
  Simulation(long seed, Flaw flaw, List<Fault> plan) {
    this.random = new Random(mix(seed));
    this.flaw = flaw;
    this.options = SimOptions.draw(random, flaw != Flaw.NONE);
    List<Fault> drawn =
        Fault.plan(new Random(random.nextLong()), options.faultNanos(), options.meanFaultNanos());
    this.plan = plan == null ? drawn : plan;
    List<MemberInfo> founders = new ArrayList<>();
    for (long id = 1; id <= options.members(); id++) {
      founders.add(new MemberInfo(id, "m" + id, List.of("http://m" + id), List.of()));
    }
    this.oracle = new Oracle(this, founders);
    this.network = new SimNetwork(this, random.nextLong());
    operators.add(new Operator(this, "ann", random.nextLong()));
    operators.add(new Operator(this, "bob", random.nextLong()));
    clients.addAll(operators);
    clients.add(new Founding(this, random.nextLong(), SESSION));
    for (MemberInfo founder : founders) {
      members.put(founder.id(), new SimMember(this, founder, founders, random.nextLong()));
    }
    for (int i = 0; i < options.clients(); i++) {
      clients.add(
          new KeyClient(
              this, "client" + i, random.nextLong(), options.keys(), i == 0 ? SESSION : 0));
    }
    clients.add(new LeaseClient(this, "lease", random.nextLong()));
    KeyRange all = KeyRange.ALL;
    KeyRange one = KeyRange.of(Bytes.utf8("k/0"));
    watchers.add(new WatchClient(this, "watch all", random.nextLong(), all, false));
    watchers.add(new WatchClient(this, "watch one", random.nextLong(), one, false));
    watchers.add(new WatchClient(this, "watch lazily", random.nextLong(), all, true));
    clients.addAll(watchers);
  }

  /** Neighbouring seeds would give random numbers that are alike. */
  private static long mix(long seed) {
    long mixed = (seed ^ (seed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }

  List<Fault> plan() {
    return plan;
  }

  // ---- A run

  /** Runs it to the end. */
  void run() {
    for (SimMember member : members.values()) {
      timeline.after(random.nextInt(500) * Timeline.MILLIS, member::start);
    }
    clients.forEach(SimClient::begin);
    for (Fault fault : plan) {
      timeline.at(
          fault.time(),
          () -> {
            timeline.note(fault.seed());
            fault.happen(this);
          });
    }
    timeline.runUntil(options.faultNanos());
    calm();
    timeline.runUntil(timeline.now() + CALM_NANOS);
    over = true;
    settle();
    probe();
    settle(); // Nothing that is under way, such as the end of a lease, shall make a difference.
    judgeTheEnd();
  }

  private void probe() {
    List<Probe> probes = new ArrayList<>();
    for (long id : oracle.configuration().voters()) {
      Probe probe = new Probe(this, members.get(id), random.nextLong());
      clients.add(probe);
      probe.begin();
      probes.add(probe);
    }
    timeline.runUntil(timeline.now() + PROBE_NANOS);
    for (Probe probe : probes) {
      Violation.unless(probe.isServed(), "%s gets no answer: %s", probe.name(), this);
    }
  }

  private void calm() {
    quiet = true;
    network.heal();
    network.loss = 0;
    network.duplication = 0;
    network.reordering = 0;
    network.lateDelivery = 0;
    network.delayNanos = 0;
    for (SimMember member : members.values()) {
      member.restoreDiskSpeed();
      member.diskStalledUntil = 0;
      member.files.capacity(Long.MAX_VALUE);
      member.files.clearFaults();
      member.clock.setRate(1);
    }
  }

  private void settle() {
    for (int second = 0; second < SETTLE_SECONDS_MAX; second++) {
      timeline.runUntil(timeline.now() + Timeline.SECONDS);
      if (unsettled().isEmpty()) {
        return;
      }
    }
    throw new Violation(
        "not well again %d s after the last fault: %s\n%s"
            .formatted(SETTLE_SECONDS_MAX, unsettled(), this));
  }

  private List<String> unsettled() {
    List<String> reasons = new ArrayList<>();
    if (leader() == null) {
      reasons.add("no leader");
    }
    if (busyOperators() > 0) {
      reasons.add("an operator is busy");
    }
    for (long id : new TreeSet<>(oracle.configuration().voters())) {
      SimMember member = members.get(id);
      if (member == null || !member.isRunning()) {
        reasons.add("member %x does not run".formatted(id));
      } else if (member.replica().appliedIndex() < oracle.lastIndex()) {
        reasons.add("member %x is behind".formatted(id));
      }
    }
    for (WatchClient watcher : watchers) {
      if (watcher.position() < oracle.revision()) {
        reasons.add(watcher.name() + " is behind");
      }
    }
    return reasons;
  }

  private void judgeTheEnd() {
    refused.forEach(
        (id, reply) ->
            Violation.unless(
                oracle.effectOf(id) == 0,
                "write %d was refused (%s) and took effect at revision %d",
                id,
                reply,
                oracle.effectOf(id)));
    for (long id : oracle.configuration().voters()) {
      SimMember member = members.get(id);
      Violation.unless(
          EngineInsight.state(member.replica()).store().stateHash() == oracle.stateHash(),
          "member %x has another state in the end",
          member.id);
    }
    Linearizability.check(history)
        .ifPresent(
            violation -> {
              throw new Violation(violation.toString());
            });
  }

  /** Whether faults have stopped. */
  boolean isQuiet() {
    return quiet;
  }

  /** Whether clients shall ask for nothing more. */
  boolean isOver() {
    return over;
  }

  // ---- Members

  Collection<SimMember> members() {
    return members.values();
  }

  SimMember member(long id) {
    return members.get(id);
  }

  List<SimMember> running() {
    return members.values().stream().filter(SimMember::isRunning).toList();
  }

  /** The leader of the newest term; null for none. */
  SimMember leader() {
    SimMember newest = null;
    for (SimMember member : members.values()) {
      if (member.isRunning()
          && member.node().isLeader()
          && (newest == null || member.node().term() > newest.node().term())) {
        newest = member;
      }
    }
    return newest;
  }

  /** Starts a member that was added. */
  void join(MemberInfo added) {
    if (members.containsKey(added.id())) {
      return;
    }
    SimMember member = new SimMember(this, added, List.of(), random.nextLong());
    members.put(added.id(), member);
    member.introduce(new PeerInput.Members(oracle.memberInfos(), java.util.Set.of()));
    member.start();
  }

  void ended(SimMember member) {
    clients.forEach(client -> client.ended(member));
  }

  /** An operator with nothing to do; null for none. */
  Operator idleOperator() {
    return operators.stream().filter(Operator::isIdle).findFirst().orElse(null);
  }

  int busyOperators() {
    return (int) operators.stream().filter(operator -> !operator.isIdle()).count();
  }

  // ---- Clients

  void answered(SimMember member, String address, Answers answers) {
    for (SimClient client : clients) {
      if (client.member() == member) {
        client.answered(address, answers);
      }
    }
  }

  /** The newest revision that any client was told of. */
  long knownRevision() {
    return knownRevision;
  }

  void know(long revision) {
    knownRevision = Math.max(knownRevision, revision);
  }

  /** A client was told that its write did not happen. */
  void refused(long id, Reply.Refused reply) {
    refused.put(id, reply);
    if (reply.refusal() == Refusal.DISK_FULL) {
      coverage.count(Rare.DISK_FULL_REFUSED);
    }
    Violation.unless(
        oracle.effectOf(id) == 0,
        "write %d was refused (%s) and took effect at revision %d",
        id,
        reply,
        oracle.effectOf(id));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (SimMember member : members.values()) {
      text.append("member %x %s".formatted(member.id, member.state()));
      if (member.isRunning()) {
        text.append(" applied=").append(member.replica().appliedIndex());
        text.append(' ').append(member.view());
      }
      text.append('\n');
    }
    return text.append(oracle.configuration())
        .append(" last=")
        .append(oracle.lastIndex())
        .toString();
  }
}
