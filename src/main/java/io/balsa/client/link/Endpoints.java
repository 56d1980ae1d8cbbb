package io.balsa.client.link;

import io.balsa.data.Endpoint;
import java.util.List;

/** The members that can be asked, and which of them is: one, as long as it works. Any thread. */
final class Endpoints {
  private final List<Endpoint> all;
  private int current;

  private Endpoints(List<Endpoint> all) {
    this.all = all;
  }

  /**
   * Begins with the first.
   *
   * @throws IllegalArgumentException naming the text that is no endpoint
   */
  static Endpoints of(List<String> texts) {
    if (texts.isEmpty()) {
      throw new IllegalArgumentException("endpoints: found none, expected one or more");
    }
    return new Endpoints(texts.stream().map(Endpoints::parse).distinct().toList());
  }

  private static Endpoint parse(String text) {
    return Endpoint.parse(text)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "endpoints: found '" + text + "', expected " + Endpoint.RULE));
  }

  int count() {
    return all.size();
  }

  /** Who is asked now. */
  synchronized Endpoint current() {
    return all.get(current);
  }

  /**
   * Goes on to the next if this one is still the current one: of many requests that found it not
   * working only the first counts.
   */
  synchronized void leave(Endpoint endpoint) {
    if (all.get(current).equals(endpoint)) {
      current = (current + 1) % all.size();
    }
  }

  @Override
  public String toString() {
    return all.toString();
  }
}
