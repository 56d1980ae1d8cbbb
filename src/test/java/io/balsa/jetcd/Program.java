package io.balsa.jetcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.etcd.jetcd.Client;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** All that jetcd can do, with one client that lives through the death of a leader. */
public final class Program implements AutoCloseable {
  // The members have no certificates; TLS with ALPN is for the tests of the port.
  private static final Set<String> NOT_CALLED =
      Set.of(
          "io.etcd.jetcd.ClientBuilder.sslContext()",
          "io.etcd.jetcd.ClientBuilder.sslContext(io.netty.handler.ssl.SslContext)",
          "io.etcd.jetcd.ClientBuilder.sslContext(java.util.function.Consumer)");

  private final Deployment deployment;
  private final Recorder recorder = new Recorder();
  private final Client client;

  /**
   * Connects to a cluster that nobody has used, and nobody else uses.
   *
   * <p>Its members' quota must be below 60 MB: it is filled.
   */
  public Program(Deployment deployment) {
    this.deployment = deployment;
    this.client = recorder.record(Client.builder().endpoints(deployment.endpoints()).build());
  }

  /** The parts, to be run in this order. */
  public Stream<DynamicTest> parts() {
    LeaderKill kill = new LeaderKill(client, deployment);
    return Stream.of(
        dynamicTest("keys", () -> new KvPart(client).run()),
        dynamicTest("watches", () -> new WatchPart(client).run()),
        dynamicTest("leases", () -> new LeasePart(client).run()),
        dynamicTest("locks", () -> new LockPart(client).run()),
        dynamicTest("the leader is killed", kill::run),
        dynamicTest("elections", () -> new ElectionPart(client).run()),
        dynamicTest("members", () -> new ClusterPart(client, deployment).run()),
        dynamicTest("the lock is given back", kill::giveBack),
        dynamicTest("users", () -> new AuthPart(client, deployment, recorder).run()),
        dynamicTest("builders", () -> new BuilderPart(client, deployment, recorder).run()),
        dynamicTest("maintenance", () -> new MaintenancePart(client, deployment, recorder).run()),
        dynamicTest("nothing was left out", this::assertNothingLeftOut));
  }

  private void assertNothingLeftOut() {
    assertThat(recorder.missing()).isEmpty();
    assertThat(Builders.missing()).isEqualTo(NOT_CALLED);
  }

  @Override
  public void close() {
    client.close();
  }
}
