package io.balsa.api;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * How long one event loop waits for clients to say what they want. A connection is closed when no
 * request has been under way on it for as long as that, whatever bytes it sends; and a request
 * whose body is not complete by then is refused. Bytes alone show no good will: one every few
 * seconds would hold a connection, and what was held for it, for ever.
 */
public final class Patience {
  private static final int LOOKS_PER_LIMIT = 4;

  private final Vertx vertx;
  private final long limitNanos;
  private final long timer;
  private final Map<HttpConnection, Client> clients = new HashMap<>();
  private final Set<Arrival> arriving = new LinkedHashSet<>(); // By the time when they began.

  /** Must be called on the event loop that it is for. */
  public Patience(Vertx vertx, long limitMillis) {
    this.vertx = vertx;
    this.limitNanos = TimeUnit.MILLISECONDS.toNanos(limitMillis);
    this.timer = vertx.setPeriodic(Math.max(1, limitMillis / LOOKS_PER_LIMIT), id -> look());
  }

  /** A request whose body is on its way. */
  public interface Arrival {
    /** When the request began, by {@link System#nanoTime}. */
    long startNanos();

    /** The body has not come in time. */
    void late();
  }

  /** One connection. */
  public static final class Client {
    private int underWay;
    private long idleSinceNanos = System.nanoTime();

    /** A request has come. */
    public void begin() {
      underWay++;
    }

    /** A request is answered. */
    public void end() {
      underWay--;
      if (underWay == 0) {
        idleSinceNanos = System.nanoTime();
      }
    }
  }

  /** Who is at the other end. */
  public Client of(HttpConnection connection) {
    Client client = clients.get(connection);
    if (client == null) {
      client = new Client();
      clients.put(connection, client);
      connection.closeHandler(none -> clients.remove(connection));
    }
    return client;
  }

  /** The body of a request is on its way. */
  public void expect(Arrival arrival) {
    arriving.add(arrival);
  }

  /** The body has come, or is of no interest any more. */
  public void forget(Arrival arrival) {
    arriving.remove(arrival);
  }

  /** Waits for nobody any more. */
  public void stop() {
    vertx.cancelTimer(timer);
  }

  private void look() {
    long now = System.nanoTime();
    List<Arrival> late = new ArrayList<>();
    for (Arrival arrival : arriving) {
      if (now - arrival.startNanos() <= limitNanos) {
        break;
      }
      late.add(arrival);
    }
    late.forEach(Arrival::late);
    List<HttpConnection> idle = new ArrayList<>();
    clients.forEach(
        (connection, client) -> {
          if (client.underWay == 0 && now - client.idleSinceNanos > limitNanos) {
            idle.add(connection);
          }
        });
    for (HttpConnection connection : idle) {
      clients.remove(connection);
      connection.shutdown(0, TimeUnit.SECONDS);
    }
  }
}
