package io.balsa.cluster;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The classes of a member, parsed and verified once (class data sharing, JEP 350): a member that
 * maps this file starts with two thirds of the CPU. A JVM that cannot use it starts without.
 */
final class ClassArchive {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private ClassArchive() {}

  /**
   * Makes the archive of this jar beside it, unless there is one: a member does so when it ends.
   * Other JVMs that run tests wait for it.
   */
  static synchronized Path of(Path jar, List<String> java) {
    Path archive = jar.resolveSibling("balsa.jsa");
    try (FileChannel turn =
        FileChannel.open(
            jar.resolveSibling("balsa.jsa.lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE)) {
      turn.lock();
      if (!isOf(archive, jar)) {
        make(archive, jar, java);
      }
      return archive;
    } catch (IOException e) {
      throw new AssertionError("making " + archive, e);
    }
  }

  private static boolean isOf(Path archive, Path jar) throws IOException {
    return Files.exists(archive)
        && Files.getLastModifiedTime(archive).compareTo(Files.getLastModifiedTime(jar)) > 0;
  }

  private static void make(Path archive, Path jar, List<String> java) throws IOException {
    Path directory = jar.resolveSibling("cluster").resolve(ClassArchive.class.getSimpleName());
    Servers.deleteAll(directory);
    Files.createDirectories(directory);
    Files.deleteIfExists(archive);
    ClientPort port = ClientPort.ofPort(Ports.free());
    Process member = start(port, directory, archive, jar, java);
    try {
      Await.until("a member serves", LIMIT, () -> port.get("/readyz").status() == 200);
      Signals.send(member, "TERM");
      Signals.awaitExit(member, LIMIT);
    } finally {
      member.destroyForcibly();
    }
  }

  private static Process start(
      ClientPort port, Path directory, Path archive, Path jar, List<String> java)
      throws IOException {
    String url = port.base().toString();
    String peerUrl = "http://127.0.0.1:" + Ports.free();
    List<String> command = new ArrayList<>(java);
    command.addAll(List.of("-XX:ArchiveClassesAtExit=" + archive, "-jar", jar.toString()));
    command.addAll(List.of("server", "--data-dir", directory.resolve("data").toString()));
    command.addAll(List.of("--listen-client-urls", url, "--advertise-client-urls", url));
    command.addAll(List.of("--listen-peer-urls", peerUrl));
    command.addAll(List.of("--initial-advertise-peer-urls", peerUrl));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("output.log").toFile())
        .start();
  }
}
