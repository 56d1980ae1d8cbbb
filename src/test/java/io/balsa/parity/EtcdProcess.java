package io.balsa.parity;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A member of a real etcd, in a process of its own. */
final class EtcdProcess implements AutoCloseable {
  private static final String READY = "ready to serve client requests";

  private final Process process;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();

  /**
   * Starts one; returns before it is ready.
   *
   * @param options beside name, addresses and directory; the later of two wins
   */
  EtcdProcess(Path dataDirectory, String name, int clientPort, int peerPort, List<String> options)
      throws IOException {
    String client = "http://127.0.0.1:" + clientPort;
    String peer = "http://127.0.0.1:" + peerPort;
    List<String> command =
        new ArrayList<>(
            List.of(
                "etcd",
                "--name=" + name,
                "--data-dir=" + dataDirectory,
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=" + name + "=" + peer));
    command.addAll(options);
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    Thread reader = new Thread(this::read, "etcd-output");
    reader.setDaemon(true);
    reader.start();
  }

  /** Whether all these programs can be started here. */
  static boolean areInstalled(String... programs) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(programs)
        .allMatch(
            program ->
                Stream.of(path.split(":"))
                    .anyMatch(each -> Path.of(each, program).toFile().canExecute()));
  }

  /** Waits until it takes requests. */
  void awaitReady() throws Exception {
    ready.get(60, TimeUnit.SECONDS);
  }

  private void read() {
    StringBuilder text = new StringBuilder();
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.contains(READY)) {
          ready.complete(null);
        }
        if (!ready.isDone()) {
          text.append(line).append('\n');
        }
      }
      ready.completeExceptionally(new AssertionError("etcd ended:\n" + text));
    } catch (IOException e) {
      ready.completeExceptionally(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
