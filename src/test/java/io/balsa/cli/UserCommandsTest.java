package io.balsa.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.Balsa;
import io.balsa.BalsaOptions;
import io.balsa.TestUsers;
import io.balsa.cluster.Ports;
import io.balsa.config.BadSettingException;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that talk to a cluster which enforces users. */
class UserCommandsTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final int PORT = Ports.free();
  private static final String URL = "http://127.0.0.1:" + PORT;
  private static final String FAILED =
      "etcdserver: authentication failed, invalid user ID or password\n";

  @TempDir static Path dir;

  @BeforeAll
  static void start() throws Exception {
    Balsa.start(
            VERTX,
            new BalsaOptions()
                .setDataDir(dir.resolve("data").toString())
                .setListenClientUrls(List.of(URL))
                .setListenPeerUrl("http://127.0.0.1:" + Ports.free()))
        .await();
    new TestUsers(URL).enable();
  }

  @AfterAll
  static void stop() {
    VERTX.close().await();
  }

  private static Console save(String file, String... more) {
    return run(Map.of(), file, more);
  }

  private static Console run(Map<String, String> environment, String file, String... more) {
    String[] arguments = new String[4 + more.length];
    arguments[0] = "snapshot";
    arguments[1] = "save";
    arguments[2] = dir.resolve(file).toString();
    arguments[3] = "--endpoints=" + URL;
    System.arraycopy(more, 0, arguments, 4, more.length);
    return Console.run(environment, arguments);
  }

  private static void assertFails(Console console, int exitCode, String line) {
    assertThat(console).isEqualTo(new Console(exitCode, "", "balsa: " + line));
  }

  @Test
  void aSnapshotIsSavedByRootOnly() {
    assertFails(save("a"), 1, URL + ": auth: user name is empty: who asks? see --user\n");
    assertFails(save("a", "--user=u:upw"), 1, URL + ": auth: permission denied\n");
    assertFails(save("a", "--user", "u:no"), 1, URL + ": user u: " + FAILED);
    assertThat(dir.resolve("a")).doesNotExist();
    assertThat(save("b", "--user", "root:rootpw").exitCode()).isZero();
    assertThat(run(Map.of("BALSA_USER", "root:rootpw"), "c").exitCode()).isZero();
    assertThat(dir.resolve("c")).isNotEmptyFile();
    assertFails(
        run(Map.of("BALSA_USER", "root:rootpw"), "d", "--user", "u:upw"),
        1,
        URL + ": auth: permission denied\n");
    assertThat(Files.exists(dir.resolve("d"))).isFalse();
  }

  @Test
  void statusIsAskedOnBehalfOfAUser() {
    assertThat(Console.run("status", "--endpoints", URL, "--user", "u:upw").exitCode()).isZero();
    assertThat(Console.run("status", "--endpoints", URL).exitCode()).isZero();
    assertFails(
        Console.run("status", "--endpoints", URL, "--user", "u:no"),
        1,
        URL + ": user u: " + FAILED);
  }

  @Test
  void storesAreComparedOnBehalfOfTheirUsers() {
    String[] both = {"compare", "--from", URL, "--to", URL};
    assertThat(compare(both, "--from-user=root:rootpw", "--to-user=root:rootpw").out())
        .contains("equal: ");
    assertFails(
        compare(both, "--from-user=u:upw", "--to-user=root:rootpw"),
        1,
        "from: " + URL + ": etcdserver: permission denied\n");
    assertFails(
        compare(both, "--from-user=root:rootpw"),
        1,
        "to: " + URL + ": etcdserver: user name is empty\n");
    assertFails(
        compare(both, "--from-user=root:rootpw", "--to-user=root:no"),
        1,
        "to: " + URL + ": " + FAILED);
  }

  private static Console compare(String[] both, String... more) {
    String[] arguments = new String[both.length + more.length];
    System.arraycopy(both, 0, arguments, 0, both.length);
    System.arraycopy(more, 0, arguments, both.length, more.length);
    return Console.run(arguments);
  }

  @Test
  void aPasswordIsAskedForAndNeverPrinted() throws Exception {
    User asked = User.of("--user", "u", name -> "of " + name);
    assertThat(asked.password()).isEqualTo("of u");
    assertThat(asked).hasToString("u");
    assertThat(User.of("--user", "u:a:b", name -> null)).isEqualTo(new User("u", "a:b"));
    assertThat(User.of("--user", "u:", name -> "x").password()).isEmpty();
    assertThat(User.of("BALSA_USER", "", name -> "x")).isEqualTo(User.NOBODY);
    assertThatThrownBy(() -> User.of("--user", ":secret", name -> "x"))
        .isInstanceOf(BadSettingException.class)
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> User.of("--user", "u", name -> null))
        .isInstanceOf(BadSettingException.class)
        .hasMessageContaining("no terminal");
  }
}
