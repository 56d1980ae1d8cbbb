package io.balsa.client.recipe;

import io.balsa.client.BalsaClient;
import io.balsa.client.link.Link;
import io.vertx.core.Vertx;

/** To be written. */
public final class StandardClient {
  private StandardClient() {}

  /** A client over this link, which closes it when it is closed. */
  public static BalsaClient over(Vertx vertx, Link link) {
    throw new UnsupportedOperationException();
  }
}
