package io.balsa.verticle;

import static io.balsa.Held.held;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.List;

/** A TCP relay to one port of this machine that can hold back all bytes, or cut all connections. */
public final class FaultyProxy {
  private final NetClient client;
  private final int target;
  private final NetServer server;
  private final List<NetSocket> sockets = new ArrayList<>();
  private boolean frozen;

  private FaultyProxy(Vertx vertx, int target) {
    this.client = held(vertx.createNetClient());
    this.target = target;
    this.server = vertx.createNetServer().connectHandler(this::relay);
  }

  /** Listens on a port that the system picks. */
  public static FaultyProxy start(Vertx vertx, int target) {
    FaultyProxy proxy = new FaultyProxy(vertx, target);
    TestPeer.await(proxy.server.listen(0, "127.0.0.1"));
    return proxy;
  }

  /** Where it listens. */
  public String url() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  /** No byte passes any more, and nobody is told. */
  synchronized void freeze() {
    frozen = true;
    sockets.forEach(NetSocket::pause);
  }

  synchronized void thaw() {
    frozen = false;
    sockets.forEach(NetSocket::resume);
  }

  /** Closes all connections; returns how many. */
  public synchronized int cut() {
    int ends = sockets.size();
    List.copyOf(sockets).forEach(NetSocket::close);
    sockets.clear();
    return ends / 2;
  }

  /** Ends of connections that are open, two for each. */
  public synchronized int ends() {
    return sockets.size();
  }

  void stop() {
    cut();
    TestPeer.await(server.close());
  }

  private void relay(NetSocket caller) {
    caller.pause();
    client
        .connect(target, "127.0.0.1")
        .onFailure(failure -> caller.close())
        .onSuccess(
            callee -> {
              join(caller, callee);
              join(callee, caller);
            });
  }

  private synchronized void join(NetSocket from, NetSocket to) {
    sockets.add(from);
    from.closeHandler(none -> closed(from, to));
    from.handler(
        bytes -> {
          to.write(bytes);
          if (to.writeQueueFull()) {
            from.pause();
            to.drainHandler(none -> resume(from));
          }
        });
    if (frozen) {
      from.pause();
    } else {
      from.resume();
    }
  }

  private synchronized void closed(NetSocket from, NetSocket to) {
    sockets.remove(from);
    to.close();
  }

  private synchronized void resume(NetSocket socket) {
    if (!frozen) {
      socket.resume();
    }
  }
}
