package io.balsa.jetcd;

import java.net.URI;
import java.util.List;

/**
 * A cluster of three, in processes of their own.
 *
 * @param members the three; they run
 * @param fourth knows the three; neither started nor announced to them
 */
public record Deployment(List<Node> members, Node fourth) {
  /** One member, of Balsa or of etcd. */
  public interface Node {
    /** As it tells the others. */
    String name();

    /** Where it serves clients. */
    URI clientUrl();

    /** Where it serves the other members. */
    URI peerUrl();

    /** Starts it with the data it had; returns before it is ready. */
    void start();

    /** Kill -9; returns when it is gone. */
    void kill();
  }

  List<URI> endpoints() {
    return members.stream().map(Node::clientUrl).toList();
  }
}
