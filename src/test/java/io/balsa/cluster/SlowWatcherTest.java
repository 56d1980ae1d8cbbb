package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.cluster.ServerSentEvents.Event;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A watcher that reads nothing costs itself the watch, and the member no memory. */
class SlowWatcherTest {
  private static final int VALUE_BYTES = 500_000;

  /** In all far more than the heap. */
  private static final int PUTS = 500;

  /** Enough to cut the watcher off, and little enough to be in the history still. */
  private static final int PUTS_FIRST = 60;

  private static final Duration CUT_OFF_LIMIT = Duration.ofSeconds(30);

  private static final long RESIDENT_MIB_MAX = 480;

  @RegisterExtension final Servers servers = new Servers();

  @Test
  void cutsOffWatcherThatReadsNothingAndServesTheOthers() throws Exception {
    ServerProcess server =
        servers
            .cluster(
                1,
                List.of("-Xmx144m", "-XX:MaxDirectMemorySize=96m", "-XX:+ExitOnOutOfMemoryError"),
                "--history-bytes",
                "41943040")
            .members()
            .get(0);
    long start = server.status().orElseThrow().revision();
    Socket resuming = servers.closeLater(WatchStream.openAndIgnore(server.endpoint(), ""));
    Socket silent = servers.closeLater(WatchStream.openAndIgnore(server.endpoint(), ""));
    WatchStream reading = servers.closeLater(WatchStream.open(server.endpoint(), "", null));
    ExecutorService threads = Executors.newFixedThreadPool(1);
    servers.closeLater(threads::shutdownNow);
    Future<Long> read = threads.submit(() -> readAll(reading, start, start + PUTS));

    put(server, 0, PUTS_FIRST);
    Await.until("both are cut off", CUT_OFF_LIMIT, () -> server.watchesCutOff() == 2);
    long resumeFrom = cutOffAt(resuming, start);
    // What it missed is still there: it can go on as told.
    try (WatchStream resumed = WatchStream.open(server.endpoint(), "?from=" + resumeFrom, null)) {
      readAll(resumed, resumeFrom - 1, start + PUTS_FIRST);
    }
    put(server, PUTS_FIRST, PUTS);
    cutOffAt(silent, start);

    assertThat(read.get(60, TimeUnit.SECONDS)).isEqualTo(PUTS);
    assertThat(server.residentMib("VmHWM")).isLessThan(RESIDENT_MIB_MAX);
    assertThat(server.alarms()).isEmpty();
  }

  private static void put(ServerProcess server, int from, int to) {
    String value = "v".repeat(VALUE_BYTES);
    for (int n = from; n < to; n++) {
      Answer answer = server.endpoint().put("large/" + n % 10, value);
      assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    }
  }

  /** Reads changes one by one up to {@code last}; returns how many they were. */
  private static long readAll(WatchStream stream, long after, long last) throws IOException {
    long revision = after;
    while (revision < last) {
      Event event = stream.next();
      assertThat(event).as("after revision " + revision).isNotNull();
      if (event.type().equals("change")) {
        assertThat(event.id()).isEqualTo(Long.toString(++revision));
      } else {
        assertThat(event.type()).isEqualTo("progress");
      }
    }
    return revision - after;
  }

  /**
   * Now reads what a watcher did not: all without a gap, then where to go on, then the end.
   *
   * @return the revision to resume from
   */
  private static long cutOffAt(Socket socket, long start) throws IOException {
    long revision = start;
    try (WatchStream stream = WatchStream.answered(socket)) {
      Event event;
      while ((event = stream.next()).type().equals("change") || event.type().equals("progress")) {
        if (event.type().equals("change")) {
          assertThat(event.id()).isEqualTo(Long.toString(++revision));
        }
      }
      assertThat(event.type()).isEqualTo("slow");
      assertThat(new JsonObject(event.data()).getLong("resumeFrom")).isEqualTo(revision + 1);
      assertThat(stream.next()).isNull();
    }
    return revision + 1;
  }
}
