package io.balsa.api.etcd;

import static io.balsa.api.etcd.EtcdClient.bytes;
import static io.balsa.api.http.ApiServer.VERTX;
import static io.balsa.api.http.ApiServer.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.Balsa;
import io.balsa.BalsaOptions;
import io.balsa.api.etcd.proto.etcdserverpb.WatchCreateRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.WatchRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchResponse;
import io.balsa.api.etcd.proto.mvccpb.Event;
import io.balsa.cluster.Ports;
import io.vertx.core.Future;
import io.vertx.grpc.client.GrpcClientRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many watches at a real member, opened while it is written to: each hears of every revision once
 * and in order.
 *
 * <p>The slow ones: {@code mvn test -DexcludedGroups= -Dtest=WatchCrowdTest}.
 */
class WatchCrowdTest {
  private static final int IN_FLIGHT = 32;

  @TempDir private Path directory;

  private final AtomicReference<String> wrong = new AtomicReference<>();

  @Test
  void manyWatchesOfOneCall() throws Exception {
    crowd(1, 100, 200);
  }

  @Test
  void manyCalls() throws Exception {
    crowd(100, 1, 200);
  }

  @Test
  @Tag("slow")
  void aThousandWatchesOfOneCall() throws Exception {
    crowd(1, 1_000, 1_000);
  }

  @Test
  @Tag("slow")
  void aThousandCalls() throws Exception {
    crowd(1_000, 1, 1_000);
  }

  private void crowd(int calls, int watches, int puts) throws Exception {
    int port = Ports.free();
    Balsa member =
        await(
            Balsa.start(
                VERTX,
                new BalsaOptions()
                    .setName("n1")
                    .setDataDir(directory.toString())
                    .setListenClientUrls(List.of("http://127.0.0.1:" + port))
                    .setListenPeerUrl("http://127.0.0.1:" + Ports.free())));
    try (EtcdClient writer = new EtcdClient(port);
        EtcdClient reader = new EtcdClient(port)) {
      long first = writer.put("k", "before");
      Future<Long> last = write(writer, puts);
      CountDownLatch left = new CountDownLatch(calls * watches);
      List<Reader> readers = new ArrayList<>();
      long startNanos = System.nanoTime();
      for (int i = 0; i < calls; i++) {
        readers.add(new Reader(reader, first, first + puts, left));
        readers.get(i).open(watches);
      }
      assertThat(await(last)).isEqualTo(first + puts);
      boolean complete = left.await(120, TimeUnit.SECONDS);
      assertThat(wrong.get()).isNull();
      assertThat(complete).as("all events come").isTrue();
      long millis = (System.nanoTime() - startNanos) / 1_000_000;
      System.out.printf(
          "WatchCrowdTest: calls=%d watches=%d events=%d millis=%d%n",
          calls, watches, (long) calls * watches * (puts + 1), millis);
    } finally {
      await(member.stop());
    }
  }

  /** The revision of the last of so many puts. */
  private static Future<Long> write(EtcdClient client, int puts) {
    List<Future<Long>> lanes = new ArrayList<>();
    for (int lane = 0; lane < IN_FLIGHT; lane++) {
      int share = puts / IN_FLIGHT + (lane < puts % IN_FLIGHT ? 1 : 0);
      lanes.add(lane(client, "k" + lane, share, 0));
    }
    return Future.all(lanes)
        .map(done -> done.<Long>list().stream().mapToLong(Long::longValue).max().getAsLong());
  }

  private static Future<Long> lane(EtcdClient client, String key, int left, long revision) {
    return left == 0
        ? Future.succeededFuture(revision)
        : client.putSoon(key, "value").compose(put -> lane(client, key, left - 1, put));
  }

  /** One call, whose watches must each hear of {@code first} to {@code last}. */
  private final class Reader {
    private final GrpcClientRequest<WatchRequest, WatchResponse> request;
    private final Map<Long, Long> heard = new HashMap<>(); // The newest revision by watch.
    private final long first;
    private final long last;
    private final CountDownLatch left;

    Reader(EtcdClient client, long first, long last, CountDownLatch left) {
      this.first = first;
      this.last = last;
      this.left = left;
      request = await(client.grpc.request(client.server, WatchGrpcClient.Watch));
      request
          .response()
          .onSuccess(
              response -> {
                response.handler(this::take);
                response.endHandler(none -> wrong.compareAndSet(null, "a call ended"));
              });
    }

    void open(int watches) {
      WatchCreateRequest.Builder create =
          WatchCreateRequest.newBuilder()
              .setKey(bytes("k"))
              .setRangeEnd(bytes("l"))
              .setStartRevision(first);
      for (int i = 0; i < watches; i++) {
        request.write(WatchRequest.newBuilder().setCreateRequest(create).build());
      }
    }

    private void take(WatchResponse response) {
      long watch = response.getWatchId();
      if (response.getCreated()) {
        if (response.getCanceled() || heard.put(watch, first - 1) != null) {
          wrong.compareAndSet(null, "created: " + response);
        }
        return;
      }
      for (Event event : response.getEventsList()) {
        long revision = event.getKv().getModRevision();
        Long before = heard.put(watch, revision);
        if (before == null || revision != before + 1) {
          wrong.compareAndSet(null, "watch " + watch + ": " + before + ", then " + revision);
        }
        if (revision == last) {
          left.countDown();
        }
      }
    }
  }
}
