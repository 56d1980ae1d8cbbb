package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.history.Action.Put;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/**
 * Does harm to a cluster in rounds, and undoes it: one fault, or two that overlap, then a moment of
 * calm in which writes must be acknowledged again. What is chosen depends on the seed alone; how
 * long the machine takes for it does not. Prints what it does.
 */
final class Chaos {
  /** Until writes are acknowledged after everything is undone; servers may have to start. */
  private static final Duration RECOVERY_LIMIT = Duration.ofSeconds(60);

  private static final Duration STATUS_LIMIT = Duration.ofMillis(500);
  private static final Duration LEADER_LIMIT = Duration.ofSeconds(30);

  /** What can be done to a cluster. */
  enum Fault {
    KILL_ONE,
    KILL_LEADER,
    KILL_MAJORITY,
    KILL_ALL,
    /** Longer than an election timeout. */
    PAUSE_ONE,
    PAUSE_LEADER,
    /** Both ways, from all others. */
    CUT_OFF_ONE,
    CUT_OFF_LEADER,
    /** It hears nobody, but is heard. */
    DEAFEN_ONE,
    DEAFEN_LEADER,
    /** Nobody hears it, but it hears. */
    MUTE_LEADER,
    /** One direction between two members. */
    CUT_ONE_WAY,
    /** Two halves that only one member can see both of. */
    BRIDGE,
    FAIL_SYNC,
    SLOW_SYNC,
    /** Every sync of the leader takes five seconds. */
    HOLD_LEADER_SYNC,
    FILL_DISK
  }

  private static final Set<Fault> CUTS =
      EnumSet.of(
          Fault.CUT_OFF_ONE,
          Fault.CUT_OFF_LEADER,
          Fault.DEAFEN_ONE,
          Fault.DEAFEN_LEADER,
          Fault.MUTE_LEADER,
          Fault.CUT_ONE_WAY,
          Fault.BRIDGE);

  private static final Set<Fault> OF_SYNCS =
      EnumSet.of(Fault.FAIL_SYNC, Fault.SLOW_SYNC, Fault.HOLD_LEADER_SYNC);

  /** Those that may come on top of another. */
  private static final Set<Fault> SECOND =
      EnumSet.of(Fault.KILL_ONE, Fault.PAUSE_ONE, Fault.CUT_ONE_WAY, Fault.SLOW_SYNC);

  private final TestCluster cluster;
  private final RecordingClients clients;
  private final Optional<Network> network;
  private final Optional<SmallDisk> diskOfLast;
  private final Random random;
  private final long startNanos = System.nanoTime();

  private final Set<ServerProcess> harmed = new HashSet<>();
  private boolean isCut;
  private int probes;
  private final Map<Fault, Integer> counts = new EnumMap<>(Fault.class);
  private final Map<Fault, List<Double>> waits = new EnumMap<>(Fault.class);
  private final List<Double> failovers = new ArrayList<>();
  private final Map<Fault, List<Double>> takeovers = new EnumMap<>(Fault.class);

  /**
   * @param network that the members are in; without one, nothing is cut
   * @param diskOfLast that the last member has its data on; without one, none fills
   */
  Chaos(
      TestCluster cluster,
      RecordingClients clients,
      Optional<Network> network,
      Optional<SmallDisk> diskOfLast,
      Random random) {
    this.cluster = cluster;
    this.clients = clients;
    this.network = network;
    this.diskOfLast = diskOfLast;
    this.random = random;
  }

  /** Goes on for at least {@code span}, those of {@code faults} that are possible in turn. */
  void run(Set<Fault> faults, Duration span) {
    List<Fault> order = new ArrayList<>();
    while (System.nanoTime() - startNanos < span.toNanos()) {
      if (order.isEmpty()) {
        order.addAll(faults);
        if (faults.contains(Fault.KILL_LEADER)) {
          order.addAll(Collections.nCopies(2, Fault.KILL_LEADER)); // For a median of some worth.
        }
        order.retainAll(possible());
        Collections.shuffle(order, random);
      }
      round(order.remove(0));
    }
  }

  /** Does each of these that is possible once. */
  void runEach(List<Fault> faults) {
    faults.stream().filter(possible()::contains).forEach(this::round);
  }

  /** What this machine allows. */
  Set<Fault> possible() {
    Set<Fault> faults = EnumSet.allOf(Fault.class);
    if (network.isEmpty()) {
      faults.removeAll(CUTS);
    }
    if (diskOfLast.isEmpty()) {
      faults.remove(Fault.FILL_DISK);
    }
    if (!Strace.isInstalled()) {
      faults.removeAll(OF_SYNCS);
    }
    return faults;
  }

  private void round(Fault first) {
    List<Runnable> undo = new ArrayList<>();
    // Else the members that were killed last may still be starting: two faults in a way.
    boolean settled = random.nextInt(3) > 0;
    if (settled) {
      cluster.members().forEach(ServerProcess::awaitReady);
    }
    clients.takeLongestWaitSeconds();
    undo.add(begin(first));
    watchFor(millis(1_500, 4_000));
    boolean alone = harmed.size() > 1 || random.nextInt(3) > 0;
    if (!alone) {
      List<Fault> seconds = new ArrayList<>(SECOND);
      seconds.retainAll(possible());
      if (isCut) {
        seconds.removeAll(CUTS);
      }
      undo.add(begin(seconds.get(random.nextInt(seconds.size()))));
      watchFor(millis(1_000, 4_000));
    }
    Collections.shuffle(undo, random);
    undo.forEach(Runnable::run);
    harmed.clear();
    isCut = false;
    long undone = System.nanoTime();
    Await.until(
        "writes are acknowledged after " + first,
        RECOVERY_LIMIT,
        () -> clients.lastWriteNanos() > undone);
    double wait = clients.takeLongestWaitSeconds();
    say(
        "writes %.2f s after it is undone, longest wait %.2f s",
        (clients.lastWriteNanos() - undone) / 1e9, wait);
    if (settled && alone) {
      waits.computeIfAbsent(first, none -> new ArrayList<>()).add(wait);
    }
    watchFor(millis(500, 2_500));
  }

  private Duration millis(int min, int max) {
    return Duration.ofMillis(min + random.nextInt(max - min));
  }

  /** Sees that nobody ends by itself, and that clients are given answers that are allowed. */
  private void watchFor(Duration span) {
    Await.never(
        "a member ended by itself",
        span,
        () -> {
          clients.check();
          return cluster.members().stream()
              .anyMatch(member -> !harmed.contains(member) && !member.isRunning());
        });
  }

  /** Does it, and returns what undoes it. */
  private Runnable begin(Fault fault) {
    counts.merge(fault, 1, Integer::sum);
    return switch (fault) {
      case KILL_ONE -> kill(fault, List.of(any()));
      case KILL_LEADER -> killLeader();
      case KILL_MAJORITY -> kill(fault, some(cluster.members().size() / 2 + 1));
      case KILL_ALL -> kill(fault, cluster.members());
      case PAUSE_ONE -> pause(fault, any());
      case PAUSE_LEADER -> depose(fault, leader -> pause(fault, leader));
      case CUT_OFF_ONE -> cutOff(fault, any(), true, true);
      case CUT_OFF_LEADER -> depose(fault, leader -> cutOff(fault, leader, true, true));
      case DEAFEN_ONE -> cutOff(fault, any(), true, false);
      case DEAFEN_LEADER -> depose(fault, leader -> cutOff(fault, leader, true, false));
      case MUTE_LEADER -> depose(fault, leader -> cutOff(fault, leader, false, true));
      case CUT_ONE_WAY -> cutOneWay();
      case BRIDGE -> bridge();
      case FAIL_SYNC -> failSync(any());
      case SLOW_SYNC -> slowSync(fault, any(), millis(50, 1_500));
      case HOLD_LEADER_SYNC ->
          depose(fault, leader -> slowSync(fault, leader, Duration.ofSeconds(5)));
      case FILL_DISK -> fillDisk();
    };
  }

  private Runnable kill(Fault fault, List<ServerProcess> members) {
    say("%s %s", fault, members);
    harmed.addAll(members);
    members.forEach(ServerProcess::kill);
    return () -> start(members);
  }

  private void start(List<ServerProcess> members) {
    say("start %s", members);
    members.forEach(ServerProcess::start);
  }

  /** Measures how long a client that asks all others at once waits for its next write. */
  private Runnable killLeader() {
    cluster.members().forEach(ServerProcess::awaitReady);
    ServerProcess leader = leader();
    List<ServerProcess> others =
        cluster.members().stream().filter(member -> member != leader).toList();
    harmed.add(leader);
    ConcurrentLinkedQueue<Long> written = new ConcurrentLinkedQueue<>();
    long killed = System.nanoTime();
    leader.kill();
    for (ServerProcess other : others) {
      int client = 1_000 + probes++;
      Thread thread = new Thread(() -> probe(other, client, written), "probe-" + client);
      thread.setDaemon(true);
      thread.start();
    }
    Await.until("a write after the leader's end", LEADER_LIMIT, () -> !written.isEmpty());
    double seconds = (written.peek() - killed) / 1e9;
    failovers.add(seconds);
    say("%s [%s], next write after %.2f s", Fault.KILL_LEADER, leader, seconds);
    return () -> start(List.of(leader));
  }

  private void probe(ServerProcess member, int client, ConcurrentLinkedQueue<Long> written) {
    for (int attempt = 0; written.isEmpty(); attempt++) {
      Put put = new Put(Bytes.utf8(client + "-" + attempt));
      if (clients.send(member.endpoint(), client, "chaos/probe", put).isApplied()) {
        written.add(System.nanoTime());
      }
    }
  }

  /** Does to the leader what must cost it the leadership, and measures for how long it goes on. */
  private Runnable depose(Fault fault, Function<ServerProcess, Runnable> harm) {
    cluster.members().forEach(ServerProcess::awaitReady);
    ServerProcess leader = leader();
    long begun = System.nanoTime();
    Runnable undo = harm.apply(leader);
    Await.until(
        "another leader than " + leader + " after " + fault,
        LEADER_LIMIT,
        () -> leaderNow().filter(other -> other != leader).isPresent());
    double seconds = (System.nanoTime() - begun) / 1e9;
    takeovers.computeIfAbsent(fault, none -> new ArrayList<>()).add(seconds);
    say("another one leads after %.2f s", seconds);
    return undo;
  }

  private Runnable pause(Fault fault, ServerProcess member) {
    say("%s %s", fault, member);
    harmed.add(member);
    member.pause();
    return member::resume;
  }

  private Runnable cutOff(Fault fault, ServerProcess member, boolean deaf, boolean mute) {
    say("%s %s", fault, member);
    List<int[]> ways = new ArrayList<>();
    int alone = cluster.members().indexOf(member);
    for (int other = 0; other < cluster.members().size(); other++) {
      if (other != alone && deaf) {
        ways.add(new int[] {other, alone});
      }
      if (other != alone && mute) {
        ways.add(new int[] {alone, other});
      }
    }
    return cut(ways);
  }

  private Runnable cutOneWay() {
    List<ServerProcess> two = some(2);
    say("%s from %s to %s", Fault.CUT_ONE_WAY, two.get(0), two.get(1));
    List<ServerProcess> members = cluster.members();
    return cut(List.of(new int[] {members.indexOf(two.get(0)), members.indexOf(two.get(1))}));
  }

  private Runnable bridge() {
    List<ServerProcess> members = some(cluster.members().size());
    say("%s %s in the middle", Fault.BRIDGE, members);
    int middle = members.size() / 2;
    List<int[]> ways = new ArrayList<>();
    for (int left = 0; left < middle; left++) {
      for (int right = middle + 1; right < members.size(); right++) {
        int one = cluster.members().indexOf(members.get(left));
        int other = cluster.members().indexOf(members.get(right));
        ways.add(new int[] {one, other});
        ways.add(new int[] {other, one});
      }
    }
    return cut(ways);
  }

  private Runnable cut(List<int[]> ways) {
    Network net = network.orElseThrow();
    isCut = true;
    ways.forEach(way -> net.cut(way[0], way[1]));
    return () -> ways.forEach(way -> net.heal(way[0], way[1]));
  }

  /** It must end by itself, and with another code than 0. */
  private Runnable failSync(ServerProcess member) {
    say("%s %s", Fault.FAIL_SYNC, member);
    harmed.add(member);
    Strace failing = Strace.failSyncs(member);
    assertThat(member.awaitExit()).as(member.logTail()).isNotZero();
    failing.close();
    return () -> start(List.of(member));
  }

  private Runnable slowSync(Fault fault, ServerProcess member, Duration delay) {
    say("%s %s by %d ms", fault, member, delay.toMillis());
    harmed.add(member);
    return Strace.slowSyncs(member, delay)::close;
  }

  private Runnable fillDisk() {
    ServerProcess last = cluster.members().get(cluster.members().size() - 1);
    say("%s of %s, leader %s", Fault.FILL_DISK, last, leaderNow().orElse(null));
    SmallDisk disk = diskOfLast.orElseThrow();
    disk.fill();
    return disk::free;
  }

  private ServerProcess any() {
    return some(1).get(0);
  }

  /** As many that nothing has been done to, in a random order. */
  private List<ServerProcess> some(int count) {
    List<ServerProcess> members = new ArrayList<>(cluster.members());
    members.removeAll(harmed);
    Collections.shuffle(members, random);
    return List.copyOf(members.subList(0, count));
  }

  private ServerProcess leader() {
    return Await.value("a leader", LEADER_LIMIT, this::leaderNow);
  }

  /**
   * Who says of itself that it leads, in the highest term seen; does not wait for one that hangs.
   */
  private Optional<ServerProcess> leaderNow() {
    ServerProcess leader = null;
    long termMax = -1;
    for (ServerProcess member : cluster.running()) {
      Answer answer = member.endpoint().send(STATUS_LIMIT, "GET", "/v1/status", null);
      if (answer.status() == 200) {
        MemberStatus status = MemberStatus.of(new JsonObject(answer.text()));
        if (status.term() > termMax) {
          leader = status.isLeader() ? member : null;
          termMax = status.term();
        } else if (status.term() == termMax && status.isLeader()) {
          leader = member;
        }
      }
    }
    return Optional.ofNullable(leader);
  }

  /** What was done and how long writes had to wait, for a reader. */
  void printSummary() {
    System.out.printf(
        "faults: %s; load of the machine %.1f on %d cores%n",
        counts,
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
        Runtime.getRuntime().availableProcessors());
    waits.forEach(
        (fault, seconds) ->
            System.out.printf(
                "  %s: longest wait for a write, median %.2f s, most %.2f s%n",
                fault, median(seconds), Collections.max(seconds)));
    if (!failovers.isEmpty()) {
      System.out.printf(
          "leader killed %d times, next write after: median %.2f s, most %.2f s, all %s%n",
          failovers.size(), median(failovers), Collections.max(failovers), rounded(failovers));
    }
    takeovers.forEach(
        (fault, seconds) ->
            System.out.printf(
                "  %s: another leads after, median %.2f s, most %.2f s%n",
                fault, median(seconds), Collections.max(seconds)));
  }

  private static double median(List<Double> seconds) {
    List<Double> sorted = seconds.stream().sorted().toList();
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }

  private static List<String> rounded(List<Double> seconds) {
    return seconds.stream().map("%.2f"::formatted).toList();
  }

  private void say(String text, Object... values) {
    System.out.printf(
        "%7.2f s  %s%n", (System.nanoTime() - startNanos) / 1e9, text.formatted(values));
  }
}
