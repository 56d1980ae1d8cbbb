package io.balsa.verticle;

import io.balsa.api.ApiOptions;
import io.balsa.api.eventbus.EventBusOptions;
import io.balsa.bus.Addresses;
import io.balsa.bus.PassThroughCodec;
import io.balsa.data.Endpoint;
import io.balsa.data.Version;
import io.balsa.engine.DiskInput;
import io.balsa.engine.MemberInfo;
import io.balsa.engine.RaftInput;
import io.balsa.engine.RaftLoop;
import io.balsa.engine.RaftLoopOptions;
import io.balsa.engine.Recovery;
import io.balsa.engine.Replica;
import io.balsa.engine.ReplicaOptions;
import io.balsa.engine.entry.EntryRequest;
import io.balsa.verticle.peer.PeerDirectory;
import io.balsa.verticle.peer.PeerOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;

/**
 * Plays a small cluster through before the real one begins, so that the JVM has read, verified and
 * initialised the classes that a member needs. It does that when a class is first used, which takes
 * a second or two in all: on the event loops of a member it would hold up heartbeats and clients,
 * at the start and again with the first connection, the first election and each new kind of
 * request.
 *
 * <p>Two members in a Vert.x of their own elect a leader and serve clients on loopback, on ports
 * that the system picks. All of it is real but the disk, which forgets: nothing is written. Not
 * needed for a member to work, only for its first seconds.
 */
public final class Rehearsal {
  private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);
  private static final long LIMIT_MILLIS = 30_000; // A starved machine needs it all.
  private static final String HOST = "127.0.0.1";
  private static final int MEMBERS = 2;
  private static final long TICK_MILLIS = 10;
  private static final long QUIET_MILLIS = 1_000;
  private static final int ELECTION_TICKS = 5;
  private static final int MESSAGE_BYTES_MAX = 1 << 20;

  private static final String WRITE = request("PUT", "/v1/kv/a", "1");
  private static final String READ = request("GET", "/v1/kv/a", "");
  private static final List<String> REQUESTS =
      List.of(
          WRITE,
          READ,
          request("GET", "/v1/kv/none", ""),
          request("GET", "/v1/kv?prefix=a", ""),
          request("GET", "/v1/kv?prefix=", ""),
          request(
              "POST",
              "/v1/txn",
              "{\"compare\":[{\"key\":\"a\",\"target\":\"version\",\"op\":\"=\",\"value\":0}],"
                  + "\"then\":[{\"put\":{\"key\":\"a\",\"value\":\"1\"}}],"
                  + "\"else\":[{\"get\":{\"key\":\"a\"}}]}"),
          request("POST", "/v1/leases", "{\"ttlSeconds\":60}"),
          request("GET", "/v1/leases", ""),
          request("DELETE", "/v1/kv/a", ""),
          request("GET", "/v1/members", ""),
          request("GET", "/v1/status", ""),
          request("GET", "/metrics", ""),
          request("GET", "/readyz", ""),
          request("GET", "/unknown", ""));

  private final Vertx vertx;
  private final long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LIMIT_MILLIS);
  private final SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());

  private final List<Long> ticks = new ArrayList<>();
  private final List<String> apiIds = new CopyOnWriteArrayList<>();

  private Rehearsal(Vertx vertx) {
    this.vertx = vertx;
  }

  /**
   * Plays it through. Waits for that, half a minute at most, so it must not be called on an event
   * loop. Never fails: a member whose rehearsal went wrong is one without. What it took is given
   * back within about a second after.
   *
   * @return whether all of it was played
   */
  public static boolean run() {
    long startNanos = System.nanoTime();
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(MEMBERS)
                // Its event loops are there to be held up instead of those of the members.
                .setBlockedThreadCheckInterval(LIMIT_MILLIS)
                .setMaxEventLoopExecuteTime(LIMIT_MILLIS)
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
    Rehearsal rehearsal = new Rehearsal(vertx);
    try {
      rehearsal.play();
      LOG.debug(
          "rehearsed millis={}", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
      return true;
    } catch (Exception e) { // Futures fail with anything.
      LOG.debug("rehearsal failed reason={}", e.toString());
      return false;
    } finally {
      rehearsal.close();
    }
  }

  private void play() throws IOException, TimeoutException {
    PassThroughCodec.register(vertx);
    List<PeerVerticle> peers = new ArrayList<>();
    List<ApiVerticle> apis = new ArrayList<>();
    List<Future<?>> deployments = new ArrayList<>();
    for (long id = 1; id <= MEMBERS; id++) {
      peers.add(
          new PeerVerticle(
              PeerOptions.of(id, "m" + id, 1, HOST, 0, MESSAGE_BYTES_MAX, random.split()),
              Addresses.of(id),
              NOPLogger.NOP_LOGGER));
      apis.add(new ApiVerticle(apiOptions(), Addresses.of(id)));
      deployments.add(vertx.deployVerticle(peers.get(peers.size() - 1)));
      deployments.add(vertx.deployVerticle(apis.get(apis.size() - 1)).onSuccess(apiIds::add));
    }
    await(Future.all(deployments));
    List<MemberInfo> members = new ArrayList<>();
    for (int i = 0; i < MEMBERS; i++) {
      List<String> urls = List.of("http://" + HOST + ":" + peers.get(i).port());
      members.add(new MemberInfo(i + 1, "m" + (i + 1), urls, urls));
    }
    for (MemberInfo member : members) {
      startEngine(member, members);
    }
    EventBusOptions bus = EventBusOptions.of(false, MESSAGE_BYTES_MAX, remainingMillis());
    await(
        vertx.deployVerticle(new EventBusApiVerticle(bus, Addresses.of(1))).onSuccess(apiIds::add));
    // It answers nothing until it knows the members; what a new one asks is asked in any case.
    PeerDirectory directory = new PeerDirectory(vertx, Optional.empty(), remainingMillis());
    String peerUrl = members.get(0).peerUrls().get(0);
    Future<?> described = directory.describe(peerUrl);
    Future<?> refused = directory.enter(peerUrl, new EntryRequest(1, 1, "m1", 1));
    int port = port(apis.get(0));
    try (Socket watch = connect(port)) {
      send(watch, request("GET", "/v1/watch?prefix=", ""));
      for (String request : REQUESTS) {
        ask(port, request);
      }
      watch.getInputStream().read();
    }
    // One of the members leads, and the other forwards.
    ask(port(apis.get(1)), WRITE);
    ask(port(apis.get(1)), READ);
    askOverHttp2(port);
    await(described.otherwiseEmpty());
    await(refused.otherwiseEmpty());
  }

  private static int port(ApiVerticle api) {
    return api.ports().get(0);
  }

  private void startEngine(MemberInfo self, List<MemberInfo> members) throws TimeoutException {
    Addresses addresses = Addresses.of(self.id());
    BusOutbox out = new BusOutbox(vertx, addresses, () -> {});
    vertx
        .eventBus()
        .<DiskInput>localConsumer(
            addresses.disk(),
            message -> {
              if (message.body() instanceof DiskInput.Append append) {
                out.toRaft(new RaftInput.Stored(append.batches()));
              }
            });
    Recovery recovery = Recovery.founded(members);
    Replica replica =
        new Replica(
            ReplicaOptions.of(1, self), recovery, 1, random.split(), out, System.nanoTime());
    RaftLoop raft =
        new RaftLoop(
            new RaftLoopOptions(
                self.id(), ELECTION_TICKS, 100, MESSAGE_BYTES_MAX, 1_000, MESSAGE_BYTES_MAX, true),
            recovery.recovered(),
            random.split(),
            out,
            NOPLogger.NOP_LOGGER);
    await(
        vertx.deployVerticle(new ReplicaVerticle(replica, addresses, TICK_MILLIS, failure -> {})));
    Turns turns = new Turns(vertx.getOrCreateContext(), raft::flush, failure -> {});
    vertx
        .eventBus()
        .<RaftInput>localConsumer(
            addresses.raft(), message -> turns.take(() -> raft.handle(message.body())));
    ticks.add(
        vertx.setPeriodic(
            TICK_MILLIS, timer -> turns.take(() -> raft.handle(new RaftInput.Tick()))));
  }

  private static ApiOptions apiOptions() {
    return ApiOptions.of(
        List.of(new Endpoint(false, HOST, 0)), null, Version.TEXT, Member.metrics(0));
  }

  // Vert.x warns of messages to consumers that are going. Without ticks the members soon send none,
  // and the APIs, which say good-bye, go first.
  private void close() {
    ticks.forEach(vertx::cancelTimer);
    vertx.setTimer(
        QUIET_MILLIS,
        timer ->
            Future.join(apiIds.stream().map(vertx::undeploy).toList()).eventually(vertx::close));
  }

  // By hand, because an HTTP/1.1 client has classes of its own, which no member needs.
  private void ask(int port, String request) throws IOException, TimeoutException {
    try (Socket socket = connect(port)) {
      send(socket, request);
      InputStream answer = socket.getInputStream();
      byte[] bytes = new byte[4096];
      while (answer.read(bytes) >= 0) {
        // To the end, which the server makes.
      }
    }
  }

  private Socket connect(int port) throws IOException, TimeoutException {
    Socket socket = new Socket();
    socket.setSoTimeout(remainingMillis());
    socket.connect(new InetSocketAddress(InetAddress.getByName(HOST), port), remainingMillis());
    return socket;
  }

  private static void send(Socket socket, String request) throws IOException {
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
  }

  private static String request(String method, String target, String body) {
    return method
        + " "
        + target
        + " HTTP/1.1\r\nHost: "
        + HOST
        + "\r\nConnection: close\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  private void askOverHttp2(int port) throws TimeoutException {
    HttpClientAgent client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    // On an event loop: from another thread the answer may be over before its body is asked for.
    await(
        Future.<Buffer>future(
            done ->
                vertx.runOnContext(
                    none ->
                        ask(client, HttpMethod.PUT, port, "2")
                            .compose(put -> ask(client, HttpMethod.GET, port, ""))
                            // Not only to close it: the garbage collector does if nobody holds it.
                            .eventually(client::close)
                            .onComplete(done))));
  }

  private static Future<Buffer> ask(
      HttpClientAgent client, HttpMethod method, int port, String body) {
    return client
        .request(method, port, HOST, "/v1/kv/b")
        .compose(request -> request.send(Buffer.buffer(body)))
        .compose(HttpClientResponse::body);
  }

  private <T> T await(Future<T> future) throws TimeoutException {
    return future.await(remainingMillis(), TimeUnit.MILLISECONDS);
  }

  /** Never 0, which sockets take for no limit. */
  private int remainingMillis() throws TimeoutException {
    long millis = TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
    if (millis <= 0) {
      throw new TimeoutException("not through after " + LIMIT_MILLIS + " ms");
    }
    return (int) millis;
  }
}
