package io.balsa.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.cli.Launch.Running;
import io.balsa.config.Flag;
import io.balsa.config.ServerConfig;
import io.balsa.config.Settings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LaunchTest {
  private final Vertx vertx = Vertx.vertx();
  private final Map<String, Promise<Running>> starts = new HashMap<>();
  private final Map<String, Promise<Void>> ends = new HashMap<>();
  private final List<String> stopped = new ArrayList<>();
  private final List<String> served = new ArrayList<>();
  private final Launch launch =
      new Launch(
          (same, config) -> starts.get(config.name()).future(),
          vertx,
          LoggerFactory.getLogger(LaunchTest.class));

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @Test
  void returnsWhenEveryMemberWasRemoved() throws Exception {
    starts("a");
    starts("b");
    ends.get("a").complete();
    ends.get("b").complete();

    launch.await(List.of(config("a"), config("b")), () -> served.add("all"));

    assertThat(served).containsExactly("all");
    assertThat(stopped).containsExactly("a", "b");
  }

  @Test
  void failsWithTheReasonWhenAMemberHadToStopAndStopsTheOthers() throws Exception {
    starts("a");
    starts("b");
    ends.get("b").fail("wal: force failed: no space left on device");

    assertThatThrownBy(() -> launch.await(List.of(config("a"), config("b")), () -> {}))
        .isInstanceOf(CommandException.class)
        .hasMessage("wal: force failed: no space left on device");
    assertThat(stopped).containsExactly("a", "b");
  }

  @Test
  void servesNobodyWhenAMemberCannotStartAndStopsThoseThatDid() throws Exception {
    starts("a");
    starts.put("b", Promise.promise());
    starts.get("b").fail("cannot listen on http://127.0.0.1:2379: address already in use");

    assertThatThrownBy(
            () -> launch.await(List.of(config("a"), config("b")), () -> served.add("all")))
        .isInstanceOf(CommandException.class)
        .hasMessage("cannot listen on http://127.0.0.1:2379: address already in use");
    assertThat(served).isEmpty();
    assertThat(stopped).containsExactly("a");
  }

  @Test
  void stopsOnce() throws Exception {
    starts("a");
    ends.get("a").complete();
    launch.await(List.of(config("a")), () -> {});

    assertThat(launch.stop()).isTrue();
    assertThat(stopped).containsExactly("a");
  }

  private void starts(String name) {
    Promise<Void> ended = Promise.promise();
    ends.put(name, ended);
    Promise<Running> start = Promise.promise();
    starts.put(name, start);
    start.complete(
        new Running(
            ended.future(),
            () -> {
              stopped.add(name);
              return Future.succeededFuture();
            }));
  }

  private static ServerConfig config(String name) throws Exception {
    return ServerConfig.of(Settings.of(Map.of(Flag.NAME, name), Map.of()));
  }
}
