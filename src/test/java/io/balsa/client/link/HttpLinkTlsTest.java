package io.balsa.client.link;

import static io.balsa.client.link.TestMembers.await;
import static io.balsa.client.link.TestServer.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.TestKeys;
import io.balsa.client.BalsaClientOptions;
import io.balsa.client.PutOptions;
import io.balsa.client.PutResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over TLS: both sides prove who they are, with files in PEM. */
class HttpLinkTlsTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final List<HttpVersion> VERSIONS = new CopyOnWriteArrayList<>();

  @TempDir static Path dir;
  private static HttpServer server;

  @BeforeAll
  static void start() throws Exception {
    TestKeys.makePem(dir, "member");
    TestKeys.makePem(dir, "client");
    TestKeys.makePem(dir, "stranger");
    server =
        VERTX
            .createHttpServer(
                new HttpServerOptions()
                    .setSsl(true)
                    .setUseAlpn(true)
                    .setClientAuth(ClientAuth.REQUIRED)
                    .setKeyCertOptions(
                        new PemKeyCertOptions()
                            .setCertPath(file("member.pem"))
                            .setKeyPath(file("member.key")))
                    .setTrustOptions(new PemTrustOptions().addCertPath(file("client.pem"))))
            .requestHandler(
                request -> {
                  VERSIONS.add(request.version());
                  TestServer.WRITTEN.handle(request);
                });
    await(server.listen(0, "127.0.0.1"));
  }

  @AfterAll
  static void stop() {
    await(VERTX.close());
  }

  @Test
  void reachesWhoItTrustsAndWhoTrustsIt() {
    assertThat(await(put("member", "client", 20_000))).isEqualTo(new PutResult(12, 3));
    assertThat(VERSIONS).containsExactly(HttpVersion.HTTP_2);
  }

  @Test
  void sendsNothingToAStranger() {
    assertThat(failure(put("stranger", "client", 1_000)).kind()).isEqualTo("unreachable");
  }

  @Test
  void isNotLetInByWhoDoesNotTrustIt() {
    assertThat(failure(put("member", "stranger", 1_000)).status()).isEqualTo(503);
  }

  private static Future<PutResult> put(String trusted, String own, long timeoutMillis) {
    HttpLink link =
        new HttpLink(
            VERTX,
            new BalsaClientOptions()
                .setEndpoints(List.of("https://127.0.0.1:" + server.actualPort()))
                .setRequestTimeoutMillis(timeoutMillis)
                .setTrustedCaFile(file(trusted + ".pem"))
                .setCertFile(file(own + ".pem"))
                .setKeyFile(file(own + ".key")));
    return link.put(Buffer.buffer("k"), Buffer.buffer("v"), new PutOptions(), null)
        .eventually(link::close);
  }

  private static String file(String name) {
    return dir.resolve(name).toString();
  }
}
