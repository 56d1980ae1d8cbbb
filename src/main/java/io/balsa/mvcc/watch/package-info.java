/**
 * Watches: who wants to hear of which changes, and how far each has got.
 *
 * <p>There are no queues of events. A watch is a place in the store's history and a credit in
 * bytes; what it has not taken is read from the history when its client can take it. So a client
 * that does not read costs nothing, and falls off the end when its place is compacted.
 *
 * <p>Pure and single-threaded, on the store's thread. The caller opens and closes watches, gives
 * credit as clients take what was sent, and calls {@link io.balsa.mvcc.watch.Watches#poll} after
 * applying commands, again while {@link io.balsa.mvcc.watch.Watches#hasWork}.
 *
 * <p>Start with {@link io.balsa.mvcc.watch.Watches}.
 */
package io.balsa.mvcc.watch;
