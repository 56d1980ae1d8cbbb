package io.balsa.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.config.ServerConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SystemdTest {
  private static final String TEXT = DeployFiles.text("systemd/balsa.service");

  private final SystemdUnit unit = SystemdUnit.parse(TEXT);
  private final Map<String, String> variables =
      SystemdUnit.variables(DeployFiles.text("systemd/balsa.env"));

  @Test
  void refusesWhatIsNoDirective() {
    for (String wrong :
        List.of(
            TEXT.replace("ProtectSystem=", "ProtectSystems="),
            TEXT.replace("[Service]\n", ""),
            TEXT.replace("Type=exec\n", "Type=exec\nType=simple\n"))) {
      assertThatThrownBy(() -> SystemdUnit.parse(wrong)).isInstanceOf(AssertionError.class);
    }
  }

  @Test
  void startsAMemberWithItsDataInTheStateDirectory() {
    List<String> command = List.of(unit.get("ExecStart").split(" "));
    assertThat(command).startsWith("/usr/bin/java").contains("-XX:+ExitOnOutOfMemoryError");
    ServerConfig config = config(command);
    assertThat(config.name()).isEqualTo("n1");
    assertThat(config.initialCluster().members()).hasSize(3);
    assertThat(config.dataDir()).hasToString("/var/lib/" + unit.get("StateDirectory"));
    assertThat(variables.get("JDK_JAVA_OPTIONS")).isEqualTo("-Xmx2g");
    Heap.checkHeap(2L << 30, config.limits());
  }

  private ServerConfig config(List<String> command) {
    Map<String, String> environment = new HashMap<>(variables);
    environment.remove("JDK_JAVA_OPTIONS");
    assertThat(environment.keySet()).allMatch(name -> name.startsWith("BALSA_"));
    return ServerFlags.config(
        command.subList(command.indexOf("-jar") + 2, command.size()), environment);
  }

  @Test
  void stopsAndRestartsAsTheServerDoes() {
    assertThat(unit.get("KillSignal")).isEqualTo("SIGTERM");
    assertThat(Integer.parseInt(unit.get("TimeoutStopSec"))).isGreaterThanOrEqualTo(30);
    assertThat(unit.get("Restart")).isEqualTo("on-failure");
    assertThat(unit.get("RestartPreventExitStatus")).isEqualTo("2");
    assertThat(unit.get("SuccessExitStatus")).isEqualTo("143");
  }

  @Test
  void passesSystemdsOwnChecks() {
    String file = DeployFiles.path("systemd/balsa.service").toString();
    // How exposed a unit is, from 0 to 100; a service with no protection has 96.
    Command.checkIfInstalled(
        "systemd-analyze", "security", "--offline=true", "--threshold=25", file);
    if (Command.exists("systemd-analyze")) {
      // It also complains that /usr/bin/java is missing: only its words on our file count.
      assertThat(Command.run("systemd-analyze", "verify", file).output())
          .doesNotContain(file + ":");
    }
  }
}
