package io.balsa.migration;

import io.vertx.core.net.TrustOptions;
import java.util.List;

/**
 * How to reach a store.
 *
 * @param name what people call it: {@code from} or {@code to}
 * @param endpoints URLs of members, of which the first that answers is used
 * @param user empty for none
 * @param trust of https endpoints; null for what the JVM trusts
 */
public record StoreOptions(
    String name, List<String> endpoints, String user, String password, TrustOptions trust) {
  public StoreOptions {
    endpoints = List.copyOf(endpoints);
  }

  @Override
  public String toString() {
    return name + " " + endpoints; // And never the password.
  }
}
