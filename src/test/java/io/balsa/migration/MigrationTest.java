package io.balsa.migration;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.balsa.api.etcd.proto.etcdserverpb.RequestOp;
import io.balsa.api.etcd.proto.etcdserverpb.TxnRequest;
import io.balsa.api.etcd.proto.mvccpb.KeyValue;
import io.balsa.migration.Reconciliation.Extra;
import io.balsa.migration.Reconciliation.Summary;
import io.balsa.parity.Twins;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real etcd moves into Balsa. */
class MigrationTest {
  private static final long SEED = Long.getLong("seed", System.nanoTime());
  private static final int KEYS = 500;
  private static final long LEASE = 0x77;

  private final Random random = new Random(SEED);
  private final List<String> told = new CopyOnWriteArrayList<>();
  private Twins twins;
  private EtcdStore from;
  private EtcdStore to;

  @BeforeEach
  void start() throws Exception {
    System.out.println("MigrationTest: -Dseed=" + SEED);
    twins = Twins.start("etcd");
    from = store("from", twins.etcdPort());
    to = store("to", twins.balsaPort());
  }

  @AfterEach
  void stop() throws Exception {
    if (twins != null) {
      from.close();
      to.close();
      twins.close();
    }
  }

  private EtcdStore store(String name, int port) {
    return new EtcdStore(
        twins.vertx(), new StoreOptions(name, List.of("http://127.0.0.1:" + port), "", "", null));
  }

  private Reconciliation reconciliation() {
    return new Reconciliation(from, to, ByteString.EMPTY, told::add);
  }

  private static ByteString key(int number) {
    return ByteString.copyFromUtf8("key%04d".formatted(number));
  }

  private static RequestOp put(ByteString key, byte[] value, long lease) {
    return Reconciliation.put(
        KeyValue.newBuilder()
            .setKey(key)
            .setValue(ByteString.copyFrom(value))
            .setLease(lease)
            .build());
  }

  private static RequestOp nested(RequestOp operation) {
    return RequestOp.newBuilder()
        .setRequestTxn(TxnRequest.newBuilder().addSuccess(operation))
        .build();
  }

  private byte[] value(int bytes) {
    byte[] value = new byte[bytes];
    random.nextBytes(value);
    return value;
  }

  private void fill() throws MigrationException {
    for (int first = 0; first < KEYS; first += 50) {
      List<RequestOp> puts = new ArrayList<>();
      for (int i = first; i < first + 50; i++) {
        puts.add(put(key(i), value(random.nextInt(3_000)), 0));
      }
      from.apply(puts);
    }
    from.apply(List.of(put(ByteString.copyFromUtf8("large"), value(1_000_000), 0)));
    from.apply(
        List.of(put(ByteString.copyFrom(new byte[] {0, (byte) 0xff}), "bytes".getBytes(), 0)));
    from.grant(LEASE, 600);
    from.apply(List.of(put(ByteString.copyFromUtf8("leased"), value(10), LEASE)));
  }

  @Test
  void bringsOverKeysAndLeases() throws Exception {
    fill();

    Summary first = reconciliation().run(Extra.KEEP);

    assertThat(first.missing()).isEqualTo(KEYS + 3);
    assertThat(first.keys()).isEqualTo(KEYS + 3);
    Summary compared = reconciliation().compare(first.revision(), first.otherRevision());
    assertThat(compared.isEqual()).isTrue();
    assertThat(compared.otherSha256()).isEqualTo(compared.sha256());
    assertThat(to.timeToLive(LEASE).getGrantedTTL()).isEqualTo(600);
  }

  @Test
  void aSecondRunWritesOnlyWhatDiffers() throws Exception {
    fill();
    Summary first = reconciliation().run(Extra.KEEP);

    Summary again = reconciliation().run(Extra.KEEP);
    assertThat(again.isEqual()).isTrue();
    assertThat(again.otherRevision()).as("nothing was written").isEqualTo(first.otherRevision());

    from.apply(List.of(put(key(3), "other".getBytes(), 0), Reconciliation.delete(key(7))));
    Summary compared = reconciliation().compare(0, 0);
    assertThat(compared.different()).isEqualTo(1);
    assertThat(compared.extra()).isEqualTo(1);
    assertThat(told).contains("different key=key0003", "extra key=key0007");

    assertThat(reconciliation().run(Extra.KEEP).extra()).isEqualTo(1);
    assertThat(reconciliation().run(Extra.DELETE).extra()).isEqualTo(1);
    assertThat(reconciliation().compare(0, 0).isEqual()).isTrue();
  }

  @Test
  void followsWhatChanges() throws Exception {
    fill();
    AtomicBoolean stop = new AtomicBoolean();
    CompletableFuture<Long> following =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return Follower.run(from, to, ByteString.EMPTY, Extra.DELETE, told::add, stop::get);
              } catch (MigrationException e) {
                throw new IllegalStateException(e);
              }
            });
    EtcdStore writer = store("from", twins.etcdPort());
    long last = 0;
    for (int i = 0; i < 200; i++) {
      List<RequestOp> changes = new ArrayList<>();
      int start = random.nextInt(KEYS - 4);
      for (int key = start; key < start + 3; key++) {
        changes.add(
            random.nextInt(3) == 0
                ? Reconciliation.delete(key(key))
                : put(key(key), value(100), random.nextInt(4) == 0 ? LEASE : 0));
      }
      if (i % 4 == 0) { // Etcd lets a transaction write a key twice in this way.
        changes.add(nested(put(key(start + 3), value(100), 0)));
        changes.add(nested(Reconciliation.delete(key(start + 3))));
      }
      last = writer.apply(changes);
    }
    writer.close();

    EtcdStore reader = store("from", twins.etcdPort());
    EtcdStore other = store("to", twins.balsaPort());
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    Summary compared;
    do {
      compared = new Reconciliation(reader, other, ByteString.EMPTY, line -> {}).compare(last, 0);
    } while (!compared.isEqual() && System.nanoTime() < deadline);
    stop.set(true);

    assertThat(compared.isEqual()).isTrue();
    assertThat(following.get(30, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(last);
    reader.close();
    other.close();
  }
}
