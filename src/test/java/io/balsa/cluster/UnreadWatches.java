package io.balsa.cluster;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.balsa.api.etcd.proto.etcdserverpb.WatchCreateRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchResponse;
import io.balsa.api.etcd.proto.mvccpb.Event;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Watches of etcd's API, one for each of so many keys, whose clients read only while they are told
 * to. What comes must be each event once and in order, until all have come or the watch is told
 * that the next one is compacted.
 *
 * <p>The values of a key must be its round: {@code 0} first, then {@code 1}, up to what follows the
 * first space.
 */
final class UnreadWatches implements AutoCloseable {
  /** How the calls are made. */
  enum Way {
    GRPC("/etcdserverpb.Watch/Watch", "application/grpc"),
    JSON("/v3/watch", "application/json");

    private final String path;
    private final String type;

    Way(String path, String type) {
      this.path = path;
      this.type = type;
    }
  }

  private static final int CONNECTIONS = 10;
  private static final int STREAM_WINDOW_BYTES = 16 << 10; // So that little waits on this side.
  private static final int CONNECTION_WINDOW_BYTES = 16 << 20; // No stream keeps another waiting.
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int PREFIX_BYTES = 5;

  private final Vertx vertx;
  private final ClientPort server;
  private final Way way;
  private final List<HttpClient> clients = new ArrayList<>();
  private final List<Call> calls = new ArrayList<>();
  private final AtomicReference<String> wrong = new AtomicReference<>();
  private final AtomicInteger created = new AtomicInteger();
  private final AtomicInteger compacted = new AtomicInteger();
  private final AtomicInteger complete = new AtomicInteger();
  private volatile int rounds;

  /**
   * Opens the watches and waits until they are; nothing is read then.
   *
   * @param watches how many keys: {@link #key} of 0 and up
   * @param perCall how many of them each call has
   */
  UnreadWatches(Vertx vertx, ClientPort server, Way way, int watches, int perCall) {
    this.vertx = vertx;
    this.server = server;
    this.way = way;
    for (int i = 0; i < CONNECTIONS; i++) {
      clients.add(
          vertx.createHttpClient(
              new HttpClientOptions()
                  .setProtocolVersion(HttpVersion.HTTP_2)
                  .setHttp2ClearTextUpgrade(false)
                  .setHttp2ConnectionWindowSize(CONNECTION_WINDOW_BYTES)
                  .setInitialSettings(
                      new Http2Settings().setInitialWindowSize(STREAM_WINDOW_BYTES))));
    }
    for (int first = 0; first < watches; first += perCall) {
      calls.add(new Call(first, perCall));
    }
    Await.until("all are created", LIMIT, () -> created.get() == watches || wrong.get() != null);
    check();
    calls.forEach(call -> call.read(false));
  }

  static String key(int watch) {
    return "watched/%05d".formatted(watch);
  }

  /** Reads on until each watch has told of rounds up to {@code rounds}, or that it cannot. */
  void readAll(int rounds, Duration limit) {
    this.rounds = rounds;
    complete.set(0);
    int watches = calls.stream().mapToInt(call -> call.heard.size()).sum();
    calls.forEach(call -> call.read(true));
    Await.until(
        "all events up to round " + rounds,
        limit,
        () -> complete.get() == watches || wrong.get() != null);
    check();
    calls.forEach(call -> call.read(false));
  }

  /** How many were told that what comes next is compacted. */
  int compacted() {
    return compacted.get();
  }

  private void check() {
    if (wrong.get() != null) {
      throw new AssertionError(wrong.get());
    }
  }

  static <T> T await(Future<T> future, Duration limit) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(limit.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    clients.forEach(client -> await(client.close(), LIMIT));
  }

  private final class Call {
    final Map<Long, Integer> heard = new HashMap<>(); // Rounds by watch.
    private final HttpClientRequest request;
    private final HttpClientResponse response;
    private Buffer in = Buffer.buffer();

    Call(int first, int watches) {
      HttpClient client = clients.get(calls.size() % clients.size());
      request =
          await(
              client.request(
                  new RequestOptions()
                      .setMethod(HttpMethod.POST)
                      .setHost(server.base().getHost())
                      .setPort(server.base().getPort())
                      .setURI(way.path)
                      .putHeader("content-type", way.type)
                      .putHeader("te", "trailers")),
              LIMIT);
      request.setChunked(true);
      Future<HttpClientResponse> answered =
          request
              .response()
              .onSuccess(
                  response -> {
                    response.handler(this::take);
                    response.exceptionHandler(e -> wrong.compareAndSet(null, "broken off: " + e));
                    response.endHandler(none -> wrong.compareAndSet(null, "a call ended: " + in));
                  });
      for (int i = first; i < first + watches; i++) {
        WatchCreateRequest create =
            WatchCreateRequest.newBuilder()
                .setWatchId(i + 1)
                .setKey(ByteString.copyFromUtf8(key(i)))
                .build();
        request.write(frame(WatchRequest.newBuilder().setCreateRequest(create).build()));
      }
      response = await(answered, LIMIT);
    }

    void read(boolean on) {
      if (on) {
        response.resume();
      } else {
        response.pause();
      }
    }

    private Buffer frame(WatchRequest message) {
      try {
        if (way == Way.JSON) {
          return Buffer.buffer(JsonFormat.printer().preservingProtoFieldNames().print(message));
        }
        byte[] bytes = message.toByteArray();
        return Buffer.buffer().appendByte((byte) 0).appendInt(bytes.length).appendBytes(bytes);
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }

    private void take(Buffer part) {
      in.appendBuffer(part);
      try {
        if (way == Way.JSON) {
          lines();
        } else {
          messages();
        }
      } catch (RuntimeException | InvalidProtocolBufferException e) {
        wrong.compareAndSet(null, e + ": " + in);
      }
    }

    private void messages() throws InvalidProtocolBufferException {
      int position = 0;
      while (in.length() - position >= PREFIX_BYTES
          && in.length() - position - PREFIX_BYTES >= in.getInt(position + 1)) {
        int end = position + PREFIX_BYTES + in.getInt(position + 1);
        take(WatchResponse.parseFrom(in.getBytes(position + PREFIX_BYTES, end)));
        position = end;
      }
      in = in.getBuffer(position, in.length());
    }

    private void lines() throws InvalidProtocolBufferException {
      int position = 0;
      for (int i = in.length() - 1; i >= 0; i--) {
        if (in.getByte(i) == '\n') {
          position = i + 1;
          break;
        }
      }
      String[] lines = in.getString(0, position, "US-ASCII").split("\n");
      in = in.getBuffer(position, in.length());
      for (String line : lines) {
        if (!line.isEmpty()) {
          WatchResponse.Builder response = WatchResponse.newBuilder();
          JsonFormat.parser()
              .merge(new JsonObject(line).getJsonObject("result").encode(), response);
          take(response.build());
        }
      }
    }

    private void take(WatchResponse response) {
      long watch = response.getWatchId();
      if (response.getCreated() && !response.getCanceled()) {
        heard.put(watch, -1);
        created.incrementAndGet();
        return;
      }
      if (response.getCanceled()) {
        if (response.getCompactRevision() == 0) {
          throw new IllegalStateException("canceled: " + response);
        }
        compacted.incrementAndGet();
        complete.incrementAndGet();
        return;
      }
      for (Event event : response.getEventsList()) {
        int round = heard.get(watch) + 1;
        String text = event.getKv().getValue().toStringUtf8();
        if (!text.startsWith(round + " ")
            || !event.getKv().getKey().toStringUtf8().equals(key((int) watch - 1))) {
          throw new IllegalStateException(
              "watch " + watch + ", not of round " + round + ": " + text.substring(0, 20));
        }
        heard.put(watch, round);
        if (round == rounds - 1) {
          complete.incrementAndGet();
        }
      }
    }
  }
}
