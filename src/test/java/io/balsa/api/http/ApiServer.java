package io.balsa.api.http;

import io.balsa.api.ApiOptions;
import io.balsa.bus.Addresses;
import io.balsa.data.Endpoint;
import io.balsa.verticle.ApiVerticle;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** A served API for tests: real sockets on loopback, the replica stood in for. */
public final class ApiServer implements AutoCloseable {
  // One for all tests: to start one takes longer than most of them.
  public static final Vertx VERTX = Vertx.vertx();

  /** Any free port. */
  static final Endpoint CLEARTEXT = new Endpoint(false, "127.0.0.1", 0);

  private static final AtomicLong MEMBERS = new AtomicLong(0xa0);

  public final StandInReplica replica;
  public final int port; // Of the first address.
  final List<Integer> ports;
  private final String replicaDeployment;
  private String deployment;

  private ApiServer(UnaryOperator<ApiOptions> change) {
    Addresses addresses = Addresses.of(MEMBERS.incrementAndGet());
    replica = new StandInReplica(addresses);
    ApiOptions options =
        ApiOptions.of(
            List.of(CLEARTEXT),
            null,
            "1.2.3",
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    ApiVerticle api = new ApiVerticle(change.apply(options), addresses);
    replicaDeployment = await(VERTX.deployVerticle(replica));
    deployment = await(VERTX.deployVerticle(api));
    ports = api.ports();
    port = ports.get(0);
  }

  /** With the defaults. */
  public static ApiServer start() {
    return new ApiServer(options -> options);
  }

  /** With other options. */
  public static ApiServer start(UnaryOperator<ApiOptions> change) {
    return new ApiServer(change);
  }

  RawClient client() {
    return new RawClient(port);
  }

  /** Stops the API, not its replica. */
  public Future<Void> undeploy() {
    String undeployed = deployment;
    deployment = null;
    return VERTX.undeploy(undeployed);
  }

  /** What comes of it within 20 s. */
  public static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    if (deployment != null) {
      await(undeploy());
    }
    await(VERTX.undeploy(replicaDeployment));
  }
}
