package io.balsa.parity;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A real etcd and a Balsa, both with one member, both empty. */
public final class Twins implements AutoCloseable {
  private static final Path MEMORY = Path.of("/dev/shm"); // Where there is one, syncs are for free.

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final Path directory;
  private final Side etcd;
  private final Side balsa;

  private Twins() throws IOException {
    directory =
        Files.isDirectory(MEMORY)
            ? Files.createTempDirectory(MEMORY, "balsa-parity")
            : Files.createTempDirectory("balsa-parity");
    etcd = new Side.Etcd(Files.createDirectory(directory.resolve("etcd")));
    balsa = new Side.InProcess(vertx, Files.createDirectory(directory.resolve("balsa")));
  }

  /**
   * Starts both, and waits until they are ready; skips the test where these programs are missing.
   */
  public static Twins start(String... programs) throws Exception {
    if (!EtcdProcess.areInstalled(programs)) {
      String reason = "skipped: not installed: " + String.join(", ", programs);
      System.out.println(reason);
      assumeTrue(false, reason);
    }
    Twins twins = new Twins();
    try {
      twins.startBoth();
      return twins;
    } catch (Exception | AssertionError e) {
      twins.close();
      throw e;
    }
  }

  private void startBoth() throws Exception {
    etcd.startFirst();
    balsa.startFirst();
    balsa.awaitReady();
    etcd.awaitReady();
  }

  Side etcd() {
    return etcd;
  }

  Side balsa() {
    return balsa;
  }

  /** That the Balsa lives in. */
  public Vertx vertx() {
    return vertx;
  }

  /** Where etcd serves clients. */
  public int etcdPort() {
    return etcd.clientPort(1);
  }

  /** Where Balsa serves clients. */
  public int balsaPort() {
    return balsa.clientPort(1);
  }

  /** Runs a step on one event loop, always the same: so no event of its streams is missed. */
  <T> Future<T> onLoop(Supplier<Future<T>> step) {
    Promise<T> done = Promise.promise();
    context.runOnContext(none -> step.get().onComplete(done));
    return done.future();
  }

  /** Waits, up to 30 s. */
  static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() throws IOException {
    try {
      balsa.close();
    } finally {
      etcd.close();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
