package io.balsa.examples;

import io.balsa.client.WatchEvent;
import io.balsa.client.WatchOptions;
import io.balsa.rxjava3.client.BalsaClient;
import io.reactivex.rxjava3.core.Flowable;
import io.vertx.core.buffer.Buffer;

/** Settings that follow the cluster: what is there now, then every change, as a Flowable. */
final class LiveConfiguration {
  private final BalsaClient balsa;

  LiveConfiguration(BalsaClient balsa) {
    this.balsa = balsa;
  }

  /** The values of one setting, the present one first. */
  Flowable<String> values(String name) {
    String key = "config/" + name;
    return balsa
        .get(key)
        .map(now -> Flowable.just(now.text()).concatWith(changes(key, now.modRevision() + 1)))
        .defaultIfEmpty(changes(key, 1))
        .flatMapPublisher(values -> values);
  }

  private Flowable<String> changes(String key, long from) {
    return balsa
        .watch(new WatchOptions().setKey(Buffer.buffer(key)).setFrom(from))
        .flatMapPublisher(watch -> watch.toFlowable())
        .concatMapIterable(WatchEvent::changes)
        .filter(change -> !change.isDelete())
        .map(change -> change.item().text());
  }
}
