package io.balsa.jetcd;

import static io.balsa.jetcd.Answers.answer;
import static io.balsa.jetcd.Answers.bytes;
import static io.balsa.jetcd.Answers.refusal;
import static io.balsa.jetcd.Answers.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.cluster.Await;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Clients are built in every way that jetcd has. */
final class BuilderPart {
  private static final ByteSequence KEY = bytes("builder/k");

  private final Client client;
  private final Recorder recorder;
  private final List<URI> endpoints;

  BuilderPart(Client client, Deployment deployment, Recorder recorder) {
    this.client = client;
    this.recorder = recorder;
    this.endpoints = deployment.endpoints();
  }

  void run() {
    waysToTheMembers();
    namespace();
    headersAndInterceptors();
    sizesAndTimes();
    closing();
  }

  private void assertServes(ClientBuilder builder) {
    try (Client other = builder.build()) {
      String value = String.valueOf(System.nanoTime());
      answer(other.getKVClient().put(KEY, bytes(value)));
      assertThat(text(answer(client.getKVClient().get(KEY)).getKvs().get(0).getValue()))
          .isEqualTo(value);
    }
  }

  private void waysToTheMembers() {
    String[] urls = endpoints.stream().map(URI::toString).toArray(String[]::new);
    assertServes(Client.builder().endpoints(urls));
    assertServes(Client.builder().endpoints(endpoints.toArray(URI[]::new)));
    String target =
        endpoints.stream().map(URI::getAuthority).collect(Collectors.joining(",", "ip:///", ""));
    ClientBuilder byTarget = Client.builder().target(target).loadBalancerPolicy("pick_first");
    assertThat(byTarget.target()).isEqualTo(target);
    assertThat(byTarget.loadBalancerPolicy()).isEqualTo("pick_first");
    assertServes(byTarget);
    ClientBuilder named = Client.builder().endpoints(endpoints).authority("balsa.example");
    assertThat(named.authority()).isEqualTo("balsa.example");
    assertServes(named);
    ClientBuilder user = named.copy().user(bytes("alice")).password(bytes("secret"));
    assertThat(user.user()).isEqualTo(bytes("alice"));
    assertThat(user.password()).isEqualTo(bytes("secret"));
    ClientBuilder hasty = named.copy().waitForReady(false);
    assertThat(named.waitForReady()).isTrue();
    assertThat(hasty.waitForReady()).isFalse();
    assertServes(hasty);

    assertServes(Client.builder().endpoints(endpoints).useVertx());
    ExecutorService executor = Executors.newCachedThreadPool();
    try {
      Vertx vertx = Vertx.vertx(); // The client closes it.
      ClientBuilder lent =
          Client.builder().endpoints(endpoints).useVertx().vertx(vertx).executorService(executor);
      assertThat(lent.isUsingVertx()).isTrue();
      assertThat(lent.vertx()).isSameAs(vertx);
      assertThat(lent.executorService()).isSameAs(executor);
      assertServes(lent);
    } finally {
      executor.shutdownNow();
    }
  }

  private void namespace() {
    ClientBuilder builder = Client.builder().endpoints(endpoints).namespace(bytes("builder/"));
    assertThat(builder.namespace()).isEqualTo(bytes("builder/"));
    answer(client.getKVClient().put(KEY, bytes("whole")));
    try (Client inside = builder.build()) {
      assertThat(Answers.pairs(answer(inside.getKVClient().get(bytes("k"))).getKvs()))
          .containsExactly("k=whole");
    }
  }

  private void headersAndInterceptors() {
    AtomicInteger calls = new AtomicInteger();
    AtomicInteger authCalls = new AtomicInteger();
    Map<Metadata.Key<?>, Object> headers =
        Map.of(Metadata.Key.of("x-one", Metadata.ASCII_STRING_MARSHALLER), "1");
    ClientBuilder builder =
        Client.builder()
            .endpoints(endpoints)
            .headers(headers)
            .authHeaders(headers)
            .interceptors(List.of(counting(calls)))
            .authInterceptors(List.of(counting(authCalls)));
    assertThat(builder.headers()).isEqualTo(headers);
    assertThat(builder.authHeaders()).isEqualTo(headers);
    assertThat(builder.interceptors()).hasSize(1);
    assertThat(builder.authInterceptors()).hasSize(1);
    assertServes(builder);
    assertThat(calls).hasValue(1);
    ClientBuilder another =
        Client.builder()
            .endpoints(endpoints)
            .header("x-two", "2")
            .authHeader("x-three", "3")
            .interceptor(counting(calls), counting(calls))
            .authInterceptors(counting(authCalls), counting(authCalls));
    assertServes(another);
    assertThat(calls).hasValue(3);
  }

  private static ClientInterceptor counting(AtomicInteger calls) {
    return new ClientInterceptor() {
      @Override
      public <Q, R> ClientCall<Q, R> interceptCall(
          MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        calls.incrementAndGet();
        return next.newCall(method, options);
      }
    };
  }

  private void sizesAndTimes() {
    ClientBuilder builder =
        Client.builder()
            .endpoints(endpoints)
            .maxInboundMessageSize(10_000)
            .retryDelay(100)
            .retryMaxDelay(200)
            .retryChronoUnit(ChronoUnit.MILLIS)
            .retryMaxAttempts(3)
            .retryMaxDuration(Duration.ofSeconds(2))
            .connectTimeout(Duration.ofSeconds(5))
            .keepaliveTime(Duration.ofSeconds(10))
            .keepaliveTimeout(Duration.ofSeconds(5))
            .keepaliveWithoutCalls(false);
    assertThat(builder.maxInboundMessageSize()).isEqualTo(10_000);
    assertThat(builder.retryDelay()).isEqualTo(100);
    assertThat(builder.retryMaxDelay()).isEqualTo(200);
    assertThat(builder.retryChronoUnit()).isEqualTo(ChronoUnit.MILLIS);
    assertThat(builder.retryMaxAttempts()).isEqualTo(3);
    assertThat(builder.retryMaxDuration()).isEqualTo(Duration.ofSeconds(2));
    assertThat(builder.connectTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(builder.keepaliveTime()).isEqualTo(Duration.ofSeconds(10));
    assertThat(builder.keepaliveTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(builder.keepaliveWithoutCalls()).isFalse();
    assertServes(builder);
    answer(client.getKVClient().put(bytes("builder/large"), ByteSequence.from(new byte[20_000])));
    try (Client small = builder.build()) {
      assertThat(refusal(small.getKVClient().get(bytes("builder/large"))))
          .startsWith("RESOURCE_EXHAUSTED ");
    }
  }

  private void closing() {
    Client closed = recorder.record(Client.builder().endpoints(endpoints).build());
    WatchLog log = new WatchLog();
    closed.getWatchClient().watch(KEY, log);
    closed.getKVClient().close();
    closed.getWatchClient().close();
    closed.getLeaseClient().close();
    closed.getLockClient().close();
    closed.getElectionClient().close();
    closed.getClusterClient().close();
    closed.getMaintenanceClient().close();
    closed.getAuthClient().close();
    closed.close();
    Await.until("told of its end", Answers.LIMIT, () -> log.completed || !log.errors.isEmpty());
  }
}
