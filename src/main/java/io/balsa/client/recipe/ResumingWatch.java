package io.balsa.client.recipe;

import io.balsa.client.RefusedException;
import io.balsa.client.WatchEvent;
import io.balsa.client.WatchOptions;
import io.balsa.client.WatchStream;
import io.balsa.client.link.Link;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.function.Consumer;

/**
 * One stream over as many watches of a link as it takes, each going on where the one before ended.
 *
 * <p>A watch is opened again only when everything from the one before was read: so the unread never
 * exceed what one watch may send without being given credit. Confined to the context on which it is
 * opened, except for the methods of {@link WatchStream}.
 */
final class ResumingWatch implements WatchStream {
  // How much is read before credit is given back while there is more to read.
  private static final long CREDIT_BYTES = 16 << 10;

  private record Unread(Opening from, WatchEvent event, long bytes) {}

  private final Home home;
  private final ContextInternal context;
  private final Link link;
  private final WatchOptions options;
  private final Consumer<ResumingWatch> over;
  private final Outlet<Unread, WatchEvent> outlet;
  private final Backoff backoff = Backoff.ofFailures();
  private final Promise<WatchStream> placed = Promise.promise();
  private volatile long resumeFrom;
  private Opening opening; // Null while there is none, also because the stream is over.
  private long next; // The first revision that has not come.
  private boolean reopens;
  private boolean isOver;

  /**
   * Not open yet.
   *
   * @param over called once when the stream has ended, on the context
   */
  ResumingWatch(
      Home home,
      ContextInternal context,
      Link link,
      WatchOptions options,
      Consumer<ResumingWatch> over) {
    this.home = home;
    this.context = context;
    this.link = link;
    this.options = options;
    this.over = over;
    this.outlet = new Outlet<>(context, this::read);
  }

  /** Opens it at this revision; completes when it is in place. On the context. */
  Future<WatchStream> open(long from) {
    next = from;
    resumeFrom = from;
    if (isOver) {
      return Future.failedFuture(Refusals.closed());
    }
    reopen();
    return placed.future();
  }

  /** Ends it from the side of the client: what was not read is dropped. On any thread. */
  Future<Void> cut() {
    outlet.cut();
    return leave();
  }

  private Future<Void> leave() {
    Promise<Void> left = Home.promise();
    context.runOnContext(
        none -> {
          placed.tryFail(Refusals.closed());
          finish();
          left.complete();
        });
    return left.future();
  }

  private void finish() {
    if (isOver) {
      return;
    }
    isOver = true;
    if (opening != null) {
      opening.close();
      opening = null;
    }
    over.accept(this);
  }

  private void fail(Throwable failure) {
    placed.tryFail(failure);
    outlet.end(failure);
    finish();
  }

  private void reopen() {
    opening = new Opening();
    opening.open();
  }

  private void reopenWhenRead() {
    opening = null;
    reopens = true;
    if (outlet.isEmpty()) {
      reopenSoon();
    }
  }

  private void reopenSoon() {
    reopens = false;
    home.pause(backoff)
        .onSuccess(
            none -> {
              if (!isOver) {
                reopen();
              }
            });
  }

  private WatchEvent read(Unread unread) {
    boolean isLast = outlet.isEmpty();
    resumeFrom = isLast ? next : unread.event().revision() + 1;
    unread.from().giveBack(unread.bytes(), isLast);
    if (reopens && isLast && !isOver) {
      reopenSoon();
    }
    return unread.event();
  }

  private void moveTo(long revision) {
    if (revision > next) {
      next = revision;
      backoff.reset();
      if (outlet.isEmpty()) {
        resumeFrom = next;
      }
    }
  }

  @Override
  public long resumeFrom() {
    return resumeFrom;
  }

  @Override
  public Future<Void> close() {
    outlet.close();
    return leave();
  }

  @Override
  public WatchStream handler(Handler<WatchEvent> handler) {
    if (handler == null) {
      close();
    } else {
      outlet.handler(handler);
    }
    return this;
  }

  @Override
  public WatchStream exceptionHandler(Handler<Throwable> handler) {
    outlet.exceptionHandler(handler);
    return this;
  }

  @Override
  public WatchStream endHandler(Handler<Void> handler) {
    outlet.endHandler(handler);
    return this;
  }

  @Override
  public WatchStream pause() {
    outlet.pause();
    return this;
  }

  @Override
  public WatchStream resume() {
    return fetch(Long.MAX_VALUE);
  }

  @Override
  public WatchStream fetch(long amount) {
    outlet.fetch(amount);
    return this;
  }

  /** One watch of the link. What it still tells when it is not the present one is ignored. */
  private final class Opening implements Link.WatchSink {
    private Link.OpenWatch watch;
    private long readBytes;

    void open() {
      link.watch(new WatchOptions(options).setFrom(next), this)
          .onSuccess(
              opened -> {
                watch = opened;
                if (opening == this) {
                  placed.tryComplete(ResumingWatch.this);
                } else {
                  opened.close();
                }
              })
          .onFailure(
              failure -> {
                if (opening != this) {
                  return;
                }
                if (placed.future().isComplete() && Refusals.mayPass(failure)) {
                  reopenWhenRead();
                } else {
                  fail(failure);
                }
              });
    }

    void close() {
      if (watch != null) {
        watch.close();
      }
    }

    void giveBack(long bytes, boolean now) {
      readBytes += bytes;
      if (opening == this && (now || readBytes >= CREDIT_BYTES)) {
        watch.credit(readBytes);
        readBytes = 0;
      }
    }

    @Override
    public void changed(WatchEvent event, long bytes) {
      if (opening == this) {
        moveTo(event.revision() + 1);
        outlet.add(new Unread(this, event, bytes));
      }
    }

    @Override
    public void progress(long revision) {
      if (opening == this) {
        moveTo(revision + 1);
      }
    }

    @Override
    public void compacted(long compactRevision) {
      if (opening == this) {
        opening = null;
        fail(Refusals.compacted(next, compactRevision));
      }
    }

    @Override
    public void slow(long resumeFrom) {
      if (opening == this) {
        moveTo(resumeFrom);
        reopenWhenRead();
      }
    }

    @Override
    public void denied(RefusedException why) {
      if (opening == this) {
        if (Refusals.isOfToken(why)) {
          reopenWhenRead(); // With another token if there is one; else that is refused for good.
        } else {
          opening = null;
          fail(why);
        }
      }
    }

    @Override
    public void ended(String reason) {
      if (opening == this) {
        reopenWhenRead();
      }
    }
  }
}
