package io.balsa.client.link;

/**
 * How much one client takes on.
 *
 * @param flyingMax requests in flight
 * @param waitingMax requests that wait for others to end; more are refused
 * @param windowBytes events of a watch that were delivered and not read; none follow above it
 * @param eventBytesMax the longest event; there is no limit to what one revision may change, so it
 *     is only there to bound what a broken server can do
 * @param silenceMillis after which a watch is taken for dead; a member says something every 10 s
 */
record HttpLimits(
    int flyingMax, int waitingMax, long windowBytes, int eventBytesMax, long silenceMillis) {
  static final HttpLimits DEFAULT = new HttpLimits(1_024, 4_096, 256 << 10, 256 << 20, 30_000);
}
