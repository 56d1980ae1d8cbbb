package io.balsa.junit5;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Starts one endpoint and writes to it; prints how long that took. */
final class ColdStart {
  private ColdStart() {}

  public static void main(String[] none) {
    long startNanos = System.nanoTime();
    Vertx vertx = Vertx.vertx();
    BalsaEndpoint endpoint = BalsaEndpoint.start(vertx);
    BalsaEndpoint.await(endpoint.client().put("k", Buffer.buffer("v")));
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    endpoint.close();
    BalsaEndpoint.await(vertx.close());
    long cpuMillis =
        ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toMillis();
    System.out.println("millis=" + millis + " cpuMillis=" + cpuMillis);
  }
}
