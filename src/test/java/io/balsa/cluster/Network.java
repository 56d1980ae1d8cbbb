package io.balsa.cluster;

import java.io.IOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A network of our own for the members of a cluster: one network namespace for each, on one bridge,
 * which this process reaches. Between any two, either direction can be cut: packets then go to a
 * wrong hardware address and vanish, and nobody is told, as with a broken switch. Needs root and
 * Linux's {@code ip}.
 */
final class Network implements AutoCloseable {
  /** An address that no card has; locally administered. */
  private static final String NOBODY = "02:00:00:00:00:00";

  private final String bridge;
  private final String subnet;
  private final List<String> namespaces = new ArrayList<>();

  private Network(int number) {
    bridge = "balsa" + number;
    subnet = "198.18." + number + "."; // Of the block for tests of network devices (RFC 2544).
  }

  /**
   * Empty where the machine does not allow it, and in the network of the machine itself, which
   * tests leave alone: they must run in a namespace made for them, {@code unshare --net}.
   */
  static Optional<Network> open(int size) {
    if (isOfTheMachine()) {
      System.out.println("no network of our own, so no cuts: not under unshare --net");
      return Optional.empty();
    }
    Network network = new Network(ThreadLocalRandom.current().nextInt(256));
    try {
      network.build(size);
      return Optional.of(network);
    } catch (IOException e) {
      System.out.println("no network of our own, so no cuts: " + e.getMessage());
      network.close();
      return Optional.empty();
    }
  }

  private static boolean isOfTheMachine() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/ns/net"))
          .equals(Files.readSymbolicLink(Path.of("/proc/1/ns/net")));
    } catch (IOException | UnsupportedOperationException e) {
      return hasCards(); // Nobody tells: a fresh one has nothing but its loopback.
    }
  }

  private static boolean hasCards() {
    try {
      for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        if (!each.isLoopback()) {
          return true;
        }
      }
      return false;
    } catch (SocketException e) {
      return true;
    }
  }

  private void build(int size) throws IOException {
    ip("link", "add", bridge, "type", "bridge");
    ip("address", "add", subnet + "254/24", "dev", bridge);
    ip("link", "set", bridge, "up");
    for (int member = 0; member < size; member++) {
      String namespace = bridge + "n" + member;
      String cable = bridge + "c" + member;
      ip("netns", "add", namespace);
      namespaces.add(namespace);
      ip("link", "add", cable, "type", "veth", "peer", "name", "card", "netns", namespace);
      ip("link", "set", cable, "master", bridge, "up");
      ip("-n", namespace, "address", "add", address(member) + "/24", "dev", "card");
      ip("-n", namespace, "link", "set", "card", "up");
      ip("-n", namespace, "link", "set", "lo", "up");
    }
  }

  private String address(int member) {
    return subnet + (member + 1);
  }

  List<Place> places() {
    List<Place> places = new ArrayList<>();
    for (int member = 0; member < namespaces.size(); member++) {
      places.add(
          new Place(address(member), List.of("ip", "netns", "exec", namespaces.get(member))));
    }
    return places;
  }

  /** From now on nothing that {@code from} sends reaches {@code to}; both count from 0. */
  void cut(int from, int to) {
    must(
        List.of("-n", namespaces.get(from), "neighbour", "replace", address(to)),
        List.of("lladdr", NOBODY, "dev", "card", "nud", "permanent"));
  }

  /** Undoes {@link #cut}. */
  void heal(int from, int to) {
    must(
        List.of("-n", namespaces.get(from), "neighbour", "delete", address(to)),
        List.of("dev", "card"));
  }

  private static void must(List<String> first, List<String> then) {
    List<String> all = new ArrayList<>(first);
    all.addAll(then);
    try {
      ip(all.toArray(String[]::new));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void ip(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    Command.run(command);
  }

  /** Ends the network; the processes in it must have ended. */
  @Override
  public void close() {
    for (String namespace : namespaces) {
      tryTo("netns", "delete", namespace);
    }
    tryTo("link", "delete", bridge);
  }

  private static void tryTo(String... arguments) {
    try {
      ip(arguments);
    } catch (IOException e) {
      System.out.println("not undone: " + e.getMessage());
    }
  }
}
