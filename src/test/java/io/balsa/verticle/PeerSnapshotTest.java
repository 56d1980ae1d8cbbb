package io.balsa.verticle;

import static io.balsa.verticle.TestPeer.eventually;
import static io.balsa.verticle.TestPeer.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.engine.RaftInput;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class PeerSnapshotTest {
  private static final int CHUNK = 256 * 1024;
  private static final RaftInput DELIVERED = new RaftInput.SnapshotSent(2, true);
  private static final RaftInput FAILED = new RaftInput.SnapshotSent(2, false);

  @Test
  void bringsTheContentWholeBeforeRaftHearsOfIt(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    byte[] content = content(9 * 1024 * 1024 + 17);
    Message install = install(one, 100, content);

    one.send(install);

    eventually("reported", () -> one.count(DELIVERED) == 1);
    assertThat(two.written(1)).isEqualTo(content);
    eventually("installed", () -> two.received().equals(List.of(install)));
    assertThat(one.raftInputs()).containsExactly(DELIVERED);
  }

  @Test
  void bringsASnapshotWithoutAnyContent(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    Message install = install(one, 100, new byte[0]);

    one.send(install);

    eventually("reported", () -> one.count(DELIVERED) == 1);
    eventually("installed", () -> two.received().equals(List.of(install)));
  }

  @Test
  void messagesPassASnapshotOnItsWay(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    one.awaitConnected(two);
    two.diskAnswers(false);

    one.send(install(one, 100, content(CHUNK)), heartbeat(1, 2, 1));

    eventually("delivered", () -> two.received().equals(List.of(heartbeat(1, 2, 1))));
  }

  @Test
  void readsNoFurtherAheadThanTheReceiverWrites(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    byte[] content = content(64 * 1024 * 1024);
    Message install = install(one, 100, content);
    two.holdWrites();

    one.send(install);

    eventually("the first part waits", () -> two.writesHeld() == 1);
    one.awaitNoMoreReads();
    // One part at the disk, a window of flow control and a few parts in the buffers of either end.
    assertThat(one.bytesRead()).isLessThan(24 * 1024 * 1024);
    assertThat(two.writesHeld()).isEqualTo(1);

    two.releaseWrites();
    eventually("reported", () -> one.count(DELIVERED) == 1);
    assertThat(two.written(1)).isEqualTo(content);
  }

  @Test
  void goesOnWhereACutTransferEnded(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    FaultyProxy proxy = FaultyProxy.start(vertx, two.port());
    one.knows(Map.of(2L, List.of(proxy.url())));
    byte[] content = content(8 * 1024 * 1024);
    Message install = install(one, 100, content);
    two.holdWritesFrom(5L * CHUNK);
    one.send(install);
    eventually("the sixth part waits", () -> two.writesHeld() == 1);

    proxy.cut();
    eventually("failure reported", () -> one.count(FAILED) == 1);
    one.send(install);
    two.releaseWrites();

    eventually("reported", () -> one.count(DELIVERED) == 1);
    assertThat(two.written(1)).isEqualTo(content);
    assertThat(two.offsetsWritten()).doesNotHaveDuplicates();
    eventually("installed", () -> two.received().equals(List.of(install)));
    proxy.stop();
  }

  @Test
  void startsOverForAnotherSnapshot(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    Message older = install(one, 100, content(4 * 1024 * 1024));
    byte[] content = content(2 * 1024 * 1024 + 1);
    Message newer = install(one, 200, content);
    two.holdWritesFrom(3L * CHUNK);
    one.send(older);
    eventually("the fourth part waits", () -> two.writesHeld() == 1);

    one.send(newer);
    two.releaseWrites();

    eventually("reported", () -> one.count(DELIVERED) == 1);
    assertThat(two.written(1)).isEqualTo(content);
    eventually("installed", () -> two.received().equals(List.of(newer)));
    assertThat(one.raftInputs()).containsExactly(DELIVERED);
  }

  @Test
  void reportsFailureWhenThereIsNoSuchSnapshot(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);

    one.send(new Message.InstallSnapshot(1, 2, 7, snapshot(100)));

    eventually("reported", () -> one.count(FAILED) == 1);
    assertThat(two.received()).isEmpty();
  }

  @Test
  void reportsFailureWhenTheReceiverCannotWriteAndStartsOverNextTime(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    byte[] content = content(2 * 1024 * 1024);
    Message install = install(one, 100, content);
    two.diskFails("no space left on device");
    one.send(install);
    eventually("reported", () -> one.count(FAILED) == 1);

    two.diskFails(null);
    one.send(install);

    eventually("reported", () -> one.count(DELIVERED) == 1);
    assertThat(two.written(1)).isEqualTo(content);
  }

  @Test
  void givesUpWhenNoPartGetsThrough(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, TestPeer.stallAfter(200, TestPeer.options(1)));
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    Message install = install(one, 100, content(CHUNK * 2));
    two.holdWrites();

    one.send(install);

    eventually("reported", () -> one.count(FAILED) == 1);
    assertThat(two.received()).isEmpty();
  }

  @Test
  void reportsFailureForAMemberThatIsNotThere(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    two.stop();

    one.send(install(one, 100, content(10)));
    eventually("reported", () -> one.count(FAILED) == 1);

    one.knows();
    one.send(install(one, 100, content(10)));
    eventually("reported without an address", () -> one.count(FAILED) == 2);
  }

  @Test
  void feedsTwoMembersAtOnce(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    TestPeer three = TestPeer.start(vertx, 3);
    one.knows(two, three);
    byte[] content = content(3 * 1024 * 1024);

    one.send(install(one, 100, content), new Message.InstallSnapshot(1, 3, 7, snapshot(100)));

    eventually(
        "reported",
        () -> one.count(DELIVERED) == 1 && one.count(new RaftInput.SnapshotSent(3, true)) == 1);
    assertThat(two.written(1)).isEqualTo(content);
    assertThat(three.written(1)).isEqualTo(content);
  }

  private static Message install(TestPeer from, long index, byte[] content) {
    from.snapshots.put(snapshot(index).last(), content);
    return new Message.InstallSnapshot(from.id, 2, 7, snapshot(index));
  }

  private static Snapshot snapshot(long index) {
    return new Snapshot(new EntryId(6, index), ConfState.ofVoters(List.of(1L, 2L, 3L)));
  }

  private static byte[] content(int length) {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    return content;
  }
}
