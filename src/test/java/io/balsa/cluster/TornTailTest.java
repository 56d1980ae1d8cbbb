package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Damage to the log of a real server, done while it is down. */
class TornTailTest {
  private static final int KEYS = 200;

  @RegisterExtension static final Servers servers = new Servers();

  private static ServerProcess server;

  private final Random random = Seed.random(getClass());
  private Path segment;

  /** Puts go one after the other, so that each is a record of its own. */
  @BeforeAll
  static void killServerWithKeys() {
    server = servers.cluster(1).members().get(0);
    for (int n = 0; n < KEYS; n++) {
      assertThat(server.endpoint().put("key/" + n, value(n)).status()).isEqualTo(200);
    }
    server.kill();
    server.keepData();
  }

  @BeforeEach
  void bringItsDataBack() throws IOException {
    server.bringKeptDataBack();
    segment = new WalFiles(server.dataDirectory()).lastSegment();
  }

  @Test
  void keepsAllBeforeTornRecord() throws IOException {
    // Frames are longer than eight bytes: this is within the last.
    int torn = WalFiles.usedBytes(segment) - 1 - random.nextInt(8);
    System.out.printf("cut at byte %d of %s%n", torn, segment.getFileName());
    WalFiles.cut(segment, torn);
    BalsaJar.Run verified = verify(server.dataDirectory());
    assertThat(verified.exitCode()).as(verified.toString()).isZero();
    assertThat(verified.out()).containsIgnoringCase("torn");
    assertRecovers();
  }

  @Test
  void keepsAllBeforeFlippedLastRecord() throws IOException {
    WalFiles.flip(segment, WalFiles.usedBytes(segment) - 1 - random.nextInt(8));
    BalsaJar.Run verified = verify(server.dataDirectory());
    assertThat(verified.exitCode()).as(verified.toString()).isZero();
    assertRecovers();
  }

  @Test
  void refusesToServeFromRottenLog() throws IOException {
    WalFiles.flip(segment, WalFiles.usedBytes(segment) / 2);

    BalsaJar.Run verified = verify(server.dataDirectory());
    assertThat(verified.exitCode()).as(verified.toString()).isEqualTo(1);
    assertThat(verified.out() + verified.err())
        .contains(segment.getFileName().toString())
        .doesNotContainPattern(Alarms.STACK_TRACE);

    server.start();
    assertThat(server.awaitExit()).as(server.logTail()).isNotZero();
    assertThat(server.logText())
        .contains(segment.getFileName().toString())
        .doesNotContainPattern(Alarms.STACK_TRACE);
  }

  @Test
  void explainsTheLog() throws IOException {
    BalsaJar.Run inspected = run("inspect", server.dataDirectory());
    assertThat(inspected.exitCode()).as(inspected.toString()).isZero();
    assertThat(inspected.out()).contains(segment.getFileName().toString());
    BalsaJar.Run verified = verify(server.dataDirectory());
    assertThat(verified.exitCode()).as(verified.toString()).isZero();
    BalsaJar.Run nowhere = verify(servers.directory().resolve("nowhere"));
    assertThat(nowhere.exitCode()).as(nowhere.toString()).isNotZero();
    assertThat(nowhere.err().lines()).hasSize(1);
    assertThat(nowhere.err()).contains("nowhere");
  }

  private static String value(int n) {
    return "value " + n + " " + "x".repeat(100);
  }

  /** Everything before the last record is there; the last may be, and nothing is wrong. */
  private void assertRecovers() {
    server.start();
    server.awaitReady();
    for (int n = 0; n < KEYS; n++) {
      Answer answer = server.endpoint().get(ClientPort.kv("key/" + n));
      if (n < KEYS - 1 || answer.status() != 404) {
        assertThat(answer.text()).isEqualTo(value(n));
      }
    }
    assertThat(server.endpoint().put("after", "1").status()).isEqualTo(200);
    assertThat(server.alarms()).isEmpty();
  }

  private BalsaJar.Run verify(Path dataDirectory) {
    return run("verify", dataDirectory);
  }

  private BalsaJar.Run run(String command, Path dataDirectory) {
    return BalsaJar.run(servers.directory(), List.of("wal", command, dataDirectory.toString()));
  }
}
