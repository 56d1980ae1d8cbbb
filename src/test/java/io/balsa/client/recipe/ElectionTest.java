package io.balsa.client.recipe;

import static io.balsa.client.recipe.TestMember.await;
import static io.balsa.client.recipe.TestMember.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.client.BalsaClient;
import io.balsa.client.Election;
import io.balsa.client.KeyValue;
import io.balsa.client.Leadership;
import io.balsa.client.LockOptions;
import io.balsa.client.Operation;
import io.balsa.client.RangeOptions;
import io.balsa.client.RefusedException;
import io.balsa.client.Txn;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElectionTest {
  @TempDir private static Path directory;
  private static TestMember member;
  private static BalsaClient client;

  @BeforeAll
  static void start() throws Exception {
    member = new TestMember(directory);
    client = member.client();
  }

  @AfterAll
  static void stop() throws Exception {
    member.close();
  }

  private static Leadership elect(Election election, String value) throws Exception {
    return await(election.campaign(Buffer.buffer(value)));
  }

  private static BlockingQueue<String> values(ReadStream<KeyValue> holders) {
    BlockingQueue<String> values = new LinkedBlockingQueue<>();
    holders.handler(item -> values.add(item.text()));
    return values;
  }

  private static String next(BlockingQueue<String> values) throws InterruptedException {
    return values.poll(30, TimeUnit.SECONDS);
  }

  @Test
  void electsOneAfterTheOther() throws Exception {
    Election election = client.election("one");
    assertThat(await(election.leader())).isNull();
    Leadership first = elect(election, "a");
    Future<Leadership> second = election.campaign(Buffer.buffer("b"));

    assertThat(await(election.leader()).text()).isEqualTo("a");
    assertThat(await(election.leader()).createRevision()).isEqualTo(first.fencingToken());
    assertThat(second.isComplete()).isFalse();

    await(first.resign());
    await(first.ended());
    await(second);
    assertThat(await(election.leader()).text()).isEqualTo("b");
    assertThat(await(election.leader()).keyText()).isEqualTo(second.result().key());
    assertThat(second.result().fencingToken()).isGreaterThan(first.fencingToken());
    await(second.result().resign());
    assertThat(await(election.leader())).isNull();
  }

  @Test
  void proclaimsOnlyWhileTheOfficeIsHeld() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient candidate = member.client(link);
    Election election = candidate.election("proclaim");
    Leadership office = elect(election, "a");

    await(office.proclaim(Buffer.buffer("a2")));

    assertThat(await(election.leader()).text()).isEqualTo("a2");
    Txn fenced = new Txn().when(office.held()).then(Operation.put("done", Buffer.buffer()));
    assertThat(await(client.txn(fenced)).succeeded()).isTrue();

    await(link.expire(link.memory().leases().iterator().next()));

    assertThat(((RefusedException) failure(office.proclaim(Buffer.buffer("a3")))).kind())
        .isEqualTo("precondition-failed");
    assertThat(await(client.txn(fenced)).succeeded()).isFalse();
    assertThat(await(election.leader())).isNull();
    await(candidate.close());
  }

  @Test
  void showsEachHolderAndEachValue() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient observer = member.client(link);
    Election election = client.election("observe");
    BlockingQueue<String> values = values(observer.election("observe").observe());

    Leadership first = elect(election, "a");
    assertThat(next(values)).isEqualTo("a");
    await(first.proclaim(Buffer.buffer("a2")));
    assertThat(next(values)).isEqualTo("a2");
    Future<Leadership> second = election.campaign(Buffer.buffer("b"));
    link.endWatches(false);
    await(first.resign());
    assertThat(next(values)).isEqualTo("b");
    await(await(second).resign());
    Leadership third = elect(election, "c");
    assertThat(next(values)).isEqualTo("c");
    await(third.proclaim(Buffer.buffer("c2")));
    assertThat(next(values)).isEqualTo("c2");
    assertThat(values).isEmpty();

    await(third.resign());
    await(observer.close());
  }

  @Test
  void missesNoHolderThoughTheyChangeQuickly() throws Exception {
    Election election = client.election("quick");
    Leadership office = elect(election, "0");
    BlockingQueue<String> values = values(client.election("quick").observe());
    assertThat(next(values)).isEqualTo("0");
    for (int i = 1; i <= 50; i++) {
      Future<Leadership> successor = election.campaign(Buffer.buffer(Integer.toString(i)));
      while (await(client.range(candidates("quick"))).count() != 2) {
        await(member.vertx.timer(1));
      }
      await(office.resign());
      office = await(successor);
    }

    for (int i = 1; i <= 50; i++) {
      assertThat(next(values)).isEqualTo(Integer.toString(i));
    }
    await(office.resign());
  }

  private static RangeOptions candidates(String name) {
    return new RangeOptions().setPrefix(Buffer.buffer("balsa/election/" + name + "/"));
  }

  @Test
  void aSlowObserverGetsTheNewest() throws Exception {
    Election election = client.election("slow");
    Leadership office = elect(election, "0");
    BlockingQueue<String> all = values(client.election("slow").observe());
    ReadStream<KeyValue> slow = client.election("slow").observe().pause();
    BlockingQueue<String> some = values(slow);
    slow.fetch(1);
    assertThat(next(some)).isEqualTo("0");
    assertThat(next(all)).isEqualTo("0");
    ReadStream<KeyValue> later = client.election("slow").observe().pause();
    BlockingQueue<String> one = values(later);

    for (int i = 1; i <= 20; i++) {
      await(office.proclaim(Buffer.buffer(Integer.toString(i))));
      assertThat(next(all)).isEqualTo(Integer.toString(i));
    }
    slow.fetch(1);
    String found = next(some);
    while (!found.equals("20")) { // It may not have heard of the last yet.
      slow.fetch(1);
      found = next(some);
    }
    later.resume();

    while (!next(one).equals("20")) {
      assertThat(one.size()).isLessThan(3);
    }
    assertThat(some).isEmpty();
    slow.handler(null);
    await(office.resign());
  }

  @Test
  void observersEndWithTheClientAndWithTheirHandler() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient observer = member.client(link);
    Leadership office = elect(client.election("end"), "a");
    ReadStream<KeyValue> one = observer.election("end").observe();
    BlockingQueue<String> values = values(one);
    Promise<Void> ended = Promise.promise();
    ReadStream<KeyValue> other =
        observer.election("end").observe().endHandler(none -> ended.complete());
    BlockingQueue<String> others = values(other);
    assertThat(next(values)).isEqualTo("a");
    assertThat(next(others)).isEqualTo("a");
    while (link.openWatches() != 2) {
      await(member.vertx.timer(1));
    }

    one.handler(null);
    while (link.openWatches() != 1) {
      await(member.vertx.timer(1));
    }
    await(office.proclaim(Buffer.buffer("a2")));
    assertThat(next(others)).isEqualTo("a2");
    assertThat(values).isEmpty();

    await(observer.close());
    await(ended.future());
    assertThat(link.openWatches()).isZero();
    await(office.resign());
  }

  @Test
  void aCandidateGivesUpInTime() throws Exception {
    Election election = client.election("wait");
    Leadership office = elect(election, "a");

    Throwable failure =
        failure(election.campaign(Buffer.buffer("b"), new LockOptions().setWaitMillis(50)));

    assertThat(((RefusedException) failure).kind()).isEqualTo("lock-timeout");
    await(office.resign());
    assertThat(await(election.leader())).isNull();
  }

  @Test
  void refusesNamesThatBreakTheRule() {
    assertThatThrownBy(() -> client.election("a/b"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("election name: found 'a/b'");
  }
}
