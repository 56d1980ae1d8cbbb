/**
 * The ways to reach a cluster: a member in the same Vert.x, HTTP to several endpoints, the event
 * bus. Each maps a request, sends it, repeats it where that is safe, and maps the answer; none
 * knows what the requests are for.
 *
 * <p>Start with {@link io.balsa.client.link.Link}. Of HTTP {@link io.balsa.client.link.HttpLink}
 * maps requests and answers. {@code HttpCall} sends one as often as its {@code Repetition} decides,
 * by what {@code Fault} says of each {@code Attempt}, to whom {@code Endpoints} says. {@code
 * HttpWatch} reads a watch, {@code SseParser} its events.
 */
package io.balsa.client.link;
