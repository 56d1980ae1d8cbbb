/**
 * What the client APIs share: the options of the client port and the table of refusals.
 *
 * <p>An API checks a request, maps it to a {@link io.balsa.engine.request.Request}, makes one call
 * through {@link io.balsa.bus.ReplicaClient} and maps the reply. It makes no decision about data.
 *
 * <p>Start with {@link io.balsa.api.RefusalStatus}, then {@code io.balsa.api.http}.
 */
package io.balsa.api;
