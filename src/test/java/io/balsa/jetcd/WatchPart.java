package io.balsa.jetcd;

import static io.balsa.jetcd.Answers.LIMIT;
import static io.balsa.jetcd.Answers.answer;
import static io.balsa.jetcd.Answers.bytes;
import static io.balsa.jetcd.Answers.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.cluster.Await;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.Watch.Watcher;
import io.etcd.jetcd.common.exception.CompactedException;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import java.util.ArrayList;
import java.util.List;

/** Keys are watched. */
final class WatchPart {
  private static final ByteSequence KEY = bytes("watch/k");

  private final KV kv;
  private final Watch watch;

  WatchPart(Client client) {
    this.kv = client.getKVClient();
    this.watch = client.getWatchClient();
  }

  void run() {
    everyWayToWatch();
    options();
    progress();
    compacted();
  }

  private long put(String key, String value) {
    return answer(kv.put(bytes(key), bytes(value))).getHeader().getRevision();
  }

  /** Options that begin here: what is put next is seen, also before the watcher is up. */
  private WatchOption.Builder fromNow() {
    return WatchOption.builder().withRevision(answer(kv.get(KEY)).getHeader().getRevision() + 1);
  }

  private void everyWayToWatch() {
    List<WatchLog> logs = new ArrayList<>();
    List<Watcher> watchers = new ArrayList<>();
    for (int i = 0; i < 14; i++) {
      logs.add(new WatchLog());
    }
    // Those who do not say where to begin begin at some time from now on.
    watchers.add(watch.watch(KEY, logs.get(0)));
    watchers.add(watch.watch(KEY, logs.get(1)::onNext));
    watchers.add(watch.watch(KEY, logs.get(2)::onNext, logs.get(2)::onError));
    watchers.add(
        watch.watch(KEY, logs.get(3)::onNext, logs.get(3)::onError, logs.get(3)::onCompleted));
    watchers.add(watch.watch(KEY, logs.get(4)::onNext, logs.get(4)::onCompleted));
    WatchOption option = fromNow().build();
    watchers.add(watch.watch(KEY, option, logs.get(5)));
    watchers.add(watch.watch(KEY, option, logs.get(6)::onNext));
    watchers.add(watch.watch(KEY, option, logs.get(7)::onNext, logs.get(7)::onError));
    watchers.add(watch.watch(KEY, option, logs.get(8)::onNext, logs.get(8)::onCompleted));
    watchers.add(
        watch.watch(
            KEY, option, logs.get(9)::onNext, logs.get(9)::onError, logs.get(9)::onCompleted));
    watchers.add(watch.watch(KEY, option, Watch.listener(logs.get(10)::onNext)));
    watchers.add(
        watch.watch(KEY, option, Watch.listener(logs.get(11)::onNext, logs.get(11)::onError)));
    watchers.add(
        watch.watch(KEY, option, Watch.listener(logs.get(12)::onNext, logs.get(12)::onCompleted)));
    watchers.add(
        watch.watch(
            KEY,
            option,
            Watch.listener(
                logs.get(13)::onNext, logs.get(13)::onError, logs.get(13)::onCompleted)));

    Await.until(
        "all watchers are told of a put",
        LIMIT,
        () -> {
          put("watch/k", "again");
          return logs.stream().noneMatch(log -> log.events().isEmpty());
        });
    long last = put("watch/k", "last");
    for (WatchLog log : logs) {
      Await.until("the last put", LIMIT, () -> revisions(log).contains(last));
      List<Long> revisions = revisions(log);
      long first = revisions.get(0);
      assertThat(revisions).hasSize((int) (last - first + 1)).isSorted().doesNotHaveDuplicates();
    }
    watchers.forEach(watcher -> assertThat(watcher.isClosed()).isFalse());
    watchers.forEach(Watcher::close);
    watchers.forEach(watcher -> assertThat(watcher.isClosed()).isTrue());
    for (int withEnd : List.of(0, 3, 4, 5, 8, 9, 12, 13)) {
      Await.until("told of its end", LIMIT, () -> logs.get(withEnd).completed);
    }
    WatchLog probe = new WatchLog();
    try (Watcher other = watch.watch(KEY, fromNow().build(), probe)) {
      put("watch/k", "after");
      probe.awaitEvents("PUT watch/k=after");
      assertThat(other.isClosed()).isFalse();
    }
    logs.forEach(log -> assertThat(log.lines()).doesNotContain("PUT watch/k=after"));
  }

  private static List<Long> revisions(WatchLog log) {
    return log.events().stream().map(event -> event.getKeyValue().getModRevision()).toList();
  }

  private void options() {
    WatchLog past = new WatchLog();
    WatchLog range = new WatchLog();
    WatchLog previous = new WatchLog();
    WatchLog deletes = new WatchLog();
    WatchLog puts = new WatchLog();
    WatchLog created = new WatchLog();
    WatchLog guarded = new WatchLog();
    long first = put("watch/o/a", "1");
    put("watch/o/b", "1");
    WatchOption.Builder prefix = WatchOption.builder().isPrefix(true);
    ByteSequence all = bytes("watch/o/");
    List<Watcher> watchers =
        List.of(
            watch.watch(all, prefix.withRevision(first).build(), past),
            watch.watch(bytes("watch/o/b"), fromNow().withRange(bytes("watch/o/d")).build(), range),
            watch.watch(all, fromNow().isPrefix(true).withPrevKV(true).build(), previous),
            watch.watch(all, fromNow().isPrefix(true).withNoPut(true).build(), deletes),
            watch.watch(all, fromNow().isPrefix(true).withNoDelete(true).build(), puts),
            watch.watch(all, fromNow().isPrefix(true).withCreateNotify(true).build(), created),
            watch.watch(
                all,
                fromNow().isPrefix(true).withRequireLeader(true).withProgressNotify(true).build(),
                guarded));

    put("watch/o/a", "2");
    put("watch/o/c", "1");
    long end = answer(kv.delete(bytes("watch/o/a"))).getHeader().getRevision();
    put("watch/o/d", "1");

    String[] since = {"PUT watch/o/a=2", "PUT watch/o/c=1", "DELETE watch/o/a=", "PUT watch/o/d=1"};
    past.awaitEvents(
        "PUT watch/o/a=1",
        "PUT watch/o/b=1",
        "PUT watch/o/a=2",
        "PUT watch/o/c=1",
        "DELETE watch/o/a=",
        "PUT watch/o/d=1");
    assertThat(past.events().get(0).getKeyValue().getModRevision()).isEqualTo(first);
    range.awaitEvents("PUT watch/o/c=1");
    previous.awaitEvents(since);
    assertThat(previous.events().stream().map(event -> text(event.getPrevKV().getValue())))
        .containsExactly("1", "", "2", "");
    WatchEvent deleted = previous.events().get(2);
    assertThat(deleted.getKeyValue().getModRevision()).isEqualTo(end);
    assertThat(deleted.getKeyValue().getCreateRevision()).isZero();
    assertThat(deleted.getPrevKV().getVersion()).isEqualTo(2);
    deletes.awaitEvents("DELETE watch/o/a=");
    puts.awaitEvents("PUT watch/o/a=2", "PUT watch/o/c=1", "PUT watch/o/d=1");
    created.awaitEvents(since);
    assertThat(created.responses.get(0).isCreatedNotify()).isTrue();
    assertThat(guarded.responses.stream().noneMatch(WatchResponse::isCreatedNotify)).isTrue();
    guarded.awaitEvents(since);
    watchers.forEach(Watcher::close);
  }

  private void progress() {
    WatchLog one = new WatchLog();
    WatchLog other = new WatchLog();
    WatchOption option = WatchOption.builder().withCreateNotify(true).build();
    try (Watcher first = watch.watch(KEY, option, one);
        Watcher second = watch.watch(KEY, option, other)) {
      Await.until(
          "both are up", LIMIT, () -> !one.responses.isEmpty() && !other.responses.isEmpty());
      long revision = put("watch/elsewhere", "1");
      awaitProgress(first::requestProgress, one, revision);
      assertThat(other.responses.stream().noneMatch(WatchResponse::isProgressNotify)).isTrue();
      awaitProgress(watch::requestProgress, other, revision);
      assertThat(second.isClosed()).isFalse();
    }
  }

  /** One that is still catching up is not told: it asks again, as etcd wants it. */
  private static void awaitProgress(Runnable request, WatchLog log, long revision) {
    Await.until(
        "told how far it is",
        LIMIT,
        () -> {
          request.run();
          return log.responses.stream()
              .anyMatch(
                  response ->
                      response.isProgressNotify()
                          && response.getHeader().getRevision() >= revision);
        });
    assertThat(log.events()).isEmpty();
  }

  private void compacted() {
    long old = put("watch/k", "1");
    put("watch/k", "2");
    long now = put("watch/k", "3");
    answer(kv.compact(now));
    WatchLog log = new WatchLog();
    Watcher watcher = watch.watch(KEY, WatchOption.builder().withRevision(old).build(), log);
    Await.until("told that it is compacted", LIMIT, () -> !log.errors.isEmpty());
    assertThat(log.errors.get(0))
        .isInstanceOfSatisfying(
            CompactedException.class,
            compacted -> assertThat(compacted.getCompactedRevision()).isEqualTo(now));
    assertThat(log.events()).isEmpty();
    Await.until("closed", LIMIT, watcher::isClosed);
  }
}
