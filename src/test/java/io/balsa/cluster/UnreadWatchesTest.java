package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.balsa.api.etcd.proto.etcdserverpb.KVGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.PutRequest;
import io.balsa.cluster.UnreadWatches.Way;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A thousand watches whose clients do not read, at a member with a heap of 320 MiB that is written
 * to all the while. Each has a key of its own, so that nothing of what waits for them is shared,
 * nor kept by the store for long.
 *
 * <p>{@code mvn verify -DexcludedGroups= -Dgroups=slow -Dit.test=UnreadWatchesTest -Dtest=None
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
@Tag("slow")
class UnreadWatchesTest {
  private static final int WATCHES = 1_000;
  private static final int VALUE_BYTES = 8 << 10;
  private static final int IN_FLIGHT = 64;
  private static final int HISTORY_BYTES = 80 << 20;
  private static final int ROUNDS_IN_HISTORY = 8; // 64 MiB.
  private static final int ROUNDS = 40; // 320 MiB.
  // All but those few that were opened while much room was left.
  private static final int CUT_OFF_MIN = WATCHES * 9 / 10;
  private static final Duration READ_LIMIT = Duration.ofSeconds(90);
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration PUTS_LIMIT = Duration.ofMinutes(5);

  // What the store holds (88 MiB), a quarter of the heap for what waits, and what a server has.
  private static final long LIVE_MIB_MAX = 230;
  // The heap, direct memory, and code, classes and stacks.
  private static final long RESIDENT_MIB_MAX = 320 + 96 + 150;
  private static final double RATE_SHARE_MIN = 0.3;
  private static final long WORST_MILLIS_MAX = 6_000;

  @RegisterExtension static final Servers servers = new Servers();

  private static Vertx vertx;
  private static ServerProcess server;
  private static KVGrpcClient kv;

  @BeforeAll
  static void start() {
    server =
        servers
            .cluster(
                1,
                List.of("-Xmx320m", "-XX:MaxDirectMemorySize=96m", "-XX:+ExitOnOutOfMemoryError"),
                "--history-bytes",
                Integer.toString(HISTORY_BYTES))
            .members()
            .get(0);
    vertx = Vertx.vertx();
    kv =
        KVGrpcClient.create(
            GrpcClient.client(vertx),
            SocketAddress.inetSocketAddress(server.endpoint().base().getPort(), "127.0.0.1"));
    put(0, 5); // Nothing is timed cold.
  }

  @AfterAll
  static void stop() {
    UnreadWatches.await(vertx.close(), LIMIT);
  }

  @Test
  void ofOneGrpcCall(TestInfo test) throws Exception {
    unread(test, Way.GRPC, WATCHES);
  }

  @Test
  void ofAsManyGrpcCalls(TestInfo test) throws Exception {
    unread(test, Way.GRPC, 1);
  }

  @Test
  void ofAsManyJsonCalls(TestInfo test) throws Exception {
    unread(test, Way.JSON, 1);
  }

  private void unread(TestInfo test, Way way, int perCall) throws Exception {
    long freeRate = put(0, 3);
    long cutOffBefore = server.watchesCutOff();
    try (UnreadWatches watches =
        new UnreadWatches(vertx, server.endpoint(), way, WATCHES, perCall)) {
      GoodClient good = GoodClient.start(server.endpoint(), "good");
      servers.closeLater(good);

      put(0, ROUNDS_IN_HISTORY);
      Await.until(
          "most are cut off", LIMIT, () -> server.watchesCutOff() - cutOffBefore >= CUT_OFF_MIN);
      watches.readAll(ROUNDS_IN_HISTORY, READ_LIMIT);
      assertThat(watches.compacted()).isZero();

      long rate = put(ROUNDS_IN_HISTORY, ROUNDS);
      long liveMib = server.liveMib();
      watches.readAll(ROUNDS, READ_LIMIT);

      List<String> failures = good.stop();
      System.out.printf(
          "UnreadWatchesTest %s: %d puts/s, %d before; live %d MiB, resident at most %d MiB;"
              + " %d of %d compacted, %d cut off; good client: %d requests, worst %d ms%n",
          test.getDisplayName(),
          rate,
          freeRate,
          liveMib,
          server.residentMib("VmHWM"),
          watches.compacted(),
          WATCHES,
          server.watchesCutOff() - cutOffBefore,
          good.requests(),
          good.worstMillis());
      assertThat(failures).isEmpty();
      assertThat(good.worstMillis()).isLessThan(WORST_MILLIS_MAX);
      assertThat((double) rate).isGreaterThan(freeRate * RATE_SHARE_MIN);
      assertThat(liveMib).isLessThan(LIVE_MIB_MAX);
    }
    assertThat(server.isRunning()).isTrue();
    assertThat(server.logText()).doesNotContain("OutOf");
    assertThat(server.residentMib("VmHWM")).isLessThan(RESIDENT_MIB_MAX);
  }

  /** Puts each key once in each round; returns how many were put in a second. */
  private static long put(int from, int to) {
    AtomicInteger next = new AtomicInteger(from * WATCHES);
    String rest = " " + "v".repeat(VALUE_BYTES);
    long startNanos = System.nanoTime();
    UnreadWatches.await(
        Future.all(
            IntStream.range(0, IN_FLIGHT).mapToObj(i -> lane(next, to * WATCHES, rest)).toList()),
        PUTS_LIMIT);
    long nanos = System.nanoTime() - startNanos;
    return (long) (to - from) * WATCHES * TimeUnit.SECONDS.toNanos(1) / nanos;
  }

  private static Future<Void> lane(AtomicInteger next, int end, String rest) {
    int n = next.getAndIncrement();
    if (n >= end) {
      return Future.succeededFuture();
    }
    PutRequest put =
        PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(UnreadWatches.key(n % WATCHES)))
            .setValue(ByteString.copyFromUtf8(n / WATCHES + rest))
            .build();
    return kv.put(put).compose(done -> lane(next, end, rest));
  }
}
