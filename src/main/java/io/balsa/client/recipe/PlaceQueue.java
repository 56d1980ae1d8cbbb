package io.balsa.client.recipe;

import io.balsa.client.GetOptions;
import io.balsa.client.KeyValue;
import io.balsa.client.RangeOptions;
import io.balsa.client.RangeResult;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Who stands in a queue at one revision: the keys with a prefix, the one made first in front.
 *
 * @param places without values
 */
record PlaceQueue(long revision, List<KeyValue> places) {
  /**
   * Who is in front, with the value.
   *
   * @param holder null for nobody
   */
  record Front(long revision, KeyValue holder) {}

  /** Reads the queue as it was at a revision, 0 for now. Completes on the caller's context. */
  static Future<PlaceQueue> read(StandardClient client, String prefix, long revision) {
    RangeOptions page =
        new RangeOptions()
            .setPrefix(Buffer.buffer(prefix))
            .setLimit(RangeOptions.LIMIT_MAX)
            .setKeysOnly(true)
            .setRevision(revision);
    return readOn(client, page, new ArrayList<>());
  }

  private static Future<PlaceQueue> readOn(
      StandardClient client, RangeOptions options, List<KeyValue> places) {
    return client
        .range(options)
        .compose(
            (RangeResult page) -> {
              places.addAll(page.items());
              if (page.next() != null) {
                return readOn(client, options.setAfter(page.next()), places);
              }
              places.sort(Comparator.comparingLong(KeyValue::createRevision));
              return Future.succeededFuture(new PlaceQueue(page.revision(), places));
            });
  }

  /** Reads who was in front at a revision, 0 for now; now too if that was compacted meanwhile. */
  static Future<Front> front(StandardClient client, String prefix, long revision) {
    return read(client, prefix, revision)
        .compose(queue -> queue.front(client))
        .recover(
            failure ->
                Refusals.isCompacted(failure)
                    ? front(client, prefix, 0)
                    : Future.failedFuture(failure));
  }

  private Future<Front> front(StandardClient client) {
    if (places.isEmpty()) {
      return Future.succeededFuture(new Front(revision, null));
    }
    return client
        .get(places.get(0).key(), new GetOptions().setRevision(revision))
        .map(holder -> new Front(revision, holder));
  }

  /** Whether the place made at this revision is in the queue. */
  boolean has(long token) {
    return places.stream().anyMatch(place -> place.createRevision() == token);
  }

  /** Who stands directly before the place that was made at this revision. */
  Optional<KeyValue> before(long token) {
    return places.stream()
        .filter(place -> place.createRevision() < token)
        .reduce((earlier, later) -> later);
  }
}
