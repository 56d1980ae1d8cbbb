package io.balsa.cluster;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A TCP relay to one port of this machine that can cut all its connections at any byte. */
final class ResettingProxy {
  private final Vertx vertx;
  private final int target;
  private final NetServer server;
  private final List<NetSocket> sockets = new ArrayList<>();
  private int cuts;

  private ResettingProxy(Vertx vertx, int target) {
    this.vertx = vertx;
    this.target = target;
    this.server = vertx.createNetServer().connectHandler(this::relay);
  }

  static ResettingProxy start(Vertx vertx, int target) throws Exception {
    ResettingProxy proxy = new ResettingProxy(vertx, target);
    proxy
        .server
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
    return proxy;
  }

  String url() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  /** How many connections were cut. */
  synchronized int cuts() {
    return cuts;
  }

  synchronized void cut() {
    cuts += sockets.size() / 2;
    List.copyOf(sockets).forEach(NetSocket::close);
    sockets.clear();
  }

  private void relay(NetSocket caller) {
    caller.pause();
    vertx
        .createNetClient()
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
    from.closeHandler(
        none -> {
          closed(from);
          to.close();
        });
    from.handler(to::write);
    from.resume();
  }

  private synchronized void closed(NetSocket socket) {
    sockets.remove(socket);
  }
}
