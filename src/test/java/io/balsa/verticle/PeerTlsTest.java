package io.balsa.verticle;

import static io.balsa.verticle.TestPeer.eventually;
import static io.balsa.verticle.TestPeer.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.TestKeys;
import io.balsa.engine.RaftInput;
import io.balsa.verticle.peer.PeerOptions;
import io.vertx.core.Vertx;
import io.vertx.core.net.PfxOptions;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
class PeerTlsTest {
  @TempDir static Path keys;

  @BeforeAll
  static void makeKeys() throws Exception {
    TestKeys.make(keys, "members");
    TestKeys.make(keys, "stranger");
  }

  @Test
  void deliversWhereBothSidesProveThemselves(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, TestPeer.withTls(tls("members"), TestPeer.options(1)));
    TestPeer two = TestPeer.start(vertx, TestPeer.withTls(tls("members"), TestPeer.options(2)));

    one.knows(Map.of(2L, List.of("https://127.0.0.1:" + two.port())));
    one.send(heartbeat(1, 2, 1));

    eventually("delivered", () -> two.received().equals(List.of(heartbeat(1, 2, 1))));
  }

  @Test
  void letsNoStrangerIn(Vertx vertx) {
    TestPeer two = TestPeer.start(vertx, TestPeer.withTls(tls("members"), TestPeer.options(2)));
    PeerOptions.Tls trusting = new PeerOptions.Tls(store("stranger"), store("members"), true);
    TestPeer stranger = TestPeer.start(vertx, TestPeer.withTls(trusting, TestPeer.options(1)));
    TestPeer plain = TestPeer.start(vertx, TestPeer.stallAfter(300, TestPeer.options(3)));

    stranger.knows(Map.of(2L, List.of("https://127.0.0.1:" + two.port())));
    plain.knows(two);

    eventually(
        "both gave up more than once",
        () -> {
          stranger.send(heartbeat(1, 2, 1));
          plain.send(heartbeat(3, 2, 1));
          return stranger.count(new RaftInput.Unreachable(2)) > 2
              && plain.count(new RaftInput.Unreachable(2)) > 2;
        });
    assertThat(two.received()).isEmpty();
    assertThat(stranger.isConnected(two)).isFalse();
    assertThat(plain.isConnected(two)).isFalse();
  }

  private static PeerOptions.Tls tls(String name) {
    return new PeerOptions.Tls(store(name), store(name), true);
  }

  private static PfxOptions store(String name) {
    return new PfxOptions().setPath(keys.resolve(name).toString()).setPassword(TestKeys.PASSWORD);
  }
}
