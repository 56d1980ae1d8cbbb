/**
 * Histories of client operations, and what must hold for them.
 *
 * <p>Whoever drives clients (the simulator, the chaos test) records one {@link
 * io.balsa.history.Operation} for each request that was answered or whose outcome stayed unknown,
 * and none for a refused one. Times come from one monotonic clock. Then it asks {@link
 * io.balsa.history.Linearizability} whether each key behaved like one register, and {@link
 * io.balsa.history.RevisionOrder} whether the revisions of all keys together tell one order that
 * agrees with real time. All keys must be absent at the beginning of the history.
 */
package io.balsa.history;
