package io.balsa.client.recipe;

import static io.balsa.client.recipe.FaultyLink.Fault.NOT_SENT;
import static io.balsa.client.recipe.FaultyLink.Fault.NO_ANSWER;
import static io.balsa.client.recipe.TestMember.await;
import static io.balsa.client.recipe.TestMember.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.client.BalsaClient;
import io.balsa.client.Counter;
import io.balsa.client.OutcomeUnknownException;
import io.balsa.client.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CounterTest {
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

  private static String kind(Future<?> future) throws Exception {
    return ((RefusedException) failure(future)).kind();
  }

  @Test
  void sumsUpWhatTwentyClientsAddAtOnce() throws Exception {
    List<BalsaClient> clients = new ArrayList<>();
    List<Future<Long>> sums = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      BalsaClient each = member.client();
      clients.add(each);
      for (int j = 0; j < 50; j++) {
        sums.add(each.counter("twenty").increment());
      }
    }

    await(Future.all(sums));

    // Each was given the value after its own.
    assertThat(sums.stream().map(Future::result).sorted().toList())
        .isEqualTo(LongStream.rangeClosed(1, 1_000).boxed().toList());
    assertThat(await(client.counter("twenty").get())).isEqualTo(1_000);
    for (BalsaClient each : clients) {
      await(each.close());
    }
  }

  @Test
  void addsInFewWritesWhatOneClientAddsAtOnce() throws Exception {
    Counter counter = client.counter("few");
    List<Future<Long>> sums = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      sums.add(counter.add(i % 2 == 0 ? 3 : -1));
    }

    await(Future.all(sums));

    assertThat(sums.get(0).result()).isEqualTo(3);
    assertThat(sums.get(1).result()).isEqualTo(2);
    assertThat(sums.get(999).result()).isEqualTo(1_000);
    assertThat(await(client.get("balsa/counter/few")).text()).isEqualTo("1000");
    assertThat(await(client.get("balsa/counter/few")).version()).isLessThan(500);
  }

  @Test
  void refusesOnlyTheAdditionThatDoesNotFit() throws Exception {
    Counter counter = client.counter("overflow");
    await(counter.add(Long.MAX_VALUE - 5));
    List<Future<Long>> sums =
        List.of(counter.add(1), counter.add(9), counter.add(4), counter.add(1), counter.add(-2));
    await(Future.join(sums).otherwiseEmpty());

    assertThat(sums.get(0).result()).isEqualTo(Long.MAX_VALUE - 4);
    assertThat(kind(sums.get(1))).isEqualTo("counter-overflow");
    assertThat(sums.get(2).result()).isEqualTo(Long.MAX_VALUE);
    assertThat(kind(sums.get(3))).isEqualTo("counter-overflow");
    assertThat(sums.get(4).result()).isEqualTo(Long.MAX_VALUE - 2);
    assertThat(kind(counter.add(3))).isEqualTo("counter-overflow");
    assertThat(await(counter.get())).isEqualTo(Long.MAX_VALUE - 2);
    assertThat(await(counter.add(Long.MIN_VALUE))).isEqualTo(-3);
    assertThat(kind(counter.add(Long.MIN_VALUE))).isEqualTo("counter-overflow");
  }

  @Test
  void refusesAKeyThatHasSomethingElse() throws Exception {
    for (String text : List.of("", "twelve", "1.5", "+1", "9223372036854775808", " 1")) {
      await(client.put("balsa/counter/else", Buffer.buffer(text)));
      Counter counter = client.counter("else");
      for (Future<?> request :
          List.of(counter.get(), counter.increment(), counter.compareAndSet(0, 1))) {
        assertThat(kind(request)).isEqualTo("not-a-number");
        assertThat(failure(request)).hasMessageContaining("balsa/counter/else");
      }
      assertThat(await(client.get("balsa/counter/else")).text()).isEqualTo(text);
    }
    await(client.delete("balsa/counter/else"));
    assertThat(await(client.counter("else").increment())).isEqualTo(1);
  }

  @Test
  void isSetOnlyFromTheExpectedValue() throws Exception {
    Counter counter = client.counter("cas");

    assertThat(await(counter.compareAndSet(1, 5))).isFalse();
    assertThat(await(counter.get())).isZero();
    assertThat(await(counter.compareAndSet(0, 5))).isTrue();
    assertThat(await(counter.compareAndSet(0, 6))).isFalse();
    assertThat(await(counter.get())).isEqualTo(5);

    List<Future<Boolean>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(counter.compareAndSet(5, 10 + i));
    }
    await(Future.all(all));
    assertThat(all.stream().filter(Future::result).count()).isEqualTo(1);
  }

  @Test
  void withoutASessionALostAnswerIsUnknownToAllOfItsWrite() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient lossy = member.client(link);
    Counter counter = lossy.counter("unknown");
    await(counter.increment());
    link.allWrites(NO_ANSWER);
    List<Future<Long>> sums = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      sums.add(counter.increment());
    }

    for (Future<Long> sum : sums) {
      assertThat(failure(sum)).isInstanceOf(OutcomeUnknownException.class);
    }
    link.allWrites(FaultyLink.Fault.NONE);

    assertThat(await(counter.increment())).isEqualTo(12);
    await(lossy.close());
  }

  @Test
  void withASessionALostAnswerIsFound() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient lossy = member.client(link);
    Counter counter = await(lossy.exactlyOnce(10)).counter("found");
    link.nextWrites(NO_ANSWER, NOT_SENT, NO_ANSWER, NO_ANSWER);
    List<Future<Long>> sums = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      sums.add(counter.increment());
    }

    await(Future.all(sums));

    assertThat(sums.stream().map(Future::result).toList())
        .isEqualTo(LongStream.rangeClosed(1, 10).boxed().toList());
    await(lossy.close());
  }

  @Test
  void letsABoundedNumberWait() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient slow = member.client(link);
    Counter counter = slow.counter("bound");
    link.holdAnswers();
    List<Future<Long>> sums = new ArrayList<>();
    sums.add(counter.increment());
    for (int i = 0; i < Additions.WAITING_MAX; i++) {
      sums.add(counter.increment());
    }

    assertThat(kind(counter.increment())).isEqualTo("too-many-requests");

    link.releaseAnswers();
    await(Future.all(sums));
    assertThat(await(counter.get())).isEqualTo(Additions.WAITING_MAX + 1);
    await(slow.close());
  }

  @Test
  void refusesNamesThatBreakTheRule() {
    assertThatThrownBy(() -> client.counter(""))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("counter name: found ''");
  }
}
