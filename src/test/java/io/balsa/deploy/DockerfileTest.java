package io.balsa.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.config.Flag;
import io.balsa.config.ServerConfig;
import io.balsa.data.Endpoint;
import io.balsa.deploy.Dockerfile.Instruction;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image cannot be built here: what can be known without an engine is checked. */
class DockerfileTest {
  private static final String TEXT = DeployFiles.text("docker/Dockerfile");
  private static final String LAYOUT = "/layout";

  /** A tag that names a version: it starts with a number and is not only one. */
  private static final Pattern PINNED = Pattern.compile("[a-z0-9/.-]+:\\d+\\.\\d+[\\w.-]*");

  @TempDir static Path layout;

  @BeforeAll
  static void layOut() throws IOException {
    Path jar = Files.writeString(layout.resolve("any.jar"), "a jar");
    Command command =
        Command.run(
            DeployFiles.path("docker/layout.sh").toString(), jar.toString(), layout + LAYOUT);
    assertThat(command.exitCode()).as(command.output()).isZero();
  }

  @Test
  void followsTheRules() {
    assertThat(complaints(TEXT)).isEmpty();
  }

  @Test
  void eachRuleIsAbleToFail() {
    assertComplaint(changed("eclipse-temurin:17.0.15_6-jre-jammy", "eclipse-temurin"), "tag");
    assertComplaint(changed("17.0.15_6-jre-jammy", "latest"), "tag");
    assertComplaint(changed("USER 10001:10001", "USER 0:0"), "root");
    assertComplaint(changed("USER 10001:10001", "USER balsa"), "root");
    assertComplaint(changed("--chown=10001:10001", "--chown=1:1"), "owner");
    assertComplaint(changed("CMD [\"server\"]", "CMD server"), "shell");
    assertComplaint(changed("CMD [\"/opt/balsa/probe.sh\"", "CMD [/opt/balsa/probe.sh"), "shell");
    assertComplaint(changed("EXPOSE 2379", "EXPOSE 2378"), "ports");
    assertComplaint(changed("--from=build /layout/opt", "--from=built /layout/opt"), "stage");
    assertComplaint(changed("/layout/opt/balsa ", "/layout/opt/balsam "), "does not exist");
    assertComplaint(changed("COPY pom.xml", "COPY pom.yaml"), "does not exist");
    assertComplaint(changed("COPY pom.xml ./", "ADD https://example.com/pom.xml ./"), "ADD");
    assertComplaint(changed("/opt/balsa/balsa.jar", "/opt/balsa.jar"), "does not exist");
    assertComplaint(changed("VOLUME /var/lib/balsa", "VOLUME /data"), "volume");
    assertComplaint(changed("SIGTERM", "SIGKILL"), "SIGTERM");
    assertComplaint(TEXT.substring(TEXT.lastIndexOf("FROM ")), "stages");
    assertThatThrownBy(() -> complaints(changed("USER", "USE")))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("not an instruction: USE");
  }

  @Test
  void namesTheVersionThatIsBuilt() {
    assertThat(TEXT)
        .contains("ARG VERSION=" + DeployFiles.version() + "\n")
        .contains("-t balsa:" + DeployFiles.version() + " ");
    assertThat(Dockerfile.parse(TEXT).last("LABEL").pairs())
        .containsEntry("org.opencontainers.image.version", "${VERSION}")
        .containsKeys("org.opencontainers.image.title", "org.opencontainers.image.description")
        .containsEntry("org.opencontainers.image.licenses", "Apache-2.0");
  }

  @Test
  void startsAServerWithJvmOptionsForContainers() {
    Dockerfile file = Dockerfile.parse(TEXT);
    List<String> command = file.command();
    assertThat(command)
        .startsWith("java")
        .contains("-XX:MaxRAMPercentage=60", "-XX:+ExitOnOutOfMemoryError");
    ServerConfig config =
        ServerFlags.config(
            command.subList(command.indexOf("-jar") + 2, command.size()), file.environment());
    assertThat(config.listenClientUrls()).allMatch(Endpoint::isWildcard);
    assertThat(file.healthCheck())
        .containsSubsequence("/opt/balsa/probe.sh", port(Flag.LISTEN_CLIENT_URLS), "/livez");
  }

  @Test
  void sendsTheBuilderWhatItCopies() {
    List<String> sent =
        DeployFiles.text("docker/Dockerfile.dockerignore")
            .lines()
            .filter(line -> line.startsWith("!"))
            .map(line -> line.substring(1))
            .toList();
    List<String> copied = new ArrayList<>();
    for (Instruction instruction : Dockerfile.parse(TEXT).stages().get(0)) {
      if (instruction.keyword().equals("COPY")) {
        copied.addAll(sources(instruction));
      }
    }
    assertThat(sent).containsExactlyElementsOf(copied);
  }

  private static String changed(String from, String to) {
    assertThat(TEXT).contains(from);
    return TEXT.replace(from, to);
  }

  private static void assertComplaint(String text, String word) {
    assertThat(complaints(text)).anyMatch(complaint -> complaint.contains(word));
  }

  private static List<String> complaints(String text) {
    Dockerfile file = Dockerfile.parse(text);
    List<String> complaints = new ArrayList<>();
    if (file.stages().size() < 2) {
      complaints.add("only one of two stages: the image would hold what builds it");
    }
    Set<String> names = new TreeSet<>();
    for (List<Instruction> stage : file.stages()) {
      List<String> from = stage.get(0).words();
      if (!PINNED.matcher(from.get(0)).matches()) {
        complaints.add("no tag with a version: " + from);
      }
      stage.forEach(instruction -> checkSources(instruction, names, complaints));
      if (from.size() == 3) {
        names.add(from.get(2));
      }
    }
    checkImage(file, complaints);
    return complaints;
  }

  private static void checkSources(
      Instruction instruction, Set<String> stages, List<String> complaints) {
    if (instruction.keyword().equals("ADD")) {
      complaints.add("ADD fetches and unpacks as it sees fit: " + instruction);
    }
    if (!instruction.keyword().equals("COPY")) {
      return;
    }
    String from = instruction.options().get("from");
    if (from != null && !stages.contains(from)) {
      complaints.add("no earlier stage is called " + from);
    }
    Path root = from == null ? Path.of("") : layout;
    for (String source : sources(instruction)) {
      checkExists(root.resolve(source.replaceFirst("^/", "")), complaints);
    }
  }

  private static List<String> sources(Instruction copy) {
    return copy.words().subList(0, copy.words().size() - 1);
  }

  private static void checkImage(Dockerfile file, List<String> complaints) {
    String user = file.last("USER").rest();
    if (!user.matches("[1-9]\\d+:[1-9]\\d+")) {
      complaints.add("may be root, who cannot be told from the name alone: " + user);
    }
    for (Instruction copy : file.all("COPY")) {
      if (!copy.options().getOrDefault("chown", user).equals(user)) {
        complaints.add("owner is not the user " + user + ": " + copy);
      }
    }
    for (String keyword : List.of("ENTRYPOINT", "CMD", "HEALTHCHECK")) {
      Instruction instruction = file.last(keyword);
      if (instruction.exec().isEmpty()) {
        complaints.add("a shell would run " + instruction);
        continue;
      }
      instruction.exec().get().stream()
          .filter(word -> word.startsWith("/opt/"))
          .forEach(path -> checkExists(Path.of(layout + LAYOUT + path), complaints));
    }
    Set<String> ports =
        Set.of(
            port(Flag.LISTEN_CLIENT_URLS), port(Flag.LISTEN_PEER_URLS), ServerFlags.HAZELCAST_PORT);
    if (!Set.copyOf(file.last("EXPOSE").words()).equals(ports)) {
      complaints.add("ports are not the defaults " + ports + ": " + file.last("EXPOSE"));
    }
    String data = file.environment().get(Flag.DATA_DIR.variable());
    if (!data.startsWith(file.last("VOLUME").rest() + "/")) {
      complaints.add("not in the volume: " + data);
    }
    if (!file.last("STOPSIGNAL").rest().equals("SIGTERM")) {
      complaints.add("the server stops on SIGTERM: " + file.last("STOPSIGNAL"));
    }
  }

  private static void checkExists(Path file, List<String> complaints) {
    if (!Files.exists(file)) {
      complaints.add("does not exist: " + file);
    }
  }

  private static String port(Flag flag) {
    return Integer.toString(URI.create(flag.standard().orElseThrow()).getPort());
  }
}
