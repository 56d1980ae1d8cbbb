package io.balsa.jetcd;

import static io.balsa.jetcd.Answers.LIMIT;
import static io.balsa.jetcd.Answers.answer;
import static io.balsa.jetcd.Answers.bytes;
import static io.balsa.jetcd.Answers.describe;
import static io.balsa.jetcd.Answers.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.cluster.Await;
import io.balsa.jetcd.Deployment.Node;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.Watch.Watcher;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.lock.LockResponse;
import io.etcd.jetcd.maintenance.StatusResponse;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.support.CloseableClient;
import io.etcd.jetcd.support.Observers;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * The leader is killed while a writer writes, a watch watches, a lease is kept alive and a lock is
 * held and waited for; it comes back and catches up.
 */
final class LeaderKill {
  private static final ByteSequence LOCK = bytes("kill/lock");
  private static final ByteSequence KEYS = bytes("kill/key/");
  private static final long TTL_SECONDS = 10;

  private final Client client;
  private final KV kv;
  private final Lease lease;
  private final Lock lock;
  private final Deployment deployment;
  private final List<Long> kept = new CopyOnWriteArrayList<>();
  private final List<Throwable> lost = new CopyOnWriteArrayList<>();
  private long granted;
  private long holder;
  private long contender;
  private CloseableClient keeping;
  private LockResponse held;
  private CompletableFuture<LockResponse> waiting;

  LeaderKill(Client client, Deployment deployment) {
    this.client = client;
    this.kv = client.getKVClient();
    this.lease = client.getLeaseClient();
    this.lock = client.getLockClient();
    this.deployment = deployment;
  }

  void run() {
    takeTheLock();
    WatchLog log = new WatchLog();
    Writer writer = new Writer(kv, KEYS);
    WatchOption all =
        WatchOption.builder()
            .isPrefix(true)
            .withRevision(held.getHeader().getRevision() + 1)
            .build();
    try (Watcher watcher = client.getWatchClient().watch(KEYS, all, log)) {
      writer.start();
      writer.awaitProgress(100);
      assertHeld();

      Node leader = leader();
      leader.kill();
      long struck = System.nanoTime();
      writer.awaitProgress(100);
      System.out.printf(
          "%s killed: the next 100 puts took %d ms, of %d puts it is unknown whether they were%n",
          leader.name(),
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - struck),
          writer.unknown());
      assertHeld();

      leader.start();
      awaitCaughtUp(leader, writer.acknowledged().size());
      writer.finish();
      assertNothingLost(writer, log);
      assertThat(watcher.isClosed()).isFalse();
    }
    assertHeld();
  }

  private void takeTheLock() {
    granted = System.nanoTime();
    holder = answer(lease.grant(TTL_SECONDS)).getID();
    keeping =
        lease.keepAlive(
            holder,
            Observers.<LeaseKeepAliveResponse>builder()
                .onNext(response -> kept.add(response.getTTL()))
                .onError(lost::add)
                .build());
    held = answer(lock.lock(LOCK, holder));
    contender = answer(lease.grant(600)).getID();
    waiting = lock.lock(LOCK, contender);
  }

  private Node leader() {
    return Await.value(
        "a leader", LIMIT, () -> deployment.members().stream().filter(this::leads).findFirst());
  }

  private boolean leads(Node node) {
    StatusResponse status =
        answer(client.getMaintenanceClient().statusMember(node.clientUrl().toString()));
    return status.getLeader() == status.getHeader().getMemberId();
  }

  /** The lease is kept alive from now on too, and the lock is nobody else's. */
  private void assertHeld() {
    int before = kept.size();
    Await.until("the lease is kept alive", LIMIT, () -> kept.size() > before);
    // jetcd also tells of a stream that was at the killed member, and opens another.
    assertThat(lost).noneMatch(failure -> describe(failure).startsWith("NOT_FOUND "));
    assertThat(kept).containsOnly(TTL_SECONDS);
    List<KeyValue> holders = answer(kv.get(held.getKey())).getKvs();
    assertThat(holders).hasSize(1);
    assertThat(holders.get(0).getCreateRevision()).isEqualTo(held.getHeader().getRevision());
    assertThat(waiting.isDone() && !waiting.isCompletedExceptionally()).isFalse();
  }

  /** Waits until this member has all these keys itself. */
  private static void awaitCaughtUp(Node node, int keys) {
    GetOption own =
        GetOption.builder().isPrefix(true).withSerializable(true).withCountOnly(true).build();
    // First: a client that comes too early waits longer before each time that it tries again.
    Await.until(node.name() + " is back", LIMIT, () -> isListening(node.clientUrl()));
    try (Client alone = Client.builder().endpoints(node.clientUrl()).build()) {
      Await.until(
          node.name() + " has caught up",
          LIMIT,
          () -> answer(alone.getKVClient().get(KEYS, own)).getCount() >= keys);
    }
  }

  private static boolean isListening(URI url) {
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      return socket.isConnected();
    } catch (IOException refused) {
      return false;
    }
  }

  private void assertNothingLost(Writer writer, WatchLog log) {
    GetOption all =
        GetOption.builder().isPrefix(true).withSortField(GetOption.SortTarget.MOD).build();
    List<Long> stored =
        answer(kv.get(KEYS, all)).getKvs().stream().map(KeyValue::getModRevision).toList();
    assertThat(stored).containsAll(writer.acknowledged());
    assertThat(stored.size() - writer.acknowledged().size()).isBetween(0, writer.unknown());
    Await.until("all is watched", LIMIT, () -> log.events().size() >= stored.size());
    assertThat(log.events().stream().map(event -> event.getKeyValue().getModRevision()))
        .containsExactlyElementsOf(stored);
  }

  /** Later: the lock is still held, and goes to the one who waits when it is given back. */
  void giveBack() {
    Await.until(
        "the lease is older than it lives by itself",
        LIMIT,
        () -> System.nanoTime() - granted > TimeUnit.SECONDS.toNanos(TTL_SECONDS));
    assertHeld();
    assertThat(answer(lease.timeToLive(holder, LeaseOption.DEFAULT)).getTTL()).isPositive();
    answer(lock.unlock(held.getKey()));
    assertThat(text(next().getKey())).isEqualTo("kill/lock/" + Long.toHexString(contender));
    keeping.close();
  }

  /** The lock of the one who waited; at the killed member, or for too long, it has to ask again. */
  private LockResponse next() {
    try {
      return answer(waiting);
    } catch (AssertionError e) {
      assertThat(describe(e)).matches("UNAVAILABLE .*|UNKNOWN etcdserver: request timed out");
      return answer(lock.lock(LOCK, contender));
    }
  }
}
