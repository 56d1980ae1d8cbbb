package io.balsa.junit5;

import static io.balsa.Held.held;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.api.etcd.proto.etcdserverpb.KVGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.RangeRequest;
import io.balsa.client.BalsaClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BalsaExtension.class)
class BalsaExtensionTest {
  private static final Set<Integer> SEEN = new HashSet<>();
  private static Vertx vertx;
  private BalsaEndpoint before;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() {
    BalsaEndpoint.await(vertx.close());
  }

  @BeforeEach
  void ask(BalsaEndpoint balsa) {
    before = balsa;
  }

  @RepeatedTest(3)
  void eachTestHasAnEmptyStoreThatBothKindsOfClientsSee(BalsaEndpoint balsa, BalsaClient client) {
    assertThat(balsa).isSameAs(before);
    assertThat(balsa.client()).isSameAs(client);
    assertThat(SEEN.add(System.identityHashCode(balsa))).isTrue();
    GrpcClient etcd = held(GrpcClient.client(vertx));
    KVGrpcClient kv =
        KVGrpcClient.create(etcd, SocketAddress.inetSocketAddress(balsa.port(), "127.0.0.1"));
    RangeRequest all =
        RangeRequest.newBuilder()
            .setKey(com.google.protobuf.ByteString.copyFrom(new byte[1]))
            .setRangeEnd(com.google.protobuf.ByteString.copyFrom(new byte[1]))
            .build();
    assertThat(await(kv.range(all)).getCount()).isZero();

    await(client.put("k", Buffer.buffer("v")));

    assertThat(await(kv.range(all)).getKvs(0).getValue().toStringUtf8()).isEqualTo("v");
    assertThat(balsa.url()).isEqualTo("http://127.0.0.1:" + balsa.port());
  }

  @Test
  void anEndpointIsThereSoonAndItsDataIsGoneWithIt() throws Exception {
    List<Long> millis = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      long start = System.nanoTime();
      Set<Path> earlier = directories();
      BalsaEndpoint endpoint = BalsaEndpoint.start(vertx);
      await(endpoint.client().put("k", Buffer.buffer("v")));
      millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
      Set<Path> made = directories();
      made.removeAll(earlier);
      assertThat(made).isNotEmpty();

      endpoint.close();

      assertThat(made).allMatch(directory -> Files.notExists(directory));
    }
    long median = millis.stream().sorted().toList().get(2);
    System.out.println("start to first write, in milliseconds: " + millis);
    assertThat(median).isLessThan(1_000);
  }

  /** In a JVM of its own, where no class is loaded yet. */
  @Test
  void theFirstEndpointOfAJvmIsThereSoonToo() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-cp",
                System.getProperty("java.class.path"),
                ColdStart.class.getName())
            .redirectErrorStream(true)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    System.out.println("first start in a JVM to first write: " + text);
    // The whole JVM's: how long it waits for a processor is not its doing.
    long cpuMillis = Long.parseLong(text.replaceAll("(?s).*cpuMillis=(\\d+).*", "$1"));
    assertThat(cpuMillis).isLessThan(10_000);
  }

  private static Set<Path> directories() throws Exception {
    try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return new HashSet<>(
          all.filter(path -> path.getFileName().toString().startsWith("balsa-test-")).toList());
    }
  }

  /** One for all tests of a class, where all of them ask for it. */
  @Nested
  class Shared {
    private static BalsaEndpoint shared;

    @BeforeAll
    static void ask(BalsaEndpoint balsa) {
      shared = balsa;
    }

    @RepeatedTest(2)
    void isTheSame(BalsaEndpoint balsa) {
      assertThat(balsa).isSameAs(shared);
    }
  }

  private static <T> T await(Future<T> future) {
    return BalsaEndpoint.await(future);
  }
}
