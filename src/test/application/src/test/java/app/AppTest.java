package app;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class AppTest {
  @Test
  void locksAndWatches() throws Exception {
    CountDownLatch seen = new CountDownLatch(1);
    PrintStream console = System.out;
    System.setOut(
        new PrintStream(new ByteArrayOutputStream()) {
          @Override
          public void println(String line) {
            console.println(line);
            if (line.equals("seen hello")) {
              seen.countDown();
            }
          }
        });
    Vertx vertx = Vertx.vertx();
    JsonObject config =
        new JsonObject()
            .put("dataDir", "target/data")
            .put("listenClientUrls", "http://127.0.0.1:" + System.getProperty("client.port"))
            .put("listenPeerUrls", "http://127.0.0.1:" + System.getProperty("peer.port"));
    vertx
        .deployVerticle("app.App", new DeploymentOptions().setConfig(config))
        .toCompletionStage()
        .toCompletableFuture()
        .get(60, TimeUnit.SECONDS);
    Assertions.assertTrue(seen.await(60, TimeUnit.SECONDS));
    vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
