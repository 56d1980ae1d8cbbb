package io.balsa.client.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.client.DeleteOptions;
import io.balsa.client.GetOptions;
import io.balsa.client.LeaseInfo;
import io.balsa.client.Operation;
import io.balsa.client.PutOptions;
import io.balsa.client.PutResult;
import io.balsa.client.RefusedException;
import io.balsa.client.Txn;
import io.balsa.verticle.Member;
import io.balsa.verticle.MemberConfig;
import io.balsa.verticle.TestConfigs;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only the way inside one Vert.x does; what all have in common stands with their clients. */
class LocalLinkTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final Buffer VALUE = Buffer.buffer("v");
  @TempDir private static Path directory;
  private static Member member;
  private static Link link;

  @BeforeAll
  static void start() throws Exception {
    member = await(Member.start(VERTX, TestConfigs.solo(directory, MemberConfig.EventBus.OFF)));
    link = await(LocalLink.open(VERTX, member.addresses(), 7_000, TestConfigs.REQUEST_BYTES_MAX));
  }

  @AfterAll
  static void stop() throws Exception {
    await(link.close());
    await(member.stop());
    await(VERTX.close());
  }

  @Test
  void aNamedWriteIsDoneOnceAndAnsweredAsTheFirstTime() throws Exception {
    LeaseInfo session = await(link.grantLease(60));
    OnceKey once = new OnceKey(session.id(), 1);
    Buffer key = Buffer.buffer("once");
    PutResult first = await(link.put(key, VALUE, new PutOptions().setIfExists(false), once));
    await(link.put(key, VALUE, new PutOptions(), null));

    assertThat(await(link.put(key, VALUE, new PutOptions().setIfExists(false), once)))
        .isEqualTo(first);
    assertThat(await(link.get(key, new GetOptions())).version()).isEqualTo(2);
  }

  @Test
  void aNameThatWasThatOfAnotherKindOfWriteIsRefused() throws Exception {
    LeaseInfo session = await(link.grantLease(60));
    OnceKey once = new OnceKey(session.id(), 1);
    Buffer key = Buffer.buffer("reused");
    await(link.put(key, VALUE, new PutOptions(), once));

    assertRefused(link.delete(key, new DeleteOptions(), once), 422, "idempotency-key-reused");
    assertRefused(
        link.txn(new Txn().then(Operation.delete("reused")), once), 422, "idempotency-key-reused");
    assertThat(await(link.get(key, new GetOptions()))).isNotNull();
  }

  @Test
  void whatBreaksARuleIsRefusedBeforeTheEngineSeesIt() {
    assertRefused(link.get(Buffer.buffer(), new GetOptions()), 400, "invalid");
    assertRefused(link.deletePrefix(Buffer.buffer(), null), 400, "invalid");
    assertRefused(
        link.put(
            Buffer.buffer("k"),
            Buffer.buffer(new byte[TestConfigs.REQUEST_BYTES_MAX + 1]),
            new PutOptions(),
            null),
        413,
        "too-large");
    assertRefused(link.txn(new Txn(), null), 400, "invalid");
    assertRefused(link.keepAlive("XYZ"), 400, "invalid");
    // The engine takes this one, as etcd does.
    Txn put = new Txn().then(Operation.put("twice", VALUE));
    Txn delete = new Txn().then(Operation.delete("twice"));
    assertRefused(
        link.txn(new Txn().then(Operation.nested(put)).then(Operation.nested(delete)), null),
        400,
        "duplicate-key");
  }

  private static void assertRefused(Future<?> future, int status, String kind) {
    assertThatThrownBy(() -> await(future))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(status);
              assertThat(refused.kind()).isEqualTo(kind);
            });
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
