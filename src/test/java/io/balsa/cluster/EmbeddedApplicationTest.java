package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A small Maven project of its own, {@code src/test/application}, that depends on the jar as any
 * application would.
 */
class EmbeddedApplicationTest {
  private static final Path APPLICATION = Path.of("src", "test", "application");
  private static final int LINES_MAX = 25;
  private static final Duration LIMIT = Duration.ofMinutes(3);

  @RegisterExtension final Servers servers = new Servers();

  @Test
  void startsAMemberTakesALockAndWatchesAKeyInTwentyFiveLines() throws Exception {
    Path project = servers.directory().resolve("application");
    Servers.copyAll(APPLICATION, project);
    String version = System.getProperty("balsa.version");
    Path repository = repositoryWithBalsa(version);

    String output =
        run(
            project,
            "mvn",
            "-B",
            "-ntp",
            "-o",
            "-Dmaven.repo.local=" + repository,
            "-Dbalsa.version=" + version,
            "-Djunit.version=" + System.getProperty("junit.version"),
            "-DargLine=-Dclient.port=" + Ports.free() + " -Dpeer.port=" + Ports.free(),
            "test");

    assertThat(output).contains("seen hello").contains("BUILD SUCCESS");
    try (Stream<String> lines = Files.lines(APPLICATION.resolve("src/main/java/app/App.java"))) {
      assertThat(lines.filter(line -> !line.isBlank()).count()).isLessThanOrEqualTo(LINES_MAX);
    }
  }

  /**
   * All that this build has resolved, and the jar: this machine's own repository stays as it is.
   */
  private Path repositoryWithBalsa(String version) throws Exception {
    Path repository = servers.directory().resolve("repository");
    // Links take no time and no space; where the two are on different disks, a copy.
    String own = System.getProperty("maven.repository");
    run(
        servers.directory(),
        "sh",
        "-c",
        "cp -al \"$0\" \"$1\" 2>/dev/null || { rm -rf \"$1\"; cp -a \"$0\" \"$1\"; }",
        own,
        repository.toString());
    Path balsa = repository.resolve("io/balsa/balsa");
    run(servers.directory(), "rm", "-rf", balsa.toString());
    Path installed = Files.createDirectories(balsa.resolve(version));
    String name = "balsa-" + version;
    Files.copy(Path.of("target", name + ".jar"), installed.resolve(name + ".jar"));
    Files.copy(Path.of("pom.xml"), installed.resolve(name + ".pom"));
    return repository;
  }

  private static String run(Path directory, String... command) throws Exception {
    List<String> words = new ArrayList<>(List.of(command));
    File output = directory.resolve("output-" + words.get(0) + ".txt").toFile();
    Process process =
        new ProcessBuilder(words)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output)
            .start();
    int code = Signals.awaitExit(process, LIMIT);
    String text = Files.readString(output.toPath(), StandardCharsets.UTF_8);
    assertThat(code).as(text).isZero();
    return text;
  }
}
