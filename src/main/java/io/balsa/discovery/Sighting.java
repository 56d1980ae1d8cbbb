package io.balsa.discovery;

import java.util.List;

/**
 * Somebody says to be the member of this name, and to be found there.
 *
 * @param peerUrls for the other members, at least one
 * @param clientUrls for clients
 */
public record Sighting(String name, List<String> peerUrls, List<String> clientUrls) {
  public Sighting {
    peerUrls = List.copyOf(peerUrls);
    clientUrls = List.copyOf(clientUrls);
  }
}
