package io.balsa.jetcd;

import static io.balsa.jetcd.Answers.answer;
import static io.balsa.jetcd.Answers.bytes;
import static io.balsa.jetcd.Answers.refusal;
import static io.balsa.jetcd.Answers.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.cluster.Await;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.lock.LockResponse;
import io.etcd.jetcd.options.GetOption;
import java.util.concurrent.CompletableFuture;

/** A lock goes from hand to hand. */
final class LockPart {
  private static final ByteSequence NAME = bytes("lock/l");

  private final KV kv;
  private final Lease lease;
  private final Lock lock;

  LockPart(Client client) {
    this.kv = client.getKVClient();
    this.lease = client.getLeaseClient();
    this.lock = client.getLockClient();
  }

  private long grant() {
    return answer(lease.grant(60)).getID();
  }

  private void awaitContenders(int count) {
    Await.until(
        count + " stand in line",
        Answers.LIMIT,
        () ->
            answer(kv.get(NAME, GetOption.builder().isPrefix(true).withCountOnly(true).build()))
                    .getCount()
                == count);
  }

  void run() {
    long first = grant();
    LockResponse held = answer(lock.lock(NAME, first));
    assertThat(text(held.getKey())).isEqualTo("lock/l/" + Long.toHexString(first));
    assertThat(answer(lock.lock(NAME, first)).getKey()).isEqualTo(held.getKey());
    assertThat(answer(kv.get(held.getKey())).getKvs().get(0).getLease()).isEqualTo(first);

    long second = grant();
    CompletableFuture<LockResponse> next = lock.lock(NAME, second);
    awaitContenders(2);
    long third = grant();
    CompletableFuture<LockResponse> last = lock.lock(NAME, third);
    awaitContenders(3);
    assertThat(next).isNotDone();
    answer(lock.unlock(held.getKey()));
    assertThat(text(answer(next).getKey())).isEqualTo("lock/l/" + Long.toHexString(second));
    assertThat(last).isNotDone();
    answer(lease.revoke(second));
    assertThat(text(answer(last).getKey())).isEqualTo("lock/l/" + Long.toHexString(third));

    answer(lock.unlock(answer(last).getKey()));
    answer(lock.unlock(answer(last).getKey()));
    awaitContenders(0);
    assertThat(refusal(lock.lock(NAME, second)))
        .isEqualTo("UNKNOWN etcdserver: requested lease not found");
    LockResponse unleased = answer(lock.lock(bytes("lock/none"), 0));
    assertThat(answer(kv.get(unleased.getKey())).getKvs().get(0).getLease()).isNotZero();
  }
}
