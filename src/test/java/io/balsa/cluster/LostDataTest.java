package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A member whose data is damaged or gone does not take part under its old id; what it says is
 * enough to bring it back from the others.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LostDataTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int KEYS = 100;
  private static final Pattern CURL = Pattern.compile("curl .*?(?= \\d\\. |; without)");

  @RegisterExtension static final Servers servers = new Servers();

  private static TestCluster cluster;
  private static ServerProcess lost;

  private final Random random = Seed.random(getClass());

  @BeforeAll
  static void start() {
    cluster = servers.cluster(3);
    lost = cluster.followers().get(1);
    write("before");
    lost.kill();
    lost.keepData();
  }

  @BeforeEach
  void bringItsDataBack() {
    lost.bringKeptDataBack();
  }

  private static void write(String prefix) {
    FailoverClient client = cluster.client(0);
    for (int n = 0; n < KEYS; n++) {
      byte[] value = (prefix + n).getBytes(StandardCharsets.US_ASCII);
      String key = ClientPort.kv(prefix + "/" + n);
      assertThat(client.write("PUT", key, value).isApplied()).isTrue();
    }
  }

  @Test
  @Order(1)
  void theLastWriteBeforeAKillIsNotForgottenToo() throws IOException {
    Path segment = new WalFiles(lost.dataDirectory()).lastSegment();
    WalFiles.flip(segment, WalFiles.lastForcedRecord(segment) + 30);

    lost.start();

    assertThat(lost.awaitExit()).as(lost.logTail()).isEqualTo(1);
    assertThat(lost.lastLine()).contains("it was durable when the record at byte");
  }

  @Test
  @Order(2)
  void anEmptiedMemberIsNotLetInUnderItsOldId() {
    long term = cluster.leader().status().orElseThrow().term();
    Servers.deleteAll(lost.dataDirectory());

    lost.start();

    assertThat(lost.awaitExit()).as(lost.logTail()).isEqualTo(1);
    assertThat(lost.lastLine())
        .contains("is empty, but member " + lost.name())
        .contains("remove it");
    assertThat(lost.logText()).doesNotContainPattern(Alarms.STACK_TRACE);
    assertThat(cluster.leader().status().orElseThrow().term()).isEqualTo(term);
    write("without");
  }

  /** The last, for then it has another id. */
  @Test
  @Order(3)
  void aMemberWithARottenLogSaysWhereAndComesBackByTheStepsThatItNames() throws Exception {
    Path segment = new WalFiles(lost.dataDirectory()).lastSegment();
    int offset = random.nextInt(WalFiles.usedBytes(segment) - 100);
    WalFiles.flip(segment, offset);

    lost.start();

    assertThat(lost.awaitExit()).as(lost.logTail()).isEqualTo(1);
    String last = lost.lastLine();
    System.out.println(last);
    assertThat(last)
        .containsPattern("in " + segment.getFileName() + " at byte \\d+: expected ")
        .contains("to get its data from the others");
    assertThat(lost.logText()).doesNotContainPattern(Alarms.STACK_TRACE);
    write("meanwhile");
    comeBack(last);
  }

  /** Does what the last line says, word for word. */
  private void comeBack(String steps) throws Exception {
    List<String> commands = CURL.matcher(steps).results().map(MatchResult::group).toList();
    assertThat(commands).hasSize(3);
    shell(commands.get(0));
    Servers.deleteAll(lost.dataDirectory());
    shell(commands.get(1));
    lost.setMembership(cluster.members(), "existing");
    lost.start();
    Await.until(
        "the member is promoted", LIMIT, () -> tryShell(commands.get(2)).contains("\"members\""));
    lost.awaitReady();
    cluster.awaitAgreement();
    for (int n = 0; n < KEYS; n++) {
      String path = ClientPort.kv("before/" + n) + "?consistency=serializable";
      assertThat(lost.endpoint().get(path).text()).isEqualTo("before" + n);
    }
  }

  private void shell(String command) {
    assertThat(tryShell(command)).as(command).contains("\"members\"");
  }

  private String tryShell(String command) {
    String other = cluster.leader().endpoint().base().getAuthority();
    try {
      Process process =
          new ProcessBuilder("sh", "-c", command.replace("OTHER", other) + " -sS")
              .redirectErrorStream(true)
              .start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(command, e);
    }
  }
}
