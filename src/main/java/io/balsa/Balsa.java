package io.balsa;

import io.balsa.client.BalsaClient;
import io.vertx.codegen.annotations.VertxGen;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;

/**
 * A member of a Balsa cluster inside an application's Vert.x, where several may live. It has its
 * own data directory and its own ports, and its verticles share the application's event loops. Any
 * thread.
 */
@VertxGen
public interface Balsa {
  /**
   * Starts a member: recovers it from its data directory, or lets it found or join its cluster. It
   * is stopped with the Vert.x, if not before.
   *
   * @return completes when the member serves, which does not mean that its cluster has a leader
   *     yet: a request waits for one. Fails with a message for people, and then nothing of it is
   *     left
   */
  static Future<Balsa> start(Vertx vertx, BalsaOptions options) {
    return StartedMember.start(vertx, options);
  }

  /** A client of the cluster through this member; closed with it. */
  BalsaClient client();

  /** The ports on which clients are served over HTTP, in the order of the options. */
  List<Integer> clientPorts();

  /**
   * How the member ends by itself: succeeds when it was removed from its cluster, fails with the
   * reason when it must not go on. In both cases it has stopped then. {@link #stop} alone does not
   * complete it.
   */
  Future<Void> ended();

  /**
   * Closes the client, lets requests under way finish, hands leadership over, makes everything
   * durable and gives the data directory back.
   */
  Future<Void> stop();
}
