package io.balsa.jetcd;

import static io.balsa.jetcd.Answers.LIMIT;
import static io.balsa.jetcd.Answers.answer;
import static io.balsa.jetcd.Answers.bytes;
import static io.balsa.jetcd.Answers.describe;
import static io.balsa.jetcd.Answers.refusal;
import static io.balsa.jetcd.Answers.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.cluster.Await;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.lease.LeaseTimeToLiveResponse;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.support.CloseableClient;
import io.etcd.jetcd.support.Observers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Leases are granted, kept alive, looked at, revoked, and expire. */
final class LeasePart {
  private static final String NOT_FOUND = "NOT_FOUND etcdserver: requested lease not found";
  private static final LeaseOption WITH_KEYS = LeaseOption.builder().withAttachedKeys().build();

  private final KV kv;
  private final Lease lease;

  LeasePart(Client client) {
    this.kv = client.getKVClient();
    this.lease = client.getLeaseClient();
  }

  void run() {
    long expiring = grantedAndRevoked();
    keptAlive();
    Await.until(
        "a lease that nobody keeps expires",
        LIMIT,
        () -> answer(kv.get(bytes("lease/expiring"))).getCount() == 0);
    assertThat(answer(lease.timeToLive(expiring, LeaseOption.DEFAULT)).getTTL()).isEqualTo(-1);
  }

  private void attach(String key, long id) {
    answer(kv.put(bytes(key), bytes("1"), PutOption.builder().withLeaseId(id).build()));
  }

  /** Returns a lease of two seconds that nobody keeps. */
  private long grantedAndRevoked() {
    LeaseGrantResponse granted = answer(lease.grant(60));
    assertThat(granted.getID()).isNotZero();
    assertThat(granted.getTTL()).isEqualTo(60);
    attach("lease/b", granted.getID());
    attach("lease/a", granted.getID());

    LeaseTimeToLiveResponse plain = answer(lease.timeToLive(granted.getID(), LeaseOption.DEFAULT));
    assertThat(plain.getID()).isEqualTo(granted.getID());
    assertThat(plain.getGrantedTTL()).isEqualTo(60);
    assertThat(plain.getTTL()).isBetween(30L, 60L);
    assertThat(plain.getKeys()).isEmpty();
    LeaseTimeToLiveResponse full = answer(lease.timeToLive(granted.getID(), WITH_KEYS));
    assertThat(full.getKeys().stream().map(Answers::text))
        .containsExactlyInAnyOrder("lease/a", "lease/b");

    LeaseKeepAliveResponse once = answer(lease.keepAliveOnce(granted.getID()));
    assertThat(once.getID()).isEqualTo(granted.getID());
    assertThat(once.getTTL()).isEqualTo(60);

    long before = answer(kv.get(bytes("lease/a"))).getHeader().getRevision();
    assertThat(answer(lease.revoke(granted.getID())).getHeader().getRevision())
        .isEqualTo(before + 1);
    assertThat(answer(kv.get(bytes("lease/a"))).getCount()).isZero();
    assertThat(answer(kv.get(bytes("lease/b"))).getCount()).isZero();
    assertThat(refusal(lease.revoke(granted.getID()))).isEqualTo(NOT_FOUND);
    assertThat(refusal(lease.keepAliveOnce(granted.getID()))).isEqualTo(NOT_FOUND);
    assertThat(answer(lease.timeToLive(granted.getID(), WITH_KEYS)).getTTL()).isEqualTo(-1);

    long expiring = answer(lease.grant(2, 10, TimeUnit.SECONDS)).getID();
    attach("lease/expiring", expiring);
    assertThat(refusal(lease.grant(9_000_000_001L)))
        .isEqualTo("OUT_OF_RANGE etcdserver: too large lease TTL");
    return expiring;
  }

  private void keptAlive() {
    long id = answer(lease.grant(6)).getID();
    attach("lease/kept", id);
    List<Long> told = new CopyOnWriteArrayList<>();
    List<Throwable> errors = new CopyOnWriteArrayList<>();
    List<String> ends = new CopyOnWriteArrayList<>();
    CloseableClient keeping =
        lease.keepAlive(
            id,
            Observers.<LeaseKeepAliveResponse>builder()
                .onNext(response -> told.add(response.getTTL()))
                .onError(errors::add)
                .onCompleted(() -> ends.add("completed"))
                .build());
    List<LeaseKeepAliveResponse> other = new CopyOnWriteArrayList<>();
    CloseableClient alsoKeeping = lease.keepAlive(id, Observers.observer(other::add));
    Await.until(
        "kept alive twice", LIMIT, () -> told.size() >= 2 && !other.isEmpty() || !errors.isEmpty());
    assertThat(errors).isEmpty();
    assertThat(told).containsOnly(6L);
    assertThat(other.get(0).getID()).isEqualTo(id);
    assertThat(text(answer(kv.get(bytes("lease/kept"))).getKvs().get(0).getValue())).isEqualTo("1");
    alsoKeeping.close();

    answer(lease.revoke(id));
    Await.until("told that it is gone", LIMIT, () -> !errors.isEmpty());
    assertThat(describe(errors.get(0))).isEqualTo(NOT_FOUND);
    assertThat(ends).isEmpty();
    keeping.close();
  }
}
