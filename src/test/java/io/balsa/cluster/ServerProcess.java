package io.balsa.cluster;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One {@code balsa server} in a process of its own, which can be killed and started again with the
 * same data. Its output goes to a file beside its data.
 */
final class ServerProcess implements AutoCloseable {
  private static final Duration READY_LIMIT = Duration.ofSeconds(60);
  private static final Duration EXIT_LIMIT = Duration.ofSeconds(20);

  private final String name;
  private final Place place;
  private int clientPort = Ports.free();
  private int peerPort = Ports.free();
  private final Path directory;
  private final List<String> jvmOptions;
  private final List<String> options;
  private final CpuWaits cpuWaits = new CpuWaits();
  private List<String> membership = List.of();
  private Process process;

  /**
   * @param directory of this member alone
   * @param jvmOptions before {@code -jar}
   * @param options of {@code balsa server}, beside name, addresses, directory and membership
   */
  ServerProcess(String name, Path directory, List<String> jvmOptions, List<String> options) {
    this(name, Place.HERE, directory, jvmOptions, options);
  }

  /** As the other, for a server somewhere else. */
  ServerProcess(
      String name, Place place, Path directory, List<String> jvmOptions, List<String> options) {
    this.name = name;
    this.place = place;
    this.directory = directory;
    this.jvmOptions = List.copyOf(jvmOptions);
    this.options = List.copyOf(options);
  }

  String name() {
    return name;
  }

  ClientPort endpoint() {
    return new ClientPort(URI.create("http://" + place.host() + ":" + clientPort));
  }

  String peerUrl() {
    return "http://" + place.host() + ":" + peerPort;
  }

  Path dataDirectory() {
    return directory.resolve("data");
  }

  Path log() {
    return directory.resolve("output.log");
  }

  long pid() {
    return process.pid();
  }

  boolean isRunning() {
    return process != null && process.isAlive();
  }

  /**
   * Which members it is told to expect at its first start.
   *
   * @param state {@code new} or {@code existing}
   */
  void setMembership(List<ServerProcess> members, String state) {
    List<String> urls = new ArrayList<>();
    members.forEach(member -> urls.add(member.name + "=" + member.peerUrl()));
    membership =
        List.of("--initial-cluster", String.join(",", urls), "--initial-cluster-state", state);
  }

  /**
   * How it is told to find the others, instead of {@link #setMembership}.
   *
   * @param discovery flags of {@code balsa server}
   */
  void setDiscovery(List<String> discovery) {
    membership = List.copyOf(discovery);
  }

  /** From the next start on it is to be found elsewhere. */
  void move() {
    clientPort = Ports.free();
    peerPort = Ports.free();
  }

  /** Starts it; returns before it is ready. */
  void start() {
    List<String> arguments = new ArrayList<>(List.of("server", "--name", name));
    arguments.addAll(List.of("--data-dir", dataDirectory().toString()));
    String clientUrl = endpoint().base().toString();
    arguments.addAll(List.of("--listen-client-urls", clientUrl));
    arguments.addAll(List.of("--advertise-client-urls", clientUrl));
    arguments.addAll(List.of("--listen-peer-urls", peerUrl()));
    arguments.addAll(List.of("--initial-advertise-peer-urls", peerUrl()));
    arguments.addAll(membership);
    arguments.addAll(options);
    List<String> jvm = new ArrayList<>(jvmOptions);
    jvm.add(CpuWaits.PRINT_PAUSES);
    process = BalsaJar.start(place, directory, log(), jvm, arguments);
    cpuWaits.watch(process);
  }

  /** Waits until it takes requests. */
  void awaitReady() {
    awaitReady(READY_LIMIT);
  }

  /** Waits until it takes requests, for one that has more to do before. */
  void awaitReady(Duration limit) {
    Await.until(
        name + " is ready",
        limit,
        () -> {
          if (!process.isAlive()) {
            throw new AssertionError(
                name + " ended with " + process.exitValue() + ":\n" + logTail());
          }
          return endpoint().get("/readyz").status() == 200;
        });
  }

  /** Kill -9: no shutdown hook, no flush. */
  void kill() {
    process.destroyForcibly();
    awaitExit();
  }

  /** SIGTERM; returns the exit code. */
  int terminate() {
    Signals.send(process, "TERM");
    return awaitExit();
  }

  /** SIGSTOP: it neither runs nor dies, as in a long pause of a virtual machine. */
  void pause() {
    Signals.send(process, "STOP");
  }

  /** SIGCONT. */
  void resume() {
    Signals.send(process, "CONT");
  }

  /** Keeps a copy of its data beside them; it must not run. */
  void keepData() {
    Servers.copyAll(dataDirectory(), keptData());
  }

  /** Ends it, and brings back what {@link #keepData} kept, with an empty log. */
  void bringKeptDataBack() {
    close();
    Servers.deleteAll(log());
    Servers.deleteAll(dataDirectory());
    Servers.copyAll(keptData(), dataDirectory());
  }

  private Path keptData() {
    return directory.resolve("kept");
  }

  /** Waits for the end; returns the exit code. */
  int awaitExit() {
    try {
      return Signals.awaitExit(process, EXIT_LIMIT);
    } catch (AssertionError e) {
      throw new AssertionError(name + " " + e.getMessage() + ":\n" + logTail(), e);
    }
  }

  /** Empty if it does not answer. */
  Optional<MemberStatus> status() {
    if (!isRunning()) {
      return Optional.empty();
    }
    Answer answer = endpoint().get("/v1/status");
    return answer.status() == 200 ? Optional.of(MemberStatus.of(answer.json())) : Optional.empty();
  }

  /** How many watches it has cut off for not being read, since it started. */
  long watchesCutOff() {
    return endpoint()
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("balsa_watches_cut_off_total "))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.indexOf(' '))))
        .findFirst()
        .orElse(0);
  }

  /**
   * The memory of the process (Linux).
   *
   * @param line of its status: {@code VmRSS} for what it has now, {@code VmHWM} for the most it had
   */
  long residentMib(String line) {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status")).stream()
          .filter(found -> found.startsWith(line + ":"))
          .mapToLong(found -> Long.parseLong(found.replaceAll("\\D", "")) >> 10)
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new AssertionError("reading the status of " + name, e);
    }
  }

  /** What of its heap is alive: collects the rest. */
  long liveMib() throws IOException {
    return Long.parseLong(jcmd("GC.class_histogram").strip().replaceAll("(?s).* ", "")) >> 20;
  }

  /** What a command of the JVM says. */
  String jcmd(String command) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid()),
                command)
            .redirectErrorStream(true)
            .start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** What it has written since its first start. */
  String logText() {
    try {
      return Files.exists(log()) ? Files.readString(log(), StandardCharsets.UTF_8) : "";
    } catch (IOException e) {
      throw new AssertionError("reading " + log(), e);
    }
  }

  /** The last that the program has written; its JVM may have told of a collection behind that. */
  String lastLine() {
    return logText()
        .lines()
        .filter(line -> !line.contains("] GC("))
        .reduce((first, second) -> second)
        .orElse("");
  }

  /** The end of what it has written. */
  String logTail() {
    List<String> lines = logText().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
  }

  /**
   * Lines that no fault outside the process excuses: errors, stack traces, a blocked event loop.
   * One that had no CPU was not blocked; how many were excused so is printed.
   */
  List<String> alarms() {
    String log = logText();
    List<String> alarms = log.lines().filter(Alarms::isAlarm).toList();
    List<String> ours = alarms.stream().filter(line -> !cpuWaits.explain(line, log)).toList();
    if (ours.size() < alarms.size()) {
      System.out.printf(
          "%s: %d times an event loop had no CPU%n", name, alarms.size() - ours.size());
    }
    return ours;
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
      awaitExit();
      // By which jcmd spoke with it; a JVM that is killed leaves it behind.
      Path socket = Path.of("/tmp/.java_pid" + pid());
      try {
        Files.deleteIfExists(socket);
      } catch (IOException e) {
        throw new AssertionError("deleting " + socket, e);
      }
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
