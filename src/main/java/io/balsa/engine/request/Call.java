package io.balsa.engine.request;

/**
 * A request on its way to the replica.
 *
 * @param number chosen by the caller, unique for its answer address
 * @param timeoutMillis how long the caller waits, from arrival at the replica
 */
public record Call(long number, long timeoutMillis, Request request) {}
