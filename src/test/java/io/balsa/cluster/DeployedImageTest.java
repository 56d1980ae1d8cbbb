package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.deploy.Command;
import io.balsa.deploy.DeployFiles;
import io.balsa.deploy.Dockerfile;
import io.balsa.deploy.ExposedMetrics;
import io.balsa.deploy.Monitoring;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The image without its engine: its files in a directory, its command, variables and user, and what
 * probes, alerts and dashboard ask of it.
 */
class DeployedImageTest {
  private static final Duration READY_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
  private static final String DATA = "/var/lib/balsa";

  @RegisterExtension static final Servers servers = new Servers();

  private static final Dockerfile IMAGE = Dockerfile.parse(DeployFiles.text("docker/Dockerfile"));
  private static final int PORT = Ports.free();
  private static final ClientPort MEMBER = ClientPort.ofPort(PORT);

  private static Path root;
  private static Process process;

  @BeforeAll
  static void start() throws IOException {
    // Not below target: another user may not be allowed to enter the folders above it.
    root = Files.createTempDirectory(Path.of("/tmp"), "balsa-image");
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    Command layout =
        Command.run(
            DeployFiles.path("docker/layout.sh").toString(),
            Path.of("target/balsa.jar").toString(),
            root.toString());
    assertThat(layout.exitCode()).as(layout.output()).isZero();

    List<String> command = new ArrayList<>();
    if (isRoot() && Command.exists("setpriv")) {
      String uid = Long.toString(IMAGE.uid());
      Command owner = Command.run("chown", uid + ":" + uid, root + DATA);
      assertThat(owner.exitCode()).as(owner.output()).isZero();
      command.addAll(List.of("setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups"));
    }
    IMAGE.command().forEach(word -> command.add(word.startsWith("/") ? root + word : word));
    process = start(command);
    Await.until("the member is ready", READY_LIMIT, () -> MEMBER.get("/readyz").status() == 200);
  }

  private static Process start(List<String> command) throws IOException {
    Path log = Files.createDirectories(servers.directory()).resolve("output.log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(Path.of(root + DATA).toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    Map<String, String> environment = builder.environment();
    IMAGE.environment().forEach((name, value) -> environment.put(name, here(value)));
    environment.put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
    environment.put("BALSA_LISTEN_PEER_URLS", "http://127.0.0.1:" + Ports.free());
    return builder.start();
  }

  /** Below our directory in place of the root of the image, on our port in place of its own. */
  private static String here(String value) {
    return value
        .replaceFirst("^/", root + "/")
        .replace("0.0.0.0", "127.0.0.1")
        .replace(":2379", ":" + PORT);
  }

  @AfterAll
  static void stop() throws IOException {
    try {
      if (process != null) {
        Signals.send(process, "TERM");
        assertThat(Signals.awaitExit(process, STOP_LIMIT)).isZero();
      }
    } finally {
      if (process != null) {
        process.destroyForcibly();
      }
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Test
  void servesAsTheUserOfTheImageAndKeepsDataInTheVolume() throws IOException {
    assertThat(MEMBER.put("greeting", "hello").status()).isEqualTo(200);
    assertThat(MEMBER.get(ClientPort.kv("greeting")).text()).isEqualTo("hello");
    Path data = Path.of(root + DATA + "/data");
    assertThat(data).isDirectory();
    if (isRoot() && Command.exists("setpriv")) {
      assertThat(Files.getAttribute(data, "unix:uid")).isEqualTo((int) IMAGE.uid());
    }
  }

  @Test
  void answersTheProbes() {
    List<String> check = IMAGE.healthCheck();
    assertThat(probe(check.get(0), check.get(2))).isZero();
    assertThat(probe(check.get(0), "/readyz")).isZero();
    assertThat(probe(check.get(0), "/nosuch")).isEqualTo(1);
    Command nobody = Command.run(root + check.get(0), Integer.toString(Ports.free()), "/livez");
    assertThat(nobody.exitCode()).isEqualTo(1);
  }

  private static int probe(String script, String path) {
    return Command.run(root + script, Integer.toString(PORT), path).exitCode();
  }

  @Test
  void exposesWhatAlertsAndDashboardAskFor() {
    MEMBER.put("metric", "1");
    MEMBER.get("/livez");
    ExposedMetrics metrics = new ExposedMetrics(MEMBER.get("/metrics").text());
    assertThat(Monitoring.queries().stream().flatMap(query -> metrics.missing(query).stream()))
        .isEmpty();
    assertThat(MEMBER.get("/metrics").text()).contains("\nbalsa_store_quota_bytes 2.147483648E9\n");
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }
}
