package io.balsa.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScriptsTest {
  private final List<Path> scripts = DeployFiles.endingWith(".sh");

  @Test
  void areBashThatStopsAtTheFirstError() throws IOException {
    assertThat(scripts).hasSize(3);
    for (Path script : scripts) {
      assertThat(script).isExecutable();
      assertThat(Files.readString(script))
          .startsWith("#!/usr/bin/env bash\n# ")
          .contains("\nset -euo pipefail\n");
      Command check = Command.run("bash", "-n", script.toString());
      assertThat(check.exitCode()).as(check.output()).isZero();
    }
  }

  @Test
  void passShellcheck() {
    List<String> command = new ArrayList<>(List.of("shellcheck", "--severity=warning"));
    scripts.forEach(script -> command.add(script.toString()));
    Command.checkIfInstalled(command.toArray(String[]::new));
  }

  @Test
  void sayHowTheyAreUsed() {
    for (String script : List.of("docker/layout.sh", "docker/probe.sh")) {
      Command bare = Command.run(DeployFiles.path(script).toString());
      assertThat(bare.exitCode()).isEqualTo(2);
      assertThat(bare.output()).startsWith("usage: ");
    }
    String local = DeployFiles.path("local/three-members.sh").toString();
    assertThat(Command.run(local, "--help").output()).startsWith("usage: ");
    for (String[] wrong :
        new String[][] {
          {local, "--no-such", "1"},
          {local, "--jar"},
          {local, "--jar", "none.jar"},
          {local, "--ports", "1,2"},
          {local, "--wait", "long"}
        }) {
      Command refused = Command.run(wrong);
      assertThat(refused.exitCode()).as(refused.output()).isEqualTo(2);
      assertThat(refused.output()).isNotEmpty();
    }
  }
}
