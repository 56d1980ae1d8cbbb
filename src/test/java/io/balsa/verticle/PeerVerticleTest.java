package io.balsa.verticle;

import static io.balsa.verticle.TestPeer.append;
import static io.balsa.verticle.TestPeer.eventually;
import static io.balsa.verticle.TestPeer.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.engine.RaftInput;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import io.balsa.verticle.peer.PeerStats;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.junit5.VertxExtension;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class PeerVerticleTest {
  @Test
  void deliversMessagesInOrder(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    one.awaitConnected(two);

    int count = 100_000;
    for (int sent = 0; sent < count; ) {
      List<Message> turn = new ArrayList<>();
      for (int i = 0; i < 100; i++, sent++) {
        turn.add(append(1, 2, sent + 1, 256));
      }
      one.send(turn);
    }

    eventually("all delivered", () -> two.receivedCount() == count);
    List<Message> received = two.received();
    for (int i = 0; i < count; i++) {
      Message.AppendRequest append = (Message.AppendRequest) received.get(i);
      assertThat(append.previous().index()).isEqualTo(i);
    }
    assertThat(one.stats(two).messagesSent()).isEqualTo(count);
    assertThat(one.stats(two).messagesDropped()).isZero();
    assertThat(one.stats(two).bytesSent()).isBetween(count * 256L, count * 320L);
  }

  @Test
  void handsOverTheMessagesOfOneTurnTogether(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    one.awaitConnected(two);
    List<Message> turn = List.of(heartbeat(1, 2, 1), append(1, 2, 1, 10), append(1, 2, 2, 10));

    one.send(turn);

    eventually("delivered", () -> two.receivedCount() == 3);
    assertThat(two.raftInputs()).containsExactly(new RaftInput.FromPeer(turn));
  }

  @Test
  void putsTheTurnsThatWaitIntoOneFrame() {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    one.awaitConnected(two);
    List<Message> all = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      all.add(heartbeat(1, 2, i));
    }

    vertx.runOnContext(none -> all.forEach(message -> one.send(message)));

    eventually("delivered", () -> two.receivedCount() == 100);
    assertThat(two.raftInputs()).containsExactly(new RaftInput.FromPeer(all));
    TestPeer.await(vertx.close());
  }

  @Test
  void talksInBothDirectionsAmongThree(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    TestPeer three = TestPeer.start(vertx, 3);
    one.knows(two, three);
    two.knows(one, three);
    three.knows(one, two);

    one.send(heartbeat(1, 2, 5), heartbeat(1, 3, 6));
    two.send(new Message.HeartbeatResponse(2, 1, 7, 0));
    three.send(new Message.VoteResponse(3, 2, 8, true, false));

    eventually(
        "all delivered",
        () ->
            one.received().equals(List.of(new Message.HeartbeatResponse(2, 1, 7, 0)))
                && two.received().contains(heartbeat(1, 2, 5))
                && two.received().contains(new Message.VoteResponse(3, 2, 8, true, false))
                && three.received().equals(List.of(heartbeat(1, 3, 6))));
  }

  @Test
  void deliversWhatIsSentWhileItConnects(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);

    one.knows(two);
    one.send(heartbeat(1, 2, 1));

    eventually("delivered", () -> two.received().equals(List.of(heartbeat(1, 2, 1))));
  }

  @Test
  void deliversAnEntryFarLargerThanABatch(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    Message large = append(1, 2, 2, 3 * 1024 * 1024 / 2);

    one.send(heartbeat(1, 2, 1), large, heartbeat(1, 2, 3));

    eventually("delivered", () -> two.receivedCount() == 3);
    assertThat(two.received()).containsExactly(heartbeat(1, 2, 1), large, heartbeat(1, 2, 3));
  }

  @Test
  void deliversTheLargestAppendsThatRaftMakes(Vertx vertx) {
    int entryBytes = 20_000;
    int raftBytes = 480_000;
    TestPeer one = TestPeer.start(vertx, TestPeer.options(1, entryBytes + raftBytes));
    TestPeer two = TestPeer.start(vertx, TestPeer.options(2, entryBytes + raftBytes));
    one.knows(two);
    one.awaitConnected(two);
    Message single = append(1, 2, 1, raftBytes + entryBytes - 96 - Entry.OVERHEAD_BYTES);
    Entry empty = new Entry(7, 1, EntryType.NORMAL, Bytes.EMPTY);
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < raftBytes / empty.encodedBytes(); i++) {
      entries.add(new Entry(7, (1L << 41) + 1 + i, EntryType.CONF_CHANGE_V2, Bytes.EMPTY));
    }
    Message many = new Message.AppendRequest(1, 2, 7, new EntryId(7, 1L << 41), entries, 0);

    one.send(single, many);

    eventually("delivered", () -> two.receivedCount() == 2);
    assertThat(two.received()).containsExactly(single, many);
    assertThat(one.stats(two).messagesDropped()).isZero();
  }

  @Test
  void dropsAMessageThatNoReceiverWouldTakeAndGoesOn(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    one.awaitConnected(two);

    one.send(append(1, 2, 1, 5 * 1024 * 1024), heartbeat(1, 2, 1));

    eventually("delivered", () -> two.received().equals(List.of(heartbeat(1, 2, 1))));
    assertThat(one.stats(two).messagesDropped()).isEqualTo(1);
    eventually("reported", () -> !one.raftInputs().isEmpty());
    assertThat(one.raftInputs()).containsExactly(new RaftInput.Unreachable(2));
  }

  @Test
  void comesBackWhenTheOtherSideRestarts(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    int port = two.port();
    one.knows(two);
    one.awaitConnected(two);
    one.send(heartbeat(1, 2, 1));
    eventually("delivered", () -> two.receivedCount() == 1);

    two.stop();

    eventually("reported", () -> one.count(new RaftInput.Unreachable(2)) > 0);
    TestPeer restarted = TestPeer.start(vertx, TestPeer.on(port, TestPeer.options(2)));
    one.awaitConnected(restarted);
    one.send(heartbeat(1, 2, 2));
    eventually("delivered anew", () -> restarted.received().equals(List.of(heartbeat(1, 2, 2))));
  }

  @Test
  void triesAtOnceWhenAMissingMemberIsHeardOf(Vertx vertx) {
    // So slow that only the wake-up can explain a connection.
    TestPeer one =
        TestPeer.start(vertx, TestPeer.reconnecting(600_000, 600_000, TestPeer.options(1)));
    TestPeer two = TestPeer.start(vertx, 2);
    int port = two.port();
    two.stop();
    one.knows(Map.of(2L, List.of("http://127.0.0.1:" + port)));
    eventually(
        "given up for now",
        () -> {
          one.send(heartbeat(1, 2, 1));
          return one.count(new RaftInput.Unreachable(2)) > 1;
        });

    TestPeer back = TestPeer.start(vertx, TestPeer.on(port, TestPeer.options(2)));
    back.knows(one);

    one.awaitConnected(back);
  }

  @Test
  void reportsAMemberThatCannotBeReachedOncePerHeartbeat(Vertx vertx) {
    long heartbeatMillis = 600_000;
    TestPeer one =
        TestPeer.start(vertx, TestPeer.heartbeatEvery(heartbeatMillis, TestPeer.options(1)));
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    eventually("known", () -> !one.allStats().isEmpty());
    two.stop();

    eventually(
        "dropped",
        () -> {
          one.send(Collections.nCopies(100, heartbeat(1, 2, 1)));
          return one.stats(two).messagesDropped() > 1_000;
        });

    eventually("reported", () -> !one.raftInputs().isEmpty());
    assertThat(one.raftInputs()).containsExactly(new RaftInput.Unreachable(2));
  }

  @Test
  void dropsWhatTheQueueDoesNotHoldAndRecovers(Vertx vertx) {
    long queueBytes = 1024 * 1024;
    TestPeer one =
        TestPeer.start(vertx, TestPeer.queue(queueBytes, TestPeer.options(1, 1024 * 1024)));
    TestPeer two = TestPeer.start(vertx, 2);
    FaultyProxy proxy = FaultyProxy.start(vertx, two.port());
    one.knows(Map.of(2L, List.of(proxy.url())));
    one.awaitConnected(two);

    proxy.freeze();
    long index = 0;
    while (one.stats(two).messagesDropped() == 0) {
      one.send(append(1, 2, ++index, 64 * 1024));
      assertThat(index).isLessThan(100_000);
    }
    eventually("reported", () -> one.count(new RaftInput.Unreachable(2)) > 0);
    assertThat(one.isConnected(two)).isTrue();

    proxy.thaw();
    eventually(
        "delivers again",
        () -> {
          one.send(heartbeat(1, 2, 99));
          return two.received().contains(heartbeat(1, 2, 99));
        });
    List<Long> indices =
        two.received().stream()
            .filter(Message.AppendRequest.class::isInstance)
            .map(message -> ((Message.AppendRequest) message).previous().index())
            .toList();
    assertThat(indices).isSorted().doesNotHaveDuplicates();
    proxy.stop();
  }

  @Test
  void noticesAPeerThatVanishedWithoutAWord(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, TestPeer.stallAfter(100, TestPeer.options(1)));
    TestPeer two = TestPeer.start(vertx, 2);
    FaultyProxy proxy = FaultyProxy.start(vertx, two.port());
    one.knows(Map.of(2L, List.of(proxy.url())));
    one.awaitConnected(two);

    proxy.freeze();

    eventually("noticed", () -> !one.isConnected(two));
    eventually("reported", () -> one.count(new RaftInput.Unreachable(2)) > 0);
    assertThat(one.count(new RaftInput.Gone(2))).as("it may still be there").isZero();
    proxy.stop();
  }

  @Test
  void noticesAtOnceThatTheProcessOfAPeerHasEnded(Vertx vertx) {
    TestPeer one =
        TestPeer.start(
            vertx, TestPeer.reconnecting(1, 1, TestPeer.stallAfter(600_000, TestPeer.options(1))));
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    one.awaitConnected(two);

    two.stop();

    eventually("reported", () -> one.count(new RaftInput.Gone(2)) == 1);
    TestPeer never = TestPeer.start(vertx, 3);
    never.stop();
    one.knows(never);
    eventually(
        "given up for now",
        () -> {
          one.send(heartbeat(1, 3, 1));
          return one.count(new RaftInput.Unreachable(3)) > 1;
        });
    assertThat(one.count(new RaftInput.Gone(3))).as("it was never there").isZero();
  }

  @Test
  void staysConnectedWithoutAnyTraffic(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, TestPeer.stallAfter(500, TestPeer.options(1)));
    TestPeer two = TestPeer.start(vertx, TestPeer.stallAfter(500, TestPeer.options(2)));
    one.knows(two);
    one.awaitConnected(two);
    long idleSince = System.nanoTime();

    eventually(
        "idle for longer than the server would bear without pings",
        () -> System.nanoTime() - idleSince > TimeUnit.MILLISECONDS.toNanos(2_500));

    assertThat(one.isConnected(two)).isTrue();
    assertThat(one.raftInputs()).isEmpty();
  }

  @Test
  void followsAMemberToItsNewAddress(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer old = TestPeer.start(vertx, 2);
    one.knows(old);
    one.awaitConnected(old);
    TestPeer moved = TestPeer.start(vertx, 2);

    one.knows(moved);

    eventually(
        "delivered at the new address",
        () -> {
          one.send(heartbeat(1, 2, 4));
          return !moved.received().isEmpty();
        });
    int before = old.receivedCount();
    one.send(heartbeat(1, 2, 5));
    eventually("goes on there", () -> moved.received().contains(heartbeat(1, 2, 5)));
    assertThat(old.receivedCount()).isEqualTo(before);
  }

  @Test
  void findsAMovedMemberWhereDiscoverySawIt(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer old = TestPeer.start(vertx, 2);
    old.stop();
    TestPeer moved = TestPeer.start(vertx, 2);

    one.sees(Map.of("n2", List.of(moved.url())));
    one.knows(old);

    one.awaitConnected(moved);
  }

  @Test
  void findsAMemberThatTheLogKnowsByNameOnly(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(Map.of(2L, List.of()));

    one.sees(Map.of("n3", List.of("http://127.0.0.1:1"), "n2", List.of(two.url())));

    one.awaitConnected(two);
  }

  @Test
  void keepsAStreamThatWorksWhateverDiscoverySees(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    TestPeer other = TestPeer.start(vertx, 2);
    one.sees(Map.of("n2", List.of(two.url())));
    one.knows(Map.of(2L, List.of()));
    one.awaitConnected(two);

    one.sees(Map.of("n2", List.of(other.url())));
    one.sees(Map.of());
    one.send(heartbeat(1, 2, 1));

    eventually("delivered", () -> two.received().contains(heartbeat(1, 2, 1)));
    assertThat(other.received()).isEmpty();
  }

  @Test
  void findsAMovedMemberWhenThatDials(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer old = TestPeer.start(vertx, 2);
    one.knows(old);
    one.awaitConnected(old);
    old.stop();
    int port = TestPeer.freePort();
    TestPeer moved =
        TestPeer.start(
            vertx,
            TestPeer.on(port, TestPeer.options(2))
                .withPeerUrls(List.of("http://127.0.0.1:" + port)));

    moved.knows(one);

    one.awaitConnected(moved);
  }

  @Test
  void triesEachOfSeveralAddresses(Vertx vertx) {
    TestPeer one =
        TestPeer.start(vertx, TestPeer.reconnecting(600_000, 600_000, TestPeer.options(1)));
    TestPeer two = TestPeer.start(vertx, 2);
    TestPeer gone = TestPeer.start(vertx, 3);
    gone.stop();

    one.knows(Map.of(2L, List.of("http://127.0.0.1:" + gone.port(), "not a url", two.url())));

    one.awaitConnected(two);
  }

  @Test
  void takesMessagesOfAMemberItDoesNotKnowYet(Vertx vertx) {
    TestPeer leader = TestPeer.start(vertx, 1);
    TestPeer learner = TestPeer.start(vertx, 2);

    leader.knows(learner);
    leader.send(append(1, 2, 1, 10));

    eventually("delivered", () -> learner.received().equals(List.of(append(1, 2, 1, 10))));
  }

  @Test
  void answersAMemberItDoesNotKnowYet(Vertx vertx) {
    int port = TestPeer.freePort();
    TestPeer leader =
        TestPeer.start(
            vertx,
            TestPeer.on(port, TestPeer.options(1))
                .withPeerUrls(List.of("http://127.0.0.1:" + port)));
    TestPeer behind = TestPeer.start(vertx, 2);
    TestPeer third = TestPeer.start(vertx, 3);
    behind.knows(third);
    leader.knows(behind);
    leader.send(append(1, 2, 1, 10));
    eventually("delivered", () -> behind.received().equals(List.of(append(1, 2, 1, 10))));

    behind.knows(third); // The log has not come to the leader yet.
    behind.send(heartbeat(2, 1, 1));

    eventually("answered", () -> leader.received().equals(List.of(heartbeat(2, 1, 1))));
  }

  @Test
  void doesNotDialItself(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);

    one.knows(two);
    one.awaitConnected(two);

    assertThat(one.allStats()).singleElement().returns(2L, PeerStats::member);
  }

  @Test
  void endsTheStreamToAMemberThatLeft(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    one.awaitConnected(two);

    one.knows();

    eventually("forgotten", () -> one.allStats().isEmpty());
    one.send(heartbeat(1, 2, 1));
    one.knows(two);
    one.awaitConnected(two);
    assertThat(two.received()).isEmpty();
  }

  @Test
  void stopsWithinSecondsWhileEverythingIsBusy(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    two.knows(one);
    one.awaitConnected(two);
    two.awaitConnected(one);
    for (int i = 1; i <= 200; i++) {
      one.send(append(1, 2, i, 64 * 1024));
      two.send(append(2, 1, i, 64 * 1024));
    }
    long start = System.nanoTime();

    one.stop();
    two.stop();

    assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(3));
  }

  @Test
  void stopsWithinSecondsWhenNobodyAnswersAnyMore(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    FaultyProxy proxy = FaultyProxy.start(vertx, two.port());
    one.knows(Map.of(2L, List.of(proxy.url())));
    one.awaitConnected(two);
    proxy.freeze();
    for (int i = 1; i <= 400; i++) {
      one.send(append(1, 2, i, 64 * 1024));
    }
    long start = System.nanoTime();

    one.stop();
    two.stop();

    assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(3));
    proxy.stop();
  }
}
