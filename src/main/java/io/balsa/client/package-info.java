/**
 * What applications see of a cluster: {@link io.balsa.client.BalsaClient} and the values that go
 * with it. The RxJava 3 twin of each interface is generated, with the same names, in {@code
 * io.balsa.rxjava3.client}.
 *
 * <p>Values are Vert.x data objects: results are immutable records, options are set and then handed
 * over. Their JSON is that of the HTTP API and of the event bus.
 *
 * <p>Start with {@link io.balsa.client.BalsaClient}. Behind it {@code link} has the ways to reach a
 * cluster, and {@code recipe} what is built on them: sessions, watches that resume, locks,
 * elections, counters, latches.
 */
package io.balsa.client;
