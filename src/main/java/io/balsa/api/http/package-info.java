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
 * <p>Where users are enforced (etcd's {@code auth enable}), a request needs a token: the whole of
 * the header {@code Authorization}, as {@code POST /v3/auth/authenticate} answered it. The
 * permissions are those of etcd's API: 401 for no token or one that is not known, 403 for one whose
 * user may not; members are changed by root only; probes, metrics, status and what belongs to no
 * key ask for none. A watch that its user may not see, or not any more, ends with the event {@code
 * denied} ({@code {"status","detail"}}).
 *
 * <p>Start with {@link io.balsa.api.http.HttpApi}, then {@code Exchange} and {@code KeyResource}.
 */
package io.balsa.api.http;
