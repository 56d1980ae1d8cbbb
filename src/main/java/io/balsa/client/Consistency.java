package io.balsa.client;

import io.vertx.codegen.annotations.VertxGen;

/** What a read may show. */
@VertxGen
public enum Consistency {
  /** The newest state: every write that was acknowledged before the read began. */
  LINEARIZABLE,
  /** The state of the member that answers, which may be behind; needs no quorum. */
  SERIALIZABLE
}
