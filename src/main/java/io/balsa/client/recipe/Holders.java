package io.balsa.client.recipe;

import io.balsa.client.Change;
import io.balsa.client.KeyValue;
import io.balsa.client.WatchEvent;
import io.balsa.client.WatchOptions;
import io.balsa.client.WatchStream;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.streams.ReadStream;

/**
 * Who holds an office, one after the other: follows the key of whoever is in front until it is
 * deleted, and then looks who was in front at that very revision. A slow reader gets the newest.
 */
final class Holders implements ReadStream<KeyValue> {
  private final StandardClient client;
  private final String prefix;
  private final ContextInternal context;
  private final Outlet<KeyValue, KeyValue> outlet;
  // On the context.
  private boolean isStarted;
  private boolean isOver;
  private WatchStream watch; // Null while there is none.
  private long told; // The mod revision of the newest item.

  Holders(StandardClient client, String prefix) {
    this.client = client;
    this.prefix = prefix;
    this.context = client.home().contextOfCaller();
    this.outlet = new Outlet<>(context, item -> item);
  }

  private void start() {
    if (!isStarted && !isOver) {
      isStarted = true;
      look(0);
    }
  }

  private void look(long revision) {
    client
        .home()
        .persist(() -> PlaceQueue.front(client, prefix, revision), () -> !isOver)
        .onSuccess(this::found)
        .onFailure(this::fail);
  }

  private void found(PlaceQueue.Front front) {
    if (isOver) {
      return;
    }
    WatchOptions options = new WatchOptions().setFrom(front.revision() + 1);
    if (front.holder() == null) {
      follow(options.setPrefix(Buffer.buffer(prefix)));
    } else {
      tell(front.holder());
      follow(options.setKey(front.holder().key()));
    }
  }

  private void tell(KeyValue item) {
    // After a compaction it may be found again.
    if (item.modRevision() > told) {
      told = item.modRevision();
      outlet.replace(item);
    }
  }

  private void follow(WatchOptions options) {
    client
        .home()
        .persist(() -> client.watch(options), () -> !isOver)
        .onSuccess(
            placed -> {
              if (isOver) {
                placed.close();
                return;
              }
              watch = placed;
              watch
                  .exceptionHandler(
                      failure -> {
                        if (Refusals.isCompacted(failure)) {
                          lookAgain(0);
                        } else {
                          fail(failure);
                        }
                      })
                  .endHandler(none -> fail(null))
                  .handler(event -> take(event, options.getKey() != null));
            })
        .onFailure(this::fail);
  }

  private void take(WatchEvent event, boolean isOfHolder) {
    Change change = event.changes().get(0);
    if (isOfHolder && !change.isDelete()) {
      tell(change.item());
    } else {
      lookAgain(event.revision());
    }
  }

  private void lookAgain(long revision) {
    watch.close();
    watch = null;
    look(revision);
  }

  private void fail(Throwable failure) {
    if (!isOver) {
      isOver = true;
      outlet.end(failure);
    }
  }

  private void close() {
    outlet.close();
    context.runOnContext(
        none -> {
          isOver = true;
          if (watch != null) {
            watch.close();
          }
        });
  }

  @Override
  public ReadStream<KeyValue> handler(Handler<KeyValue> handler) {
    if (handler == null) {
      close();
    } else {
      outlet.handler(handler);
      context.runOnContext(none -> start());
    }
    return this;
  }

  @Override
  public ReadStream<KeyValue> exceptionHandler(Handler<Throwable> handler) {
    outlet.exceptionHandler(handler);
    return this;
  }

  @Override
  public ReadStream<KeyValue> endHandler(Handler<Void> handler) {
    outlet.endHandler(handler);
    return this;
  }

  @Override
  public ReadStream<KeyValue> pause() {
    outlet.pause();
    return this;
  }

  @Override
  public ReadStream<KeyValue> resume() {
    return fetch(Long.MAX_VALUE);
  }

  @Override
  public ReadStream<KeyValue> fetch(long amount) {
    outlet.fetch(amount);
    return this;
  }
}
