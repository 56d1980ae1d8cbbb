package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** From the first start to the last word. */
class WholeLifeTest {
  private static final Duration READY_LIMIT = Duration.ofSeconds(60);

  /** Within seconds, as service managers expect. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  @RegisterExtension static final Servers servers = new Servers();

  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    cluster = servers.cluster(3);
  }

  @Test
  void devRunsThreeMembersAndKeepsTheirData() {
    List<Integer> ports = List.of(Ports.freeWithNext(), Ports.freeWithNext(), Ports.freeWithNext());
    List<ClientPort> members = ports.stream().map(ClientPort::ofPort).toList();
    Process dev = dev(ports);
    members.forEach(WholeLifeTest::awaitReady);
    assertThat(members.get(0).put("greeting", "hello").status()).isEqualTo(200);
    assertThat(members.get(2).get(ClientPort.kv("greeting")).text()).isEqualTo("hello");
    assertThat(members.get(1).get("/v1/members").json().getJsonArray("members")).hasSize(3);
    saysWhoItIsAndWhatItRuns(members.get(0));
    Signals.send(dev, "TERM");
    assertThat(Signals.awaitExit(dev, STOP_LIMIT)).isZero();

    Process again = dev(ports);
    members.forEach(WholeLifeTest::awaitReady);
    assertThat(members.get(1).get(ClientPort.kv("greeting")).text()).isEqualTo("hello");
    Signals.send(again, "INT");
    assertThat(Signals.awaitExit(again, STOP_LIMIT)).isZero();
  }

  private Process dev(List<Integer> ports) {
    Path directory = servers.directory();
    String list = ports.stream().map(String::valueOf).collect(Collectors.joining(","));
    Process process =
        BalsaJar.start(
            directory, directory.resolve("dev.log"), List.of(), List.of("dev", "--ports", list));
    servers.closeLater(process::destroyForcibly);
    return process;
  }

  private void saysWhoItIsAndWhatItRuns(ClientPort member) {
    BalsaJar.Run status =
        BalsaJar.run(
            servers.directory(), List.of("status", "--endpoints", member.base().toString()));
    assertThat(status.exitCode()).as(status.toString()).isZero();
    assertThat(status.out()).contains("n1");
    assertThat(member.get("/version").json().getString("balsa")).isNotEmpty();
    assertThat(member.get("/health").json().getString("health")).isEqualTo("true");
    assertThat(member.get("/livez").status()).isEqualTo(200);
    assertThat(member.get("/metrics").text()).contains("balsa_wal_fsyncs_total");
  }

  private static void awaitReady(ClientPort member) {
    Await.until(member + " is ready", READY_LIMIT, () -> member.get("/readyz").status() == 200);
  }

  @Test
  void leaderHandsOverOnSigtermSoThatWritesGoOn() {
    BackgroundWriter writer = servers.closeLater(new BackgroundWriter(cluster));
    writer.start();
    writer.awaitProgress(20);
    ServerProcess leader = cluster.leader();

    assertThat(leader.terminate()).isZero();
    writer.awaitProgress(20);

    assertThat(leader.logText())
        .containsSubsequence("stopping on a signal", "no longer leader", "stopped");
    leader.start();
    leader.awaitReady();
    writer.finish();
    cluster.awaitAgreement();
    cluster.members().forEach(member -> assertThat(member.alarms()).as("%s", member).isEmpty());
  }

  @Test
  void pausedMemberDisturbsNobodyWhenItComesBack() {
    ServerProcess leader = cluster.leader();
    // Not the first of all, with which the writer begins: it would wait for an answer.
    ServerProcess paused = cluster.followers().get(1);
    BackgroundWriter writer = servers.closeLater(new BackgroundWriter(cluster));
    paused.pause();
    writer.start();
    writer.awaitProgress(50);
    long term = term(leader);
    Await.never("the term rises", Duration.ofSeconds(2), () -> term(leader) > term);

    paused.resume();
    paused.awaitReady();
    writer.awaitProgress(50);

    assertThat(term(leader)).isEqualTo(term);
    writer.finish();
    cluster.awaitAgreement();
  }

  private static long term(ServerProcess member) {
    return member.status().map(MemberStatus::term).orElse(0L);
  }
}
