package io.balsa.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Hands on what comes to a port to another port, until it is cut, and again when it is healed. */
final class PortProxy implements AutoCloseable {
  private final ServerSocket server;
  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;

  PortProxy(int port, int target) {
    this.target = target;
    try {
      server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new AssertionError("listening on " + port, e);
    }
    run(this::accept);
  }

  /** Ends all connections; new ones end at once. */
  void cut() {
    cut = true;
    sockets.forEach(PortProxy::close);
  }

  void heal() {
    cut = false;
  }

  /** How many connections go through it now. */
  int connections() {
    return (int) sockets.stream().filter(socket -> !socket.isClosed()).count() / 2;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket caller = server.accept();
        if (cut) {
          caller.close();
          continue;
        }
        Socket callee = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(caller);
        sockets.add(callee);
        if (cut) {
          cut(); // It came between the look and the list.
        }
        run(() -> pump(caller, callee));
        run(() -> pump(callee, caller));
      } catch (IOException e) {
        // The target is down, or this is closed.
      }
    }
  }

  private void pump(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // The other direction ends with this one.
    } finally {
      close(from);
      close(to);
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  private static void run(Runnable task) {
    Thread thread = new Thread(task, "port-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is closed all the same.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
  }
}
