package io.balsa.client.recipe;

import static io.balsa.client.recipe.TestMember.await;
import static io.balsa.client.recipe.TestMember.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.client.BalsaClient;
import io.balsa.client.DeleteOptions;
import io.balsa.client.Operation;
import io.balsa.client.PutOptions;
import io.balsa.client.RangeOptions;
import io.balsa.client.RefusedException;
import io.balsa.client.Txn;
import io.balsa.client.WatchOptions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandardClientTest {
  @TempDir private static Path directory;
  private static TestMember member;

  @BeforeAll
  static void start() throws Exception {
    member = new TestMember(directory);
  }

  @AfterAll
  static void stop() throws Exception {
    member.close();
  }

  private static Txn write(String key) {
    return new Txn().then(Operation.put(key, Buffer.buffer("1")));
  }

  @Test
  void readsWhatItWrote() throws Exception {
    BalsaClient client = member.client();
    for (BalsaClient each : List.of(client, await(client.exactlyOnce(10)))) {
      assertThat(await(each.put("a/1", Buffer.buffer("1"))).version()).isEqualTo(1);
      assertThat(await(each.txn(write("a/2"))).succeeded()).isTrue();
      assertThat(await(each.get("a/1")).text()).isEqualTo("1");
      assertThat(await(each.range(new RangeOptions().setPrefix(Buffer.buffer("a/")))).count())
          .isEqualTo(2);
      PutOptions absent = new PutOptions().setIfExists(false);
      assertThat(((RefusedException) failure(each.put("a/1", Buffer.buffer(), absent))).kind())
          .isEqualTo("precondition-failed");
      assertThat(await(each.delete("a/1")).deleted()).isEqualTo(1);
      assertThat(await(each.deletePrefix(Buffer.buffer("a/"))).deleted()).isEqualTo(1);
      assertThat(await(each.get("a/1"))).isNull();
    }
    await(client.close());
  }

  @Test
  void answersOnTheContextOfTheCaller() throws Exception {
    BalsaClient client = member.client();
    BalsaClient session = await(client.exactlyOnce(10));
    List<Supplier<Future<?>>> requests =
        List.of(
            () -> client.put("context", Buffer.buffer()),
            () -> session.put("context", Buffer.buffer()),
            () -> client.lease(10),
            () -> client.lease(10).compose(lease -> lease.revoke()),
            () -> client.lock("context").compose(lock -> lock.unlock()),
            () -> client.election("context").campaign(Buffer.buffer()),
            () -> client.election("context").leader(),
            () -> client.counter("context").increment(),
            () -> session.counter("context").compareAndSet(1, 2),
            () -> client.latch("context").await(),
            () -> client.watch(new WatchOptions()),
            () -> client.exactlyOnce(10),
            client::close,
            () -> client.get("closed").otherwiseEmpty());
    for (Supplier<Future<?>> request : requests) {
      Context context = member.vertx.getOrCreateContext();
      Promise<Context> answered = Promise.promise();
      context.runOnContext(
          none ->
              request
                  .get()
                  .onComplete(
                      answer -> {
                        if (answer.failed()) {
                          answered.fail(answer.cause());
                        } else {
                          answered.complete(Vertx.currentContext());
                        }
                      }));
      assertThat(await(answered.future())).isSameAs(context);
    }
  }

  @Test
  void refusesEverythingOnceItIsClosed() throws Exception {
    BalsaClient client = member.client();
    BalsaClient session = await(client.exactlyOnce(10));
    await(client.close());
    await(client.close());

    for (BalsaClient each : List.of(client, session)) {
      for (Future<?> refused :
          List.of(
              each.put("k", Buffer.buffer()),
              each.get("k"),
              each.delete("k", new DeleteOptions()),
              each.deletePrefix(Buffer.buffer("k")),
              each.range(new RangeOptions()),
              each.txn(write("k")),
              each.watch(new WatchOptions()),
              each.watch(new WatchOptions().setFrom(1)),
              each.lease(1),
              each.exactlyOnce(1),
              each.lock("k"),
              each.election("k").campaign(Buffer.buffer()),
              each.election("k").leader(),
              each.counter("k").get(),
              each.counter("k").increment(),
              each.latch("k").trySet(1),
              each.latch("k").await())) {
        assertThat(((RefusedException) failure(refused)).kind()).isEqualTo("client-closed");
      }
    }
  }

  @Test
  void doesNotWaitForAClusterThatDoesNotAnswerWhenItIsClosed() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient client = member.client(link);
    await(client.lock("silent"));
    await(client.exactlyOnce(1_000));
    await(client.exactlyOnce(1_000));
    BalsaClient session = await(client.exactlyOnce(1_000));
    link.allWrites(FaultyLink.Fault.NOT_SENT);

    await(session.close());
    await(client.close());

    assertThat(link.memory().leases()).hasSize(4); // They end with their time to live.
  }
}
