/**
 * The HTTP {@code /v1} API: resources, each of which checks a request, maps it to one call of the
 * replica and maps the reply.
 *
 * <p>The caller hands every request of one event loop to {@link io.balsa.api.http.HttpApi}, before
 * anything else has read its body, and stops it before the server.
 *
 * <p>Bounded on purpose: bodies ({@code Exchange}), requests in flight ({@code Admission}), long
 * answers ({@code JsonReply}) and watches ({@code WatchStream}) cost a fixed amount of memory each,
 * however slow or hostile the client is. One that never says what it wants is not waited for
 * ({@code Patience}), and those that are slow leave half of the room to those that are not.
 *
 * <p>A write of keys may carry an {@code Idempotency-Key}: then it is applied once, however often
 * and to whichever member it is sent, and each answer has the status, headers and body of the
 * first.
 *
 * <p>Start with {@link io.balsa.api.http.HttpApi}, then {@code Exchange} and {@code KeyResource}.
 */
package io.balsa.api.http;
