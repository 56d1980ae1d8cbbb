package io.balsa.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = directory.resolve("balsa.yaml");
  }

  @Test
  void flagsWinOverVariablesOverTheFileOverDefaults() throws Exception {
    write("name: file\ninitial-cluster-token: file\nlog-level: warn\n");

    ServerConfig config =
        ServerConfig.of(
            Settings.of(
                Map.of(Flag.NAME, "flag"),
                Map.of(
                    "BALSA_CONFIG_FILE", file.toString(),
                    "BALSA_NAME", "variable",
                    "BALSA_INITIAL_CLUSTER_TOKEN", "variable")));

    assertThat(config.name()).isEqualTo("flag");
    assertThat(config.initialCluster().token()).isEqualTo("variable");
    assertThat(config.logLevel()).isEqualTo(ServerConfig.LogLevel.WARN);
    assertThat(config.timing().heartbeatMillis()).isEqualTo(100);
  }

  /** Written out, the list would have 40 billion characters. */
  @Test
  void refusesAListThatAliasesMakeTooLong() throws Exception {
    write("founders: [&a " + "x".repeat(200_000) + ", *a".repeat(200_000) + "]\n");

    assertThatThrownBy(this::read)
        .isInstanceOf(BadSettingException.class)
        .hasMessageContaining("founders: must be no longer than 1048576 characters");
  }

  @Test
  void takesValuesOfTheFileAsTheyAreWritten() throws Exception {
    write(
        """
        # comments, quotes and lists
        name: 0123
        listen-client-urls: [http://127.0.0.1:1, "http://127.0.0.1:2"]
        advertise-client-urls:
          - http://127.0.0.1:1
        pre-vote: false
        heartbeat-interval: 50
        """);

    ServerConfig config = read();

    assertThat(config.name()).isEqualTo("0123");
    assertThat(config.listenClientUrls()).hasToString("[http://127.0.0.1:1, http://127.0.0.1:2]");
    assertThat(config.advertiseClientUrls()).hasToString("[http://127.0.0.1:1]");
    assertThat(config.preVote()).isFalse();
    assertThat(config.timing().heartbeatMillis()).isEqualTo(50);
  }

  @Test
  void anEmptyFileSetsNothing() throws Exception {
    write("# nothing\n");

    assertThat(read().name()).isEqualTo("default");
  }

  @Test
  void anEmptyVariableCountsAsAbsent() throws Exception {
    Settings settings = Settings.of(Map.of(), Map.of("BALSA_NAME", ""));

    assertThat(ServerConfig.of(settings).name()).isEqualTo("default");
  }

  @Test
  void reportsVariablesThatAreNoSettings() throws Exception {
    Settings settings =
        Settings.of(
            Map.of(),
            Map.of(
                "BALSA_PORT", "tcp://10.0.0.1", "BALSA_NAM", "x", "PATH", "x", "BALSA_NAME", ""));

    assertThat(settings.unknownVariables()).containsExactly("BALSA_NAM", "BALSA_PORT");
  }

  @Test
  void refusesBadValuesWithFileLineAndKey() throws IOException {
    write("name: n1\n\nheartbeat-interval: fast\n");

    assertRefused(
        file
            + ":3: heartbeat-interval \"fast\":"
            + " must be a whole number of milliseconds from 1 to 10000");
  }

  @Test
  void refusesUnknownKeys() throws IOException {
    write("electon-timeout: 1000\n");
    assertRefused(file + ":1: unknown key \"electon-timeout\": did you mean election-timeout?");

    write("discovery-srv-domain: x\n");
    assertRefused(
        file
            + ":1: unknown key \"discovery-srv-domain\":"
            + " the keys are the flags of the server without the dashes");

    write("config-file: other.yaml\n");
    assertThatThrownBy(this::read).hasMessageContaining("unknown key \"config-file\"");
  }

  @Test
  void refusesWhatIsNoSimpleMapping() throws IOException {
    write("name: a\nname: b\n");
    assertRefused(file + ":2: name \"b\": must be given once");

    write("name: {a: b}\n");
    assertRefused(file + ":1: name: must be a value or a list of values, not a mapping");

    write("name: [[a]]\n");
    assertRefused(file + ":1: name: must be a list of plain values");

    write("[a]: b\n");
    assertRefused(file + ":1: a key must be a word");

    write("- name\n");
    assertRefused("--config-file \"" + file + "\": must be a mapping of keys to values");

    write("name:\n");
    assertThatThrownBy(this::read).hasMessageStartingWith(file + ":1: name \"\": must be 1 to");
  }

  @Test
  void refusesWhatIsNoYaml() throws IOException {
    write("name: [a\nlog-level: info\n");
    assertThatThrownBy(this::read)
        .isInstanceOf(BadSettingException.class)
        .hasMessageStartingWith("--config-file \"" + file + "\": must be YAML, which line ")
        .message()
        .doesNotContain("\n");

    write("a: 1\n---\nb: 2\n");
    assertThatThrownBy(this::read).hasMessageContaining("must be YAML");

    write("name: \"\\q\"\n\u0001");
    assertThatThrownBy(this::read).hasMessageContaining("must be YAML");

    for (String escape : List.of("\\x", "\\u12", "\\U00ffffff", "\\Uffffffff")) {
      write("name: \"" + escape);
      assertThatThrownBy(this::read)
          .isInstanceOf(BadSettingException.class)
          .hasMessageContaining("must be YAML");
    }

    Files.write(file, new byte[] {'n', ':', ' ', (byte) 0xff});
    assertThatThrownBy(this::read).hasMessageContaining("must be a YAML file in UTF-8");

    Files.write(file, new byte[(1 << 20) + 1]);
    assertThatThrownBy(this::read).hasMessageContaining("must be no larger than 1048576 bytes");
  }

  @Test
  void survivesYamlThatIsMeantToDoHarm() throws IOException {
    write("name: " + "[".repeat(5_000));
    assertThatThrownBy(this::read).isInstanceOf(BadSettingException.class);

    write("name: !!javax.script.ScriptEngineManager [a]\n");
    assertThatThrownBy(this::read).isInstanceOf(BadSettingException.class);

    write("name: &a [*a]\n");
    assertThatThrownBy(this::read).isInstanceOf(BadSettingException.class);
  }

  private void write(String yaml) throws IOException {
    Files.writeString(file, yaml);
  }

  private ServerConfig read() throws BadSettingException {
    return ServerConfig.of(Settings.of(Map.of(Flag.CONFIG_FILE, file.toString()), Map.of()));
  }

  private void assertRefused(String line) {
    assertThatThrownBy(this::read).isInstanceOf(BadSettingException.class).hasMessage(line);
  }
}
