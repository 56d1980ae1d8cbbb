package io.balsa.engine.request;

import io.balsa.mvcc.auth.Credentials;

/**
 * A request on its way to the replica.
 *
 * @param number chosen by the caller, unique for its answer address
 * @param timeoutMillis how long the caller waits, from arrival at the replica
 * @param by who asks
 */
public record Call(long number, long timeoutMillis, Request request, Credentials by) {
  /** A call of nobody in particular. */
  public Call(long number, long timeoutMillis, Request request) {
    this(number, timeoutMillis, request, Credentials.NOBODY);
  }
}
