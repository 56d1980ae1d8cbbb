package io.balsa.junit5;

import io.balsa.Balsa;
import io.balsa.BalsaOptions;
import io.balsa.client.BalsaClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext.Store;

/**
 * A key-value store of one member, empty at first, on a port of its own on loopback. It holds up to
 * 128 MiB.
 */
public final class BalsaEndpoint implements Store.CloseableResource {
  private static final String HOST = "127.0.0.1";
  private static final long QUOTA_BYTES = 128 << 20; // The less, the sooner the log is laid out.
  private static final long HEARTBEAT_MILLIS = 20; // It leads at the first.
  private static final long START_SECONDS_MAX = 60;
  private static final int STARTS_MAX = 5;

  private final Path directory;
  private final Balsa member;

  private BalsaEndpoint(Path directory, Balsa member) {
    this.directory = directory;
    this.member = member;
  }

  /**
   * Starts one that serves.
   *
   * @throws IllegalStateException if that fails
   */
  static BalsaEndpoint start(Vertx vertx) {
    IllegalStateException failure = null;
    for (int i = 0; i < STARTS_MAX; i++) { // Another process may take a free port before us.
      Path directory = temporaryDirectory();
      try {
        return new BalsaEndpoint(directory, await(Balsa.start(vertx, options(directory))));
      } catch (IllegalStateException e) {
        delete(directory);
        failure = e;
      }
    }
    throw failure;
  }

  private static BalsaOptions options(Path directory) {
    int[] ports = freePorts();
    return new BalsaOptions()
        .setDataDir(directory.toString())
        .setQuotaBackendBytes(QUOTA_BYTES)
        .setHeartbeatIntervalMillis(HEARTBEAT_MILLIS)
        .setListenClientUrls(List.of("http://" + HOST + ":" + ports[0]))
        .setListenPeerUrl("http://" + HOST + ":" + ports[1]);
  }

  /** Where it is served: what a client of Balsa or of etcd is configured with. */
  public String url() {
    return "http://" + HOST + ":" + port();
  }

  /** The port of {@link #url}. */
  public int port() {
    return member.clientPorts().get(0);
  }

  /** A client that goes there without a socket; closed with the endpoint. */
  public BalsaClient client() {
    return member.client();
  }

  /** Stops it and removes its data; the extension does so at the end of the test. */
  @Override
  public void close() {
    try {
      await(member.stop());
    } finally {
      delete(directory);
    }
  }

  /**
   * Waits for what must not take long.
   *
   * @throws IllegalStateException if it fails
   */
  static <T> T await(Future<T> future) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(START_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("balsa: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("balsa: interrupted", e);
    }
  }

  private static int[] freePorts() {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket one = new ServerSocket(0, 1, loopback);
        ServerSocket other = new ServerSocket(0, 1, loopback)) {
      return new int[] {one.getLocalPort(), other.getLocalPort()};
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path temporaryDirectory() {
    try {
      return Files.createTempDirectory("balsa-test-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
