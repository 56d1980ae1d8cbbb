package io.balsa.client.recipe;

import io.balsa.client.Election;
import io.balsa.client.KeyValue;
import io.balsa.client.Leadership;
import io.balsa.client.LockOptions;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;

/** An office is the front of a queue of candidates, whose keys have what they want to be seen. */
final class QueueElection implements Election {
  private final StandardClient client;
  private final String prefix;

  QueueElection(StandardClient client, String prefix) {
    this.client = client;
    this.prefix = prefix;
  }

  @Override
  public Future<Leadership> campaign(Buffer value, LockOptions options) {
    LockOptions copy = new LockOptions(options);
    return client.home().call(() -> Place.take(client, prefix, value, copy).map(Office::new));
  }

  @Override
  public Future<KeyValue> leader() {
    return PlaceQueue.front(client, prefix, 0).map(PlaceQueue.Front::holder);
  }

  @Override
  public ReadStream<KeyValue> observe() {
    return new Holders(client, prefix);
  }

  private static final class Office extends Front implements Leadership {
    Office(Place place) {
      super(place);
    }

    @Override
    public Future<Void> proclaim(Buffer value) {
      return place.show(value);
    }

    @Override
    public Future<Void> resign() {
      return place.leave();
    }
  }
}
