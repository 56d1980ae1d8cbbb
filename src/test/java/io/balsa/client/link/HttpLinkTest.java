package io.balsa.client.link;

import static io.balsa.client.link.TestMembers.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.client.BalsaClientOptions;
import io.balsa.client.BalsaException;
import io.balsa.client.Condition;
import io.balsa.client.Consistency;
import io.balsa.client.DeleteOptions;
import io.balsa.client.DeleteResult;
import io.balsa.client.GetOptions;
import io.balsa.client.KeyValue;
import io.balsa.client.LeaseInfo;
import io.balsa.client.Operation;
import io.balsa.client.PutOptions;
import io.balsa.client.PutResult;
import io.balsa.client.RangeOptions;
import io.balsa.client.RangeResult;
import io.balsa.client.RefusedException;
import io.balsa.client.Txn;
import io.balsa.client.TxnResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a member: each request does what it says, and each answer comes back whole. */
class HttpLinkTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final Buffer VALUE = Buffer.buffer("v");

  @TempDir static Path dir;
  private static TestMembers members;
  private static HttpLink link;

  @BeforeAll
  static void start() {
    members = TestMembers.start(VERTX, dir, 1);
    link = new HttpLink(VERTX, options());
  }

  @AfterAll
  static void stop() {
    await(link.close());
    members.close();
    await(VERTX.close());
  }

  @Test
  void writesReadsAndDeletesAKey() {
    PutResult first = put("life", "1", new PutOptions());
    PutResult second = put("life", "2", new PutOptions());
    KeyValue item = get("life", new GetOptions());

    assertThat(first.version()).isEqualTo(1);
    assertThat(second).isEqualTo(new PutResult(first.revision() + 1, 2));
    assertThat(item)
        .isEqualTo(
            new KeyValue(
                Buffer.buffer("life"),
                Buffer.buffer("2"),
                first.revision(),
                second.revision(),
                2,
                null));
    assertThat(get("life", new GetOptions().setRevision(first.revision())).text()).isEqualTo("1");
    assertThat(get("life", new GetOptions().setConsistency(Consistency.SERIALIZABLE)))
        .isEqualTo(item);
    assertThat(delete("life", new DeleteOptions()))
        .isEqualTo(new DeleteResult(second.revision() + 1, 1));
    assertThat(get("life", new GetOptions())).isNull();
    assertThat(delete("life", new DeleteOptions()).deleted()).isZero();
  }

  @Test
  void keepsEveryByteOfKeysAndValues() {
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    List<Buffer> keys =
        new ArrayList<>(
            List.of(
                Buffer.buffer(all),
                Buffer.buffer(".."),
                Buffer.buffer("../a/./b//c/"),
                Buffer.buffer("a+b c%2Fd?e#f")));
    for (int i = 0; i < all.length; i++) {
      keys.add(Buffer.buffer(new byte[] {(byte) i}));
    }
    List<Future<PutResult>> puts = new ArrayList<>();
    for (Buffer key : keys) {
      Buffer value = Buffer.buffer(all).appendBuffer(key);
      puts.add(link.put(key, value, new PutOptions(), null));
    }
    puts.forEach(TestMembers::await);

    for (int i = 0; i < keys.size(); i++) {
      Buffer key = keys.get(i);
      KeyValue item = await(link.get(key, new GetOptions()));
      assertThat(item.value()).isEqualTo(Buffer.buffer(all).appendBuffer(key));
      assertThat(item.modRevision()).isEqualTo(await(puts.get(i)).revision());
      RangeResult range = await(link.range(new RangeOptions().setPrefix(key).setLimit(1)));
      assertThat(range.items().get(0).key()).isEqualTo(key);
    }
    for (Buffer key : keys) {
      assertThat(await(link.delete(key, new DeleteOptions(), null)).deleted()).isEqualTo(1);
    }
  }

  @Test
  void takesAnEmptyValue() {
    await(link.put(Buffer.buffer("empty"), Buffer.buffer(), new PutOptions(), null));

    assertThat(get("empty", new GetOptions()).value()).isEqualTo(Buffer.buffer());
  }

  @Test
  void takesTheLongestKeyAndValue() {
    Buffer key = Buffer.buffer("\0".repeat(4_096));
    Buffer value = Buffer.buffer(new byte[1_572_864]);
    await(link.put(key, value, new PutOptions(), null));

    assertThat(await(link.get(key, new GetOptions())).value()).isEqualTo(value);
    assertRefused(
        link.put(key, Buffer.buffer(new byte[1_572_865]), new PutOptions(), null),
        413,
        "too-large");
    assertRefused(link.get(Buffer.buffer("a".repeat(4_097)), new GetOptions()), 400, "invalid");
    assertRefused(link.get(Buffer.buffer(), new GetOptions()), 400, "invalid");
  }

  @Test
  void writesOnlyUnderItsConditions() {
    PutOptions onlyNew = new PutOptions().setIfExists(false);
    assertRefused(putting("cond", new PutOptions().setIfExists(true)), 412, "precondition-failed");
    long revision = await(putting("cond", onlyNew)).revision();
    assertRefused(putting("cond", onlyNew), 412, "precondition-failed");
    assertThat(await(putting("cond", new PutOptions().setIfExists(true))).version()).isEqualTo(2);
    assertRefused(
        putting("cond", new PutOptions().setIfModRevision(revision)), 412, "precondition-failed");
    assertThat(await(putting("cond", new PutOptions().setIfModRevision(revision + 1))).version())
        .isEqualTo(3);
    assertRefused(
        putting("cond", new PutOptions().setIfModRevision(0L)), 412, "precondition-failed");
    assertThat(await(putting("cond0", new PutOptions().setIfModRevision(0L))).version())
        .isEqualTo(1);

    assertRefused(deleting("cond", revision), 412, "precondition-failed");
    assertThat(await(deleting("cond", revision + 2)).deleted()).isEqualTo(1);
  }

  @Test
  void readsARangePageByPageAtOneRevision() {
    for (int i = 0; i < 5; i++) {
      put("page/" + i, "v" + i, new PutOptions());
    }
    RangeOptions options = new RangeOptions().setPrefix(Buffer.buffer("page/")).setLimit(2);
    RangeResult first = await(link.range(options));
    put("page/9", "late", new PutOptions());
    RangeResult second = await(link.range(options.setAfter(first.next()).setKeysOnly(true)));
    RangeResult third = await(link.range(options.setAfter(second.next())));

    assertThat(first.count()).isEqualTo(5);
    assertThat(first.items()).extracting(KeyValue::text).containsExactly("v0", "v1");
    assertThat(second.items()).extracting(KeyValue::keyText).containsExactly("page/2", "page/3");
    assertThat(second.items()).extracting(KeyValue::text).containsExactly("", "");
    assertThat(third.items()).extracting(KeyValue::keyText).containsExactly("page/4");
    assertThat(third.next()).isNull();
    assertThat(third.revision()).isEqualTo(first.revision());
    assertThat(
            await(
                    link.range(
                        new RangeOptions()
                            .setPrefix(Buffer.buffer("page/"))
                            .setRevision(first.revision())
                            .setConsistency(Consistency.SERIALIZABLE)))
                .items())
        .hasSize(5);
  }

  @Test
  void deletesAPrefixButNotEverything() {
    put("gone/1", "v", new PutOptions());
    put("gone/2", "v", new PutOptions());

    assertThat(await(link.deletePrefix(Buffer.buffer("gone/"), null)).deleted()).isEqualTo(2);
    assertRefused(link.deletePrefix(Buffer.buffer(), null), 400, "invalid");
  }

  @Test
  void doesATransaction() {
    put("txn/a", "1", new PutOptions());
    Txn txn =
        new Txn()
            .when(Condition.valueIs("txn/a", Buffer.buffer("1")))
            .when(Condition.missing("txn/b"))
            .then(Operation.put("txn/b", Buffer.buffer(new byte[] {(byte) 0xff})))
            .then(Operation.getPrefix("txn/", 10))
            .then(Operation.nested(new Txn().then(Operation.delete("txn/a"))))
            .otherwise(Operation.get("txn/a"));
    TxnResult done = await(link.txn(txn, null));
    TxnResult otherwise = await(link.txn(txn, null));

    assertThat(done.succeeded()).isTrue();
    assertThat(done.results().get(0).revision()).isEqualTo(done.revision());
    assertThat(done.results().get(1).items()).hasSize(2);
    assertThat(done.results().get(1).items().get(1).value())
        .isEqualTo(Buffer.buffer(new byte[] {(byte) 0xff}));
    assertThat(done.results().get(2).results().get(0).deleted()).isEqualTo(1);
    assertThat(otherwise.succeeded()).isFalse();
    assertThat(otherwise.revision()).isEqualTo(done.revision());
    assertThat(otherwise.results().get(0).count()).isZero();
    assertRefused(link.txn(new Txn(), null), 400, "invalid");
  }

  @Test
  void grantsRenewsAndRevokesALease() {
    LeaseInfo lease = await(link.grantLease(60));
    put("leased", "v", new PutOptions().setLeaseId(lease.id()));

    assertThat(lease.id()).matches("[1-9a-f][0-9a-f]*");
    assertThat(lease.ttlSeconds()).isEqualTo(60);
    assertThat(get("leased", new GetOptions()).leaseId()).isEqualTo(lease.id());
    assertThat(await(link.keepAlive(lease.id())).ttlSeconds()).isEqualTo(60);
    await(link.revokeLease(lease.id()));
    assertThat(get("leased", new GetOptions())).isNull();
    assertRefused(link.keepAlive(lease.id()), 404, "lease-not-found");
    assertRefused(link.revokeLease(lease.id()), 404, "lease-not-found");
    assertRefused(putting("leased", new PutOptions().setLeaseId("1234")), 404, "lease-not-found");
    assertRefused(link.keepAlive("no/id?"), 400, "invalid");
    assertRefused(link.grantLease(0), 400, "invalid");
  }

  @Test
  void tellsWhatIsRefusedAndWhy() {
    assertThatRefused(link.get(Buffer.buffer("a"), new GetOptions().setRevision(1L << 50)))
        .hasMessageContaining("revision");
    assertRefused(
        link.get(Buffer.buffer("a"), new GetOptions().setRevision(1L << 50)),
        400,
        "future-revision");
    assertRefused(link.range(new RangeOptions().setLimit(1_001)), 400, "invalid");
  }

  @Test
  void answersOnTheContextOfTheCaller() {
    Context caller = VERTX.getOrCreateContext();
    Promise<Context> answered = Promise.promise();
    caller.runOnContext(
        none ->
            link.get(Buffer.buffer("where"), new GetOptions())
                .onComplete(done -> answered.complete(Vertx.currentContext())));

    assertThat(await(answered.future())).isSameAs(caller);
  }

  @Test
  void takesMoreRequestsThanItLetsFlyAtOnce() {
    HttpLimits few = new HttpLimits(2, 10, 1, 1, 1_000);
    HttpLink narrow = new HttpLink(VERTX, options(), few);
    List<Future<PutResult>> puts = new ArrayList<>();
    for (int i = 0; i < 13; i++) {
      puts.add(narrow.put(Buffer.buffer("many"), VALUE, new PutOptions(), null));
    }

    assertRefused(puts.get(12), 429, "too-many-requests");
    puts.subList(0, 12).forEach(TestMembers::await);
    await(narrow.put(Buffer.buffer("many"), VALUE, new PutOptions(), null));
    await(narrow.close());
  }

  private static BalsaClientOptions options() {
    return new BalsaClientOptions()
        .setEndpoints(members.endpoints())
        .setRequestTimeoutMillis(20_000);
  }

  private static Future<PutResult> putting(String key, PutOptions options) {
    return link.put(Buffer.buffer(key), VALUE, options, null);
  }

  private static Future<DeleteResult> deleting(String key, long revision) {
    return link.delete(Buffer.buffer(key), new DeleteOptions().setIfModRevision(revision), null);
  }

  private static PutResult put(String key, String value, PutOptions options) {
    return await(link.put(Buffer.buffer(key), Buffer.buffer(value), options, null));
  }

  private static KeyValue get(String key, GetOptions options) {
    return await(link.get(Buffer.buffer(key), options));
  }

  private static DeleteResult delete(String key, DeleteOptions options) {
    return await(link.delete(Buffer.buffer(key), options, null));
  }

  private static void assertRefused(Future<?> future, int status, String kind) {
    BalsaException failure = TestServer.failure(future);
    assertThat(failure).isInstanceOf(RefusedException.class);
    assertThat(failure.status()).isEqualTo(status);
    assertThat(failure.kind()).isEqualTo(kind);
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ?> assertThatRefused(
      Future<?> future) {
    return assertThat(TestServer.failure(future)).isInstanceOf(RefusedException.class);
  }
}
