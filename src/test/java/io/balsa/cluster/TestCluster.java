package io.balsa.cluster;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Server processes that form one cluster. */
final class TestCluster implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path directory;
  private final List<String> jvmOptions;
  private final List<String> options;
  private final List<ServerProcess> members = new CopyOnWriteArrayList<>();

  private TestCluster(Path directory, List<String> jvmOptions, List<String> options) {
    this.directory = directory;
    this.jvmOptions = jvmOptions;
    this.options = options;
  }

  /** Prepares {@code size} members named n1, n2 and so on; none is started. */
  static TestCluster prepare(
      int size, Path directory, List<String> jvmOptions, List<String> options) {
    return prepare(Collections.nCopies(size, Place.HERE), directory, jvmOptions, options);
  }

  /** As the other, one member at each place. */
  static TestCluster prepare(
      List<Place> places, Path directory, List<String> jvmOptions, List<String> options) {
    TestCluster cluster = new TestCluster(directory, jvmOptions, options);
    for (Place place : places) {
      cluster.members.add(cluster.member("n" + (cluster.members.size() + 1), place));
    }
    cluster.members.forEach(member -> member.setMembership(cluster.members, "new"));
    return cluster;
  }

  private ServerProcess member(String name, Place place) {
    return new ServerProcess(name, place, directory.resolve(name), jvmOptions, options);
  }

  /** Starts all that do not run, and waits until they are ready. */
  void start() {
    List<ServerProcess> stopped = members.stream().filter(member -> !member.isRunning()).toList();
    stopped.forEach(ServerProcess::start);
    stopped.forEach(ServerProcess::awaitReady);
  }

  /** Prepares one more member for this running cluster; it is neither started nor announced. */
  ServerProcess prepareNewMember(String name) {
    ServerProcess fresh = member(name, Place.HERE);
    members.add(fresh);
    fresh.setMembership(members, "existing");
    return fresh;
  }

  /** Forgets a member that was removed and ended. */
  void forget(ServerProcess member) {
    member.close();
    members.remove(member);
  }

  List<ServerProcess> members() {
    return List.copyOf(members);
  }

  List<ServerProcess> running() {
    return members.stream().filter(ServerProcess::isRunning).toList();
  }

  List<ClientPort> endpoints() {
    return members.stream().map(ServerProcess::endpoint).toList();
  }

  /**
   * A client that knows all members, also those that come later.
   *
   * @param first index of the member it begins with
   */
  FailoverClient client(int first) {
    return new FailoverClient(this::endpoints, first);
  }

  /** Waits for a member that says of itself that it leads, in the highest term seen. */
  ServerProcess leader() {
    return Await.value("a leader", LIMIT, this::leaderNow);
  }

  /** The member that says of itself that it leads, if there is one. */
  Optional<ServerProcess> leaderNow() {
    Map<ServerProcess, MemberStatus> statuses = statuses();
    long term = statuses.values().stream().mapToLong(MemberStatus::term).max().orElse(0);
    return statuses.entrySet().stream()
        .filter(member -> member.getValue().isLeader() && member.getValue().term() == term)
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** The running members that do not lead, in order of their names. */
  List<ServerProcess> followers() {
    ServerProcess leader = leader();
    return running().stream()
        .filter(member -> member != leader)
        .sorted(Comparator.comparing(ServerProcess::name))
        .toList();
  }

  private Map<ServerProcess, MemberStatus> statuses() {
    Map<ServerProcess, MemberStatus> statuses = new LinkedHashMap<>();
    for (ServerProcess member : running()) {
      member.status().ifPresent(status -> statuses.put(member, status));
    }
    return statuses;
  }

  /**
   * Waits until all running members have applied the same entries; their states must then be equal.
   */
  MemberStatus awaitAgreement() {
    return Await.value(
        "all members have applied the same",
        LIMIT,
        () -> {
          Map<ServerProcess, MemberStatus> statuses = statuses();
          long applied =
              statuses.values().stream().mapToLong(MemberStatus::appliedIndex).distinct().count();
          if (statuses.size() < running().size() || applied != 1) {
            return Optional.empty();
          }
          if (statuses.values().stream().map(MemberStatus::stateHash).distinct().count() != 1) {
            throw new AssertionError("states differ: " + statuses);
          }
          return statuses.values().stream().findFirst();
        });
  }

  /** Waits until no member of this fresh cluster has anything left to write by itself. */
  void awaitQuiet() {
    Await.until(
        "every member has told where its clients find it",
        LIMIT,
        () ->
            leader().endpoint().get("/v1/members").json().getJsonArray("members").stream()
                .noneMatch(member -> ((JsonObject) member).getJsonArray("clientUrls").isEmpty()));
    awaitAgreement();
  }

  @Override
  public void close() {
    members.forEach(ServerProcess::close);
  }
}
