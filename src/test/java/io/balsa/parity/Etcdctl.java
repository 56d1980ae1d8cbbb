package io.balsa.parity;

import io.balsa.cluster.Await;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The real {@code etcdctl}, talking to one server. Some of its runs go on in the background, each
 * under a name.
 */
final class Etcdctl implements AutoCloseable {
  private final Side side;
  private final Names names = new Names();
  private final Map<String, EtcdctlProcess> running = new HashMap<>();
  private final HttpClient http = HttpClient.newHttpClient();

  Etcdctl(Side side) {
    this.side = side;
    names.put("directory", side.directory());
    for (int member = 1; member <= 2; member++) {
      names.put("port" + member, side.clientPort(member));
      names.put("peer" + member, side.peerPort(member));
    }
  }

  /** Runs a command to its end; the answer comes then. */
  CompletableFuture<Output> run(List<String> command, String input) {
    EtcdctlProcess process = begin(command);
    process.tell(names.filled(input));
    process.tellNoMore();
    return output(process);
  }

  /** Begins a command under a name. */
  void start(String name, List<String> command) {
    if (running.put(name, begin(command)) != null) {
      throw new AssertionError("there is one already: " + name);
    }
  }

  private EtcdctlProcess begin(List<String> command) {
    List<String> words = new ArrayList<>(List.of("etcdctl"));
    words.addAll(List.of("--command-timeout=20s", "--dial-timeout=20s"));
    if (command.stream().noneMatch(word -> word.startsWith("--endpoints="))) {
      words.add("--endpoints=127.0.0.1:" + side.clientPort(1));
    }
    command.forEach(word -> words.add(names.filled(word)));
    return new EtcdctlProcess(words);
  }

  private CompletableFuture<Output> output(EtcdctlProcess process) {
    return process.output().thenApply(output -> output.map(names::masked));
  }

  private EtcdctlProcess running(String name) {
    return running.get(name);
  }

  /** Waits until a run has printed a text, after that which was expected before. */
  void expect(String name, String text) {
    running(name).expect(names.filled(text));
  }

  /** Gives a run a line to read. */
  void tell(String name, String line) {
    running(name).tell(names.filled(line) + "\n");
  }

  /** Waits until the server has so many watches. */
  void awaitWatches(int count) {
    Await.until(count + " watches", EtcdctlProcess.LIMIT, () -> watches() == count);
  }

  private long watches() {
    URI uri = URI.create("http://127.0.0.1:" + side.clientPort(1) + "/metrics");
    try {
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofLines())
          .body()
          .filter(line -> line.startsWith("etcd_debugging_mvcc_watcher_total "))
          .mapToLong(line -> (long) Double.parseDouble(line.split(" ")[1]))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new AssertionError("asking for " + uri, e);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  /** Waits until a run ends by itself. */
  CompletableFuture<Output> await(String name) {
    return output(running.remove(name));
  }

  /** How many lines a run has printed so far. */
  long printedLines(String name) {
    return running(name).printedLines();
  }

  /** Ends a run. */
  CompletableFuture<Output> end(String name) {
    running(name).end();
    return await(name);
  }

  /** Runs a command until it succeeds and prints a text; that answer is the one which counts. */
  CompletableFuture<Output> runUntil(String text, List<String> command) {
    return CompletableFuture.completedFuture(
        Await.value(
            String.join(" ", command),
            EtcdctlProcess.LIMIT,
            () ->
                Optional.of(run(command, "").join())
                    .filter(output -> output.exitCode() == 0 && output.out().contains(text))));
  }

  /** Starts the second member, and waits until it serves clients. */
  void startSecondMember() {
    try {
      side.startSecond();
      side.awaitReady();
    } catch (Exception e) {
      throw new AssertionError("starting the second member", e);
    }
  }

  @Override
  public void close() {
    running.values().forEach(EtcdctlProcess::end);
  }
}
