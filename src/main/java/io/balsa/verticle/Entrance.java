package io.balsa.verticle;

import io.balsa.storage.Identity;
import io.balsa.verticle.peer.ClusterDescription;
import io.vertx.core.Future;

/** How a member finds out what its empty data directory does not tell. */
interface Entrance {
  /** Who it is. Fails with a message for people if it must not enter. */
  Future<Identity> identity();

  /** The cluster of a member that joins, as one who is in it sees it. */
  Future<ClusterDescription> cluster();
}
