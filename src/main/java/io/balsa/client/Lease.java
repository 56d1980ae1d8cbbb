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
   * Completes when the lease has ended: succeeds after {@link #revoke}; is refused as {@code
   * lease-not-found} when the cluster says that there is none; fails as unknown, {@code
   * lease-lost}, when it may have expired, because no renewal was answered for its whole time. That
   * counts from the moment at which the last renewal that was answered was asked for: so it is
   * known here before it happens there, unless this process stood still.
   */
  Future<Void> ended();

  /**
   * Ends it now. Ending one that has ended already succeeds. It is not renewed any more in any
   * case: where the cluster does not answer, that is asked for again until it has expired.
   */
  Future<Void> revoke();
}
