package io.balsa.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** Free ports of the loopback address. */
public final class Ports {
  // Below the range that the kernel gives to outgoing connections: one of those must not take the
  // port of a member that is down for a moment.
  private static final int FIRST = 12_000;
  private static final int COUNT = 6_000;

  // Each of the JVMs that run tests side by side, three at most, has its own.
  private static final int FORK = Integer.getInteger("test.fork", 1);

  private static final Set<Integer> given = new HashSet<>();

  private Ports() {}

  /** Not from the test's seed: another run on this machine may hold the same ones. */
  public static synchronized int free() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(COUNT) + FIRST + (FORK - 1) * COUNT;
      if (!given.contains(port) && isFree(port)) {
        given.add(port);
        return port;
      }
    }
  }

  /** A port whose next one is free as well. */
  static synchronized int freeWithNext() {
    while (true) {
      int port = free();
      if (!given.contains(port + 1) && isFree(port + 1)) {
        given.add(port + 1);
        return port;
      }
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
