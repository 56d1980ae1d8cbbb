package io.balsa.api.etcd;

import static io.balsa.api.etcd.EtcdClient.bytes;
import static io.balsa.api.http.ApiServer.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.api.ApiOptions;
import io.balsa.api.etcd.proto.etcdserverpb.WatchCreateRequest.FilterType;
import io.balsa.api.etcd.proto.etcdserverpb.WatchResponse;
import io.balsa.api.etcd.proto.mvccpb.Event;
import io.balsa.api.http.ApiServer;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Watch over gRPC, as clients of etcd know it. */
class WatchServiceTest {
  private static final int WINDOW_BYTES = 64 << 10;

  private ApiServer server;
  private EtcdClient client;
  private EtcdClient slow; // On a connection of its own: its window is full.

  @BeforeEach
  void start() {
    start(6, 60_000);
  }

  private void start(int watchesMax, int idleMillis) {
    start(watchesMax, idleMillis, 1_572_864);
  }

  private void start(int watchesMax, int idleMillis, int requestBytesMax) {
    server =
        ApiServer.start(
            o ->
                new ApiOptions(
                    o.listen(),
                    o.tls(),
                    requestBytesMax,
                    o.maxTxnOps(),
                    300,
                    idleMillis,
                    o.drainMillis(),
                    o.maxRequests(),
                    o.maxHeldBytes(),
                    watchesMax,
                    WINDOW_BYTES,
                    o.signedTokens(),
                    o.version(),
                    o.registry()));
    client = new EtcdClient(server.port);
    slow = new EtcdClient(server.port);
  }

  @AfterEach
  void stop() {
    client.close();
    slow.close();
    server.close();
  }

  private void restart(int watchesMax, int idleMillis) {
    stop();
    start(watchesMax, idleMillis);
  }

  private static void until(BooleanSupplier probe) {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (!probe.getAsBoolean()) {
      assertThat(System.nanoTime()).as("not within 20 s").isLessThan(deadline);
      LockSupport.parkNanos(5_000_000);
    }
  }

  private int openWatches() {
    return await(server.replica.openWatches());
  }

  private static String text(WatchResponse response) {
    StringBuilder text = new StringBuilder(response.getWatchId() + ":");
    for (Event event : response.getEventsList()) {
      text.append(' ').append(event.getType()).append(' ');
      text.append(event.getKv().getKey().toStringUtf8()).append('@');
      text.append(event.getKv().getModRevision());
      if (event.hasPrevKv()) {
        text.append(" was ").append(event.getPrevKv().getValue().toStringUtf8());
      }
    }
    return text.toString();
  }

  @Test
  void createdComesFirstAndIdsCountUpAroundThoseThatAreGiven() {
    client.put("a", "1");
    WatchCall call = client.watch();

    WatchResponse first = call.created("a");
    assertThat(first.getCreated()).isTrue();
    assertThat(first.getWatchId()).isZero();
    assertThat(first.getHeader().getRevision()).isEqualTo(2);
    assertThat(first.getHeader().getClusterId()).isEqualTo(0xba15a);
    assertThat(call.created("a", o -> o.setWatchId(1)).getWatchId()).isEqualTo(1);
    assertThat(call.created("a", o -> o.setWatchId(-7)).getWatchId()).isEqualTo(-7);
    assertThat(call.created("a").getWatchId()).isEqualTo(2);

    client.put("a", "2");
    List<Long> told = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      WatchResponse next = call.next();
      assertThat(next.getHeader().getRevision()).isEqualTo(3);
      told.add(next.getWatchId());
    }
    assertThat(told).containsExactlyInAnyOrder(0L, 1L, -7L, 2L);
  }

  @Test
  void anIdThatIsTakenAndAnEmptyRangeAreRefusedAndTheCallGoesOn() {
    WatchCall call = client.watch();
    call.created("a", o -> o.setWatchId(5));

    WatchResponse taken = call.created("b", o -> o.setWatchId(5));
    assertThat(taken.getCreated() && taken.getCanceled()).isTrue();
    assertThat(taken.getWatchId()).isEqualTo(-1);
    assertThat(taken.getCancelReason())
        .isEqualTo("mvcc: duplicate watch ID provided on the WatchStream");
    WatchResponse empty = call.created("b", o -> o.setRangeEnd(bytes("a")));
    assertThat(empty.getWatchId()).isEqualTo(-1);
    assertThat(empty.getCancelReason()).isEqualTo("mvcc: watcher range is empty");

    client.put("a", "1");
    assertThat(text(call.next())).isEqualTo("5: PUT a@2");
  }

  @Test
  void allEventsOfARevisionComeInOneResponseAndHistoryBeforeNews() {
    client.putAll("1", "a/1", "a/2", "b");
    client.delete("a/1");
    WatchCall call = client.watch();

    call.created("a/", o -> o.setRangeEnd(bytes("a0")).setStartRevision(2));
    client.put("a/3", "1");

    assertThat(text(call.next())).isEqualTo("0: PUT a/1@2 PUT a/2@2");
    assertThat(text(call.next())).isEqualTo("0: DELETE a/1@3");
    assertThat(text(call.next())).isEqualTo("0: PUT a/3@4");
  }

  @Test
  void aWatchFromTheFutureTellsNothingBefore() {
    WatchCall call = client.watch();
    call.created("a", o -> o.setStartRevision(4));
    client.put("a", "1");
    client.put("a", "2");
    client.put("a", "3");
    assertThat(text(call.next())).isEqualTo("0: PUT a@4");
  }

  @Test
  void everyKeyIsWatchedFromTheZeroKeyOn() {
    WatchCall call = client.watch();
    call.created("", o -> o.setRangeEnd(bytes("\0")));
    client.put("a", "1");
    assertThat(text(call.next())).isEqualTo("0: PUT a@2");
  }

  @Test
  void filtersDropAtTheServerAndPreviousValuesComeOnlyWhereAsked() {
    WatchCall call = client.watch();
    call.created("a", o -> o.addFilters(FilterType.NOPUT).setPrevKv(true));
    call.created("a", o -> o.addFilters(FilterType.NODELETE).setPrevKv(true));
    call.created("a");
    client.put("a", "1");
    client.put("a", "2");
    client.delete("a");
    client.put("a", "3");

    List<String> told = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      told.add(text(call.next()));
    }
    assertThat(told.stream().filter(each -> each.startsWith("0")))
        .containsExactly("0: DELETE a@4 was 2");
    assertThat(told.stream().filter(each -> each.startsWith("1")))
        .containsExactly("1: PUT a@2", "1: PUT a@3 was 1", "1: PUT a@5");
    assertThat(told.stream().filter(each -> each.startsWith("2")))
        .containsExactly("2: PUT a@2", "2: PUT a@3", "2: DELETE a@4", "2: PUT a@5");
  }

  @Test
  void eachWatchSeesItsOwnPartOfARevision() {
    client.put("a", "1");
    WatchCall call = client.watch();
    call.created("a");
    call.created("b");
    call.created("a", o -> o.setPrevKv(true));
    client.putAll("2", "a", "b");

    assertThat(List.of(text(call.next()), text(call.next()), text(call.next())))
        .containsExactlyInAnyOrder("0: PUT a@3", "1: PUT b@3", "2: PUT a@3 was 1");
  }

  @Test
  void aCanceledWatchTellsNoMoreAndAnUnknownOneIsNotAnswered() {
    WatchCall call = client.watch();
    call.created("a");
    call.created("a");
    call.cancel(77);
    call.cancel(0);

    WatchResponse canceled = call.next();
    assertThat(canceled.getCanceled()).isTrue();
    assertThat(canceled.getWatchId()).isZero();
    assertThat(canceled.getCancelReason()).isEmpty();
    client.put("a", "1");
    assertThat(text(call.next())).isEqualTo("1: PUT a@2");
    until(() -> openWatches() == 1);
  }

  @Test
  void aWatchThatIsCanceledAtOnceIsCreatedFirst() {
    WatchCall call = client.watch();
    call.create("a", o -> o);
    call.cancel(0);
    assertThat(call.next().getCreated()).isTrue();
    assertThat(call.next().getCanceled()).isTrue();
  }

  @Test
  void whatIsCompactedIsCreatedThenCanceled() {
    client.put("a", "1");
    client.put("a", "2");
    client.put("a", "3");
    client.compact(3);
    WatchCall call = client.watch();

    assertThat(call.created("a", o -> o.setStartRevision(2)).getCreated()).isTrue();
    WatchResponse canceled = call.next();
    assertThat(canceled.getCanceled()).isTrue();
    assertThat(canceled.getCompactRevision()).isEqualTo(3);
    assertThat(canceled.getHeader().getRevision()).isZero(); // As etcd.

    assertThat(call.created("a", o -> o.setStartRevision(3)).getWatchId()).isEqualTo(1);
    assertThat(text(call.next())).isEqualTo("1: PUT a@3");
  }

  @Test
  void theIdOfACompactedWatchIsTakenUntilItIsCanceled() {
    client.put("a", "1");
    client.put("a", "2");
    client.put("a", "3");
    client.compact(3);
    WatchCall call = client.watch();
    call.created("a", o -> o.setWatchId(1).setStartRevision(1));
    assertThat(call.next().getCompactRevision()).isEqualTo(3);

    assertThat(call.created("a", o -> o.setWatchId(1)).getCancelReason())
        .isEqualTo("mvcc: duplicate watch ID provided on the WatchStream");
    assertThat(call.created("a").getWatchId()).isZero();
    assertThat(call.created("a").getWatchId()).isEqualTo(2);
    call.cancel(1);
    WatchResponse canceled = call.next();
    assertThat(canceled.getCanceled()).isTrue();
    assertThat(canceled.getWatchId()).isEqualTo(1);
    assertThat(canceled.getHeader().getRevision()).isEqualTo(4);
    call.cancel(1); // Has no answer any more.
    assertThat(call.created("a", o -> o.setWatchId(1)).getCanceled()).isFalse();
  }

  @Test
  void progressIsToldForAllWatchesBehindTheirEvents() {
    WatchCall call = client.watch();
    call.progress();
    assertThat(call.next().getWatchId()).isEqualTo(-1); // There is none.
    call.created("a");
    call.created("b");
    call.created("c", o -> o.setStartRevision(100));
    for (int i = 0; i < 50; i++) {
      client.put("a", "1");
    }
    call.progress();

    for (int i = 2; i <= 51; i++) {
      assertThat(text(call.next())).isEqualTo("0: PUT a@" + i);
    }
    WatchResponse progress = call.next();
    assertThat(progress.getWatchId()).isEqualTo(-1);
    assertThat(progress.getEventsCount()).isZero();
    assertThat(progress.getHeader().getRevision()).isEqualTo(51);
  }

  @Test
  void progressWaitsForAWatchThatIsBehind() {
    String value = "x".repeat(10_000);
    for (int i = 2; i <= 51; i++) { // Many windows.
      client.put("a", value);
    }
    WatchCall call = client.watch();
    call.create("a", o -> o.setStartRevision(2));
    call.progress();

    assertThat(call.next().getCreated()).isTrue();
    for (int i = 2; i <= 51; i++) {
      assertThat(text(call.next())).isEqualTo("0: PUT a@" + i);
    }
    assertThat(call.next().getHeader().getRevision()).isEqualTo(51);
  }

  @Test
  void longRevisionsAreCutWhereAsked() {
    String value = "x".repeat(400_000);
    WatchCall whole = client.watch();
    whole.created("a", o -> o.setRangeEnd(bytes("b")).setPrevKv(true));
    WatchCall cut = client.watch();
    cut.created("a", o -> o.setRangeEnd(bytes("b")).setPrevKv(true).setFragment(true));
    client.putAll(value, "a1", "a2", "a3");
    client.putAll(value, "a1", "a2", "a3");

    assertThat(whole.next().getEventsCount()).isEqualTo(3);
    assertThat(whole.next().getEventsCount()).isEqualTo(3); // Of 2.4 MB.
    WatchResponse fits = cut.next();
    assertThat(fits.getEventsCount()).isEqualTo(3);
    assertThat(fits.getFragment()).isFalse();
    List<String> keys = new ArrayList<>();
    WatchResponse part = cut.next();
    assertThat(part.getFragment()).isTrue();
    while (true) {
      assertThat(part.getSerializedSize()).isLessThan(1_572_864);
      assertThat(part.getHeader().getRevision()).isEqualTo(3);
      part.getEventsList().forEach(event -> keys.add(event.getKv().getKey().toStringUtf8()));
      if (!part.getFragment()) {
        break;
      }
      part = cut.next();
    }
    assertThat(keys).containsExactly("a1", "a2", "a3");
  }

  @Test
  void aSlowClientHoldsUpAWindowIsCutOffUnseenAndMissesNothing() {
    WatchCall call = slow.watch();
    call.created("a");
    call.created("quiet");
    call.pause();
    String value = "x".repeat(10_000);
    for (int i = 2; i <= 401; i++) { // 4 MB.
      client.put("a", value);
    }
    until(() -> await(server.replica.stalledAt()) > 0);
    // One window, a part, and what the sockets hold.
    assertThat(await(server.replica.stalledAt())).isLessThan(300);
    assertThat(await(server.replica.cutOffStalled())).isEqualTo(1);
    assertThat(openWatches()).isEqualTo(1);

    call.resume();
    for (int i = 2; i <= 401; i++) {
      assertThat(text(call.next())).isEqualTo("0: PUT a@" + i);
    }
    client.put("quiet", "1");
    assertThat(text(call.next())).isEqualTo("1: PUT quiet@402");
  }

  @Test
  void manyWatchesOfAClientThatDoesNotReadHoldUpLittleEach() {
    restart(200, 60_000);
    WatchCall call = slow.watch();
    for (int i = 0; i < 150; i++) {
      assertThat(call.created("a").getWatchId()).isEqualTo(i);
    }
    call.pause();
    String value = "x".repeat(10_000);
    for (int i = 2; i <= 41; i++) {
      client.put("a", value);
    }
    until(() -> await(server.replica.stalledWatches()) == 150);
    assertThat(await(server.replica.stalledAt())).isLessThan(7); // A whole window holds up to 8.

    call.resume();
    long[] told = new long[150];
    for (int i = 0; i < 150 * 40; i++) {
      WatchResponse next = call.next();
      long revision = next.getEvents(0).getKv().getModRevision();
      long before = told[(int) next.getWatchId()];
      assertThat(revision).isEqualTo(before == 0 ? 2 : before + 1);
      told[(int) next.getWatchId()] = revision;
    }
    assertThat(told).containsOnly(41);
  }

  /** Cut off or not, each goes on where it was; one that reads gets all at once meanwhile. */
  @Test
  void manyCallsThatNobodyReadsHoldUpLittleTogether() {
    stop();
    start(200, 60_000, 64 << 10);
    List<WatchCall> calls = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      calls.add(slow.watch());
      calls.get(i).created("a");
      calls.get(i).pause();
    }
    WatchCall reading = client.watch();
    reading.created("a");
    String value = "x".repeat(10_000);
    for (int i = 2; i <= 41; i++) {
      client.put("a", value);
      assertThat(text(reading.next())).isEqualTo("0: PUT a@" + i);
    }
    until(() -> await(server.replica.stalledWatches()) == 150);
    long held = await(server.replica.deliveredToStalled(2)) * value.length();
    // Windows, what is on its way to sockets, one event more of both kinds for each; and what the
    // clients' side of HTTP/2 has taken in.
    assertThat(held)
        .isLessThan((2 * 200 * 8 << 10) + 4 * (576 << 10) + 150 * 2 * 10_100 + 150 * (64 << 10));

    assertThat(await(server.replica.cutOffStalled())).isEqualTo(150);
    for (WatchCall call : calls) {
      call.resume();
    }
    for (WatchCall call : calls) {
      for (int i = 2; i <= 41; i++) {
        assertThat(text(call.next())).isEqualTo("0: PUT a@" + i);
      }
    }
  }

  @Test
  void whatASlowClientMissedToCompactionItIsTold() {
    WatchCall call = slow.watch();
    call.created("a");
    call.pause();
    String value = "x".repeat(10_000);
    for (int i = 2; i <= 401; i++) {
      client.put("a", value);
    }
    until(() -> await(server.replica.stalledAt()) > 0);
    await(server.replica.cutOffStalled());
    client.compact(400);

    call.resume();
    WatchResponse canceled = call.next();
    for (long i = 2; !canceled.getCanceled(); i++) { // What was on its way to the socket.
      assertThat(text(canceled)).isEqualTo("0: PUT a@" + i);
      canceled = call.next();
    }
    assertThat(canceled.getCompactRevision()).isEqualTo(400);
  }

  @Test
  void watchesBeyondTheLimitAreRefusedAndPlacesComeBack() {
    WatchCall call = client.watch();
    for (int i = 0; i < 6; i++) {
      assertThat(call.created("a").getCanceled()).isFalse();
    }
    WatchResponse refused = call.created("a");
    assertThat(refused.getCreated() && refused.getCanceled()).isTrue();
    assertThat(refused.getCancelReason()).isEqualTo("etcdserver: too many requests");
    WatchCall other = client.watch();
    other.create("a", o -> o);
    assertThat(other.end()).isEqualTo("RESOURCE_EXHAUSTED etcdserver: too many requests");

    call.cancel(3);
    assertThat(call.next().getCanceled()).isTrue();
    assertThat(call.created("a").getCanceled()).isFalse();

    call.reset();
    until(() -> openWatches() == 0);
    WatchCall another = client.watch();
    for (int i = 0; i < 6; i++) {
      assertThat(another.created("a").getCanceled()).isFalse();
    }
  }

  @Test
  void theWatchesGoOnWhenTheClientHasNothingMoreToSay() {
    WatchCall call = client.watch();
    call.created("a");
    call.half();
    client.put("a", "1");
    assertThat(text(call.next())).isEqualTo("0: PUT a@2");
  }

  @Test
  void aMemberThatStopsEndsTheCall() {
    WatchCall call = client.watch();
    call.created("a");
    await(server.undeploy());
    assertThat(call.end()).isEqualTo("UNAVAILABLE etcdserver: server stopped");
  }

  @Test
  void watchesThatTheReplicaEndsEndTheCall() {
    WatchCall call = client.watch();
    call.created("a");
    await(server.replica.endWatches());
    assertThat(call.end()).isEqualTo("UNAVAILABLE etcdserver: server stopped");
  }

  @Test
  void withoutALeaderThoseEndThatAskedForIt() {
    WatchCall asked = new WatchCall(client, true);
    asked.created("a");
    WatchCall other = client.watch();
    other.created("a");

    server.replica.override =
        request ->
            request instanceof Request.MemberList ? new Reply.Members(1, 0, 0, List.of()) : null;

    assertThat(asked.end()).isEqualTo("UNAVAILABLE etcdserver: no leader");
    client.put("a", "1");
    assertThat(text(other.next())).isEqualTo("0: PUT a@2");
    WatchCall late = new WatchCall(client, true);
    late.create("a", o -> o);
    assertThat(late.end()).isEqualTo("UNAVAILABLE etcdserver: no leader"); // At once.
    assertThat(client.watch().created("a").getCreated()).isTrue();
  }

  @Test
  void aQuietCallIsKeptOpenByPings() {
    restart(6, 600);
    try (EtcdClient counting = EtcdClient.countingPings(server.port)) {
      WatchCall call = counting.watch();
      call.created("a");
      until(() -> counting.pings.get() >= 7); // Two idle timeouts and more.
      client.put("a", "1");
      assertThat(text(call.next())).isEqualTo("0: PUT a@2");
    }
  }
}
