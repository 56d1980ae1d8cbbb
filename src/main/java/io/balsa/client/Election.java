package io.balsa.client;

import io.vertx.codegen.annotations.GenIgnore;
import io.vertx.codegen.annotations.Nullable;
import io.vertx.codegen.annotations.VertxGen;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;

/** An office that one candidate holds at a time, first come, first served. */
@VertxGen
public interface Election {
  /** Waits for the office as long as it takes, see {@link #campaign(Buffer, LockOptions)}. */
  default Future<Leadership> campaign(Buffer value) {
    return campaign(value, new LockOptions());
  }

  /**
   * Waits for the office.
   *
   * @param value what others see of this candidate once it holds it, an address for instance
   */
  Future<Leadership> campaign(Buffer value, LockOptions options);

  /** Who holds the office, with its value; null for nobody. Linearizable. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<@Nullable KeyValue> leader();

  /**
   * Who holds the office from now on, beginning with who holds it now: an item for each new holder
   * or value; nothing while nobody holds it. Of the items that came while it was paused only the
   * newest is delivered. Begins when it gets a handler, resumes as a watch does, and ends with the
   * client; setting its handler to null ends it too.
   */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  ReadStream<KeyValue> observe();
}
