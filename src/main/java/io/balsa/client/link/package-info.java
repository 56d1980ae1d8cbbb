/**
 * The ways to reach a cluster: a member in the same Vert.x, HTTP to several endpoints, the event
 * bus. Each maps a request, sends it, repeats it where that is safe, and maps the answer; none
 * knows what the requests are for.
 *
 * <p>Start with {@link io.balsa.client.link.Link}.
 */
package io.balsa.client.link;
