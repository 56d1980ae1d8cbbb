package io.balsa.cluster;

import java.util.List;

/**
 * Where a server runs and listens.
 *
 * @param host a numeric address
 * @param entrance the command that takes another command there; empty for right here
 */
record Place(String host, List<String> entrance) {
  /** This process's own network. */
  static final Place HERE = new Place("127.0.0.1", List.of());
}
