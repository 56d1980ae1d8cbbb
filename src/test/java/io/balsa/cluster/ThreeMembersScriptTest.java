package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.deploy.DeployFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code deploy/local/three-members.sh}, as a person runs it. */
class ThreeMembersScriptTest {
  private static final Duration READY_LIMIT = Duration.ofSeconds(90);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

  @RegisterExtension final Servers servers = new Servers();

  private final List<Integer> ports =
      List.of(Ports.freeWithNext(), Ports.freeWithNext(), Ports.freeWithNext());

  @Test
  void runsThreeMembersUntilItIsStopped() throws IOException {
    runsThreeMembers("--static");
  }

  @Test
  @Tag("slow")
  void runsThreeMembersThatFindEachOtherByHazelcast() throws IOException {
    runsThreeMembers("--hazelcast-ports", Ports.free() + "," + Ports.free() + "," + Ports.free());
  }

  private void runsThreeMembers(String... options) throws IOException {
    Process script = start(options);
    Await.until(
        "the script says that all are ready",
        READY_LIMIT,
        () -> {
          assertThat(script.isAlive()).as(output()).isTrue();
          return output().contains("stop: Ctrl-C");
        });
    List<ProcessHandle> members = members(script);
    assertThat(members).hasSize(3);
    assertThat(output()).contains("http://127.0.0.1:" + ports.get(0) + "/v1/kv/greeting");
    assertThat(member(0).put("greeting", "hello").status()).isEqualTo(200);
    assertThat(member(2).get(ClientPort.kv("greeting")).text()).isEqualTo("hello");

    Matcher first = Pattern.compile("n1 \\(process (\\d+)\\)").matcher(output());
    assertThat(first.find()).as(output()).isTrue();
    ProcessHandle.of(Long.parseLong(first.group(1))).orElseThrow().destroyForcibly();
    Await.until("the loss is reported", STOP_LIMIT, () -> output().contains("n1 ended: see "));
    assertThat(members(script)).hasSize(2);

    Signals.send(script, "TERM");
    assertThat(Signals.awaitExit(script, STOP_LIMIT)).isZero();
    assertThat(members).noneMatch(ProcessHandle::isAlive);
    assertThat(servers.directory().resolve("data/n2.log")).content().contains("stopped");
  }

  @Test
  void saysWhyAMemberDidNotStart() throws IOException {
    Files.createDirectories(servers.directory().resolve("data"));
    Files.writeString(servers.directory().resolve("data/n2"), "not a directory");
    Process script = start("--static");
    assertThat(Signals.awaitExit(script, READY_LIMIT)).isEqualTo(1);
    assertThat(output()).contains("n2 ended: ");
    assertThat(script.descendants()).isEmpty();
  }

  private Process start(String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(DeployFiles.path("local/three-members.sh").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("--data", servers.directory().resolve("data").toString()));
    command.addAll(
        List.of("--ports", ports.stream().map(String::valueOf).collect(Collectors.joining(","))));
    Files.createDirectories(servers.directory());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(servers.directory().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log().toFile());
    builder.environment().put("JDK_JAVA_OPTIONS", "-Xmx256m -XX:TieredStopAtLevel=1");
    Process script = builder.start();
    servers.closeLater(
        () -> {
          script.descendants().forEach(ProcessHandle::destroyForcibly);
          script.destroyForcibly();
        });
    return script;
  }

  private ClientPort member(int index) {
    return ClientPort.ofPort(ports.get(index));
  }

  private static List<ProcessHandle> members(Process script) {
    return script
        .children()
        .filter(child -> child.info().command().orElse("").endsWith("java"))
        .toList();
  }

  private Path log() {
    return servers.directory().resolve("script.log");
  }

  private String output() {
    try {
      return Files.readString(log());
    } catch (IOException e) {
      throw new AssertionError("reading " + log(), e);
    }
  }
}
