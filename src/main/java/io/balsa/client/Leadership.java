package io.balsa.client;

import io.vertx.codegen.annotations.GenIgnore;
import io.vertx.codegen.annotations.VertxGen;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** An office that is held. It can be lost as a lock can: see {@link BalsaLock}. */
@VertxGen
public interface Leadership {
  /** The key that stands for this holder. */
  String key();

  /** The revision at which the office was asked for: larger for each later holder. */
  long fencingToken();

  /** Holds as long as the office is held: a condition for transactions. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Condition held();

  /** Shows others another value; refused as {@code precondition-failed} if the office is lost. */
  Future<Void> proclaim(Buffer value);

  /** As {@link BalsaLock#ended}. */
  Future<Void> ended();

  /** Lets the next one have it. Of an office that was lost it succeeds too. */
  Future<Void> resign();
}
