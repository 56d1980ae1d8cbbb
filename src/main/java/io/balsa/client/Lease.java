package io.balsa.client;

import io.vertx.codegen.annotations.VertxGen;
import io.vertx.core.Future;

/** A lease that its client keeps alive. Keys that hang on it are deleted when it ends. */
@VertxGen
public interface Lease {
  /** In lower-case hexadecimal, for {@link PutOptions#setLeaseId}. */
  String id();

  /** How long it lives without a renewal. */
  long ttlSeconds();

  /**
   * Completes when the lease has ended: succeeds after {@link #revoke}, fails when it expired or
   * may have, because no renewal was answered for its whole time. This client cannot know it later
   * than the cluster does: it counts from the moment at which it asked for the last renewal.
   */
  Future<Void> ended();

  /** Ends it now. Ending one that has ended already succeeds. */
  Future<Void> revoke();
}
