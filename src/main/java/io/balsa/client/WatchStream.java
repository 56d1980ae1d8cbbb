package io.balsa.client;

import io.vertx.codegen.annotations.Fluent;
import io.vertx.codegen.annotations.Nullable;
import io.vertx.codegen.annotations.VertxGen;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.streams.ReadStream;

/**
 * The changes that a watch asked for, one event for each revision, in order, without gap or repeat.
 *
 * <p>A paused stream holds a bounded number of bytes, then lets the cluster hold the changes, and
 * resumes where it was when it is read again. It fails, and ends, if what it has yet to deliver was
 * compacted meanwhile: the exception is a {@link RefusedException} of kind {@code compacted}. It
 * ends without one, and without what was not read, when its client is closed.
 *
 * <p>Setting the handler to null closes the stream, as {@link #close} does: no handler is called
 * any more. Any thread.
 */
@VertxGen
public interface WatchStream extends ReadStream<WatchEvent> {
  /** The revision from which a watch would go on behind the last event delivered. */
  long resumeFrom();

  /** Ends the watch; no event comes after. */
  Future<Void> close();

  @Override
  @Fluent
  WatchStream exceptionHandler(@Nullable Handler<Throwable> handler);

  @Override
  @Fluent
  WatchStream handler(@Nullable Handler<WatchEvent> handler);

  @Override
  @Fluent
  WatchStream pause();

  @Override
  @Fluent
  WatchStream resume();

  @Override
  @Fluent
  WatchStream fetch(long amount);

  @Override
  @Fluent
  WatchStream endHandler(@Nullable Handler<Void> handler);
}
