package io.balsa.discovery;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How Hazelcast is started, and how it finds its other members.
 *
 * @param clusterName keeps Hazelcast clusters apart
 * @param port the only one that is tried
 * @param listenAddress empty: Hazelcast picks one
 * @param configFile in Hazelcast's own XML or YAML; what is set here wins over it
 * @param join empty: as {@code configFile} says
 */
public record HazelcastOptions(
    String clusterName,
    int port,
    Optional<String> listenAddress,
    Optional<Path> configFile,
    Optional<Join> join) {

  /** How the other members are found. */
  public sealed interface Join {}

  /**
   * At addresses that are given.
   *
   * @param members {@code host:port}, at least one
   */
  public record TcpIp(List<String> members) implements Join {
    public TcpIp {
      members = List.copyOf(members);
    }
  }

  /** By a call to all of the local network. */
  public record Multicast() implements Join {}

  /**
   * Behind a headless service.
   *
   * @param serviceDns its full name, with an address for each member
   */
  public record Kubernetes(String serviceDns) implements Join {}
}
