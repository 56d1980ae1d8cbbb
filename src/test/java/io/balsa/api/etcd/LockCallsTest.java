package io.balsa.api.etcd;

import static io.balsa.Held.held;
import static io.balsa.api.etcd.EtcdEndpoint.await;
import static io.balsa.api.etcd.EtcdEndpoint.bytes;
import static io.balsa.api.etcd.EtcdEndpoint.until;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.balsa.api.etcd.EtcdEndpoint.Answer;
import io.balsa.api.etcd.EtcdEndpoint.Started;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseRevokeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseTimeToLiveRequest;
import io.balsa.api.etcd.proto.v3lockpb.LockGrpcClient;
import io.balsa.api.etcd.proto.v3lockpb.LockRequest;
import io.balsa.api.etcd.proto.v3lockpb.LockResponse;
import io.balsa.api.etcd.proto.v3lockpb.UnlockRequest;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.NetSocket;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.common.GrpcStatus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is expected here was seen of etcd 3.4.23, but that it lets the dead own locks. */
class LockCallsTest {
  @TempDir private Path directory;
  private EtcdEndpoint etcd;
  private HttpClient http;

  @BeforeEach
  void start() throws Exception {
    etcd = new EtcdEndpoint(directory);
    http = etcd.vertx.createHttpClient();
    for (long lease = 1; lease <= 4; lease++) {
      etcd.grant(lease, 300);
    }
  }

  @AfterEach
  void stop() throws Exception {
    etcd.close();
  }

  private static LockRequest request(String name, long lease) {
    return LockRequest.newBuilder().setName(bytes(name)).setLease(lease).build();
  }

  /** Asks for a lock, and returns when the queue has {@code size} places. */
  private Started<LockRequest, LockResponse> enter(String name, long lease, int size)
      throws Exception {
    return enter(etcd.newClient(), name, lease, size);
  }

  private Started<LockRequest, LockResponse> enter(
      GrpcClient client, String name, long lease, int size) throws Exception {
    Started<LockRequest, LockResponse> started =
        etcd.start(client, LockGrpcClient.Lock, request(name, lease));
    until("place " + size, () -> etcd.keys(name + "/").size() == size);
    return started;
  }

  private LockResponse lock(String name, long lease) throws Exception {
    return etcd.call(LockGrpcClient.Lock, request(name, lease)).ok();
  }

  private long unlock(ByteString key) throws Exception {
    return etcd.call(LockGrpcClient.Unlock, UnlockRequest.newBuilder().setKey(key).build())
        .ok()
        .getHeader()
        .getRevision();
  }

  private void revoke(long lease) throws Exception {
    etcd.call(LeaseGrpcClient.LeaseRevoke, LeaseRevokeRequest.newBuilder().setID(lease).build())
        .ok();
  }

  @Test
  void whoComesFirstOwnsFirst() throws Exception {
    LockResponse first = lock("q", 1);
    assertThat(first.getKey()).isEqualTo(bytes("q/1"));
    assertThat(first.getHeader().getRevision())
        .isEqualTo(etcd.items("q/").get(0).getCreateRevision());
    Future<Answer<LockResponse>> second = enter("q", 3, 2).answer();
    Future<Answer<LockResponse>> third = enter("q", 2, 3).answer();
    Future<Answer<LockResponse>> fourth = enter("q", 4, 4).answer();

    long unlocked = unlock(first.getKey());
    LockResponse owner = await(second).ok();
    assertThat(owner.getKey()).isEqualTo(bytes("q/3"));
    assertThat(owner.getHeader().getRevision()).isEqualTo(unlocked);
    assertThat(third.isComplete()).isFalse();

    unlock(bytes("q/2")); // Who waits before another goes: that wakes nobody to own.
    assertThat(await(third).message()).isEqualTo("mutex: session is expired");
    assertThat(etcd.keys("q/")).containsExactly("q/3", "q/4");
    assertThat(fourth.isComplete()).isFalse();
    revoke(3);
    assertThat(await(fourth).ok().getKey()).isEqualTo(bytes("q/4"));
  }

  @Test
  void lockingAgainWithTheSameLeaseIsFoundDone() throws Exception {
    LockResponse first = lock("q", 1);
    LockResponse again = lock("q", 1);
    assertThat(again.getKey()).isEqualTo(first.getKey());
    assertThat(again.getHeader().getRevision()).isEqualTo(first.getHeader().getRevision());

    Future<Answer<LockResponse>> waiting = enter("q", 2, 2).answer();
    Future<Answer<LockResponse>> twin = etcd.start(LockGrpcClient.Lock, request("q", 2)).answer();
    unlock(first.getKey());
    assertThat(await(waiting).ok().getKey()).isEqualTo(bytes("q/2"));
    assertThat(await(twin).ok().getKey()).isEqualTo(bytes("q/2"));
    assertThat(etcd.keys("q/")).hasSize(1);
  }

  @Test
  void whoHasNoLeaseIsGivenOneOfAMinute() throws Exception {
    LockResponse locked = lock("q", 0);

    long lease = etcd.items("q/").get(0).getLease();
    assertThat(locked.getKey()).isEqualTo(bytes("q/" + Long.toHexString(lease)));
    assertThat(
            etcd.call(
                    LeaseGrpcClient.LeaseTimeToLive,
                    LeaseTimeToLiveRequest.newBuilder().setID(lease).build())
                .ok()
                .getGrantedTTL())
        .isEqualTo(60);
  }

  @Test
  void namesMayBeEmptyAndLeasesNegative() throws Exception {
    etcd.grant(-3, 300);
    assertThat(lock("", 1).getKey()).isEqualTo(bytes("/1"));
    assertThat(lock("q", -3).getKey()).isEqualTo(bytes("q/-3"));
  }

  @Test
  void aLeaseThatIsNoneLocksNothing() throws Exception {
    etcd.call(LockGrpcClient.Lock, request("q", 555))
        .refused(GrpcStatus.UNKNOWN, "etcdserver: requested lease not found");
    etcd.call(LockGrpcClient.Unlock, UnlockRequest.getDefaultInstance())
        .refused(GrpcStatus.UNKNOWN, "etcdserver: key is not provided");
    unlock(bytes("no such lock"));
  }

  @Test
  void whoseLeaseEndsWhileWaitingIsToldAtOnceAndOwnsNothing() throws Exception {
    lock("q", 1);
    Future<Answer<LockResponse>> waiting = enter("q", 2, 2).answer();

    revoke(2);

    await(waiting).refused(GrpcStatus.UNKNOWN, "mutex: session is expired");
  }

  @Test
  void whoGoesAwayGivesUpThePlaceHoweverItGoes() throws Exception {
    ByteString owner = lock("q", 1).getKey();

    enter("q", 2, 2).request().cancel();
    until("a cancelled call to leave", () -> etcd.keys("q/").size() == 1);

    GrpcClient client = etcd.newClient();
    enter(client, "q", 2, 2);
    await(client.close());
    until("a closed connection of HTTP/2 to leave", () -> etcd.keys("q/").size() == 1);

    http.request(HttpMethod.POST, etcd.port, "127.0.0.1", "/v3/lock/lock")
        .compose(request -> request.send("{\"name\":\"cQ==\",\"lease\":2}"));
    until("a place", () -> etcd.keys("q/").size() == 2);
    await(http.close());
    until("a closed connection of HTTP/1.1 to leave", () -> etcd.keys("q/").size() == 1);

    NetSocket socket = await(held(etcd.vertx.createNetClient()).connect(etcd.port, "127.0.0.1"));
    String body = "{\"name\":\"cQ==\",\"lease\":2}";
    socket.write(
        "POST /v3/lock/lock HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(body.length(), body));
    await(socket.close());

    Future<Answer<LockResponse>> last = enter("q", 3, 2).answer();
    unlock(owner);
    await(last).ok();
    until("nobody but the owner", () -> etcd.keys("q/").equals(List.of("q/3")));
  }

  @Test
  void whoWaitsNoLongerThanSaidGivesUpThePlaceThen() throws Exception {
    lock("q", 1);
    GrpcClientRequest<LockRequest, LockResponse> request =
        etcd.request(etcd.newClient(), LockGrpcClient.Lock);
    request.headers().set("grpc-timeout", "300m");

    await(etcd.start(request, request("q", 2)).answer())
        .refused(GrpcStatus.DEADLINE_EXCEEDED, "context deadline exceeded");

    until("nobody but the owner", () -> etcd.keys("q/").equals(List.of("q/1")));
  }

  @Test
  void aMemberThatStopsWaitsForNobody() throws Exception {
    lock("q", 1);
    Future<Answer<LockResponse>> waiting = enter("q", 2, 2).answer();
    long start = System.nanoTime();

    await(etcd.member.stop());

    assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isLessThan(4_000);
    await(waiting).refused(GrpcStatus.UNAVAILABLE, "etcdserver: server stopped");
  }

  /** Each wait costs two watches and no polling, and each departure wakes one. */
  @Test
  void manyWaitForOneLockAndEachDepartureWakesOne() throws Exception {
    int count = 300;
    for (long lease = 100; lease < 100 + count; lease++) {
      etcd.grant(lease, 300);
    }
    lock("q", 1);
    List<Future<Answer<LockResponse>>> waiting = new ArrayList<>();
    for (long lease = 100; lease < 100 + count; lease++) {
      waiting.add(etcd.start(LockGrpcClient.Lock, request("q", lease)).answer());
    }
    until("all to wait", () -> etcd.keys("q/").size() == count + 1);
    until("all watches", () -> metric("balsa_watches") == 2 * count);
    double readsBefore = metric("balsa_reads_total");

    ByteString owner = bytes("q/1");
    for (int i = 0; i < count; i++) {
      unlock(owner);
      Future<Answer<LockResponse>> next = waiting.get(i);
      owner = await(next).ok().getKey();
      assertThat(waiting.stream().filter(Future::isComplete)).hasSize(i + 1);
    }

    assertThat(metric("balsa_reads_total") - readsBefore).isLessThan(2 * count);
    until("no watch", () -> metric("balsa_watches") == 0);
  }

  private double metric(String name) {
    try {
      // From another thread an answer may be over before somebody asks for its body.
      Buffer text =
          await(
              Future.future(
                  done ->
                      etcd.vertx.runOnContext(
                          none ->
                              http.request(HttpMethod.GET, etcd.port, "127.0.0.1", "/metrics")
                                  .compose(HttpClientRequest::send)
                                  .compose(HttpClientResponse::body)
                                  .onComplete(done))));
      return text.toString()
          .lines()
          .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
