package io.balsa;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Clients of Vert.x that tests use to their end. One that nobody holds is closed by the garbage
 * collector, with its connections and all that waits on them: a request in flight then fails with
 * "Pool closed". They end with their Vert.x.
 */
public final class Held {
  private static final Queue<Object> CLIENTS = new ConcurrentLinkedQueue<>();

  private Held() {}

  /** The client itself. */
  public static <T> T held(T client) {
    CLIENTS.add(client);
    return client;
  }
}
