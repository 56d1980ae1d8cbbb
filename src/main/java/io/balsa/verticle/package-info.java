/**
 * The shells of one member: consumers, timers, sockets and threads around objects that know none of
 * them. A verticle makes no decision.
 *
 * <p>All verticles of a member share its {@link io.balsa.bus.Addresses}. Whoever deploys them
 * starts with those that are asked and ends with {@link io.balsa.verticle.ApiVerticle}, because
 * what is sent to an address that nobody listens on is lost; and stops them in the opposite order.
 *
 * <p>A member whose data directory is empty enters by one of two ways: addresses are listed, or
 * they are discovered. In the second, {@link io.balsa.verticle.DiscoveryVerticle} goes on to tell
 * the peer transport where the others are seen.
 *
 * <p>Start with {@link io.balsa.verticle.Member}, which puts one together; then {@link
 * io.balsa.verticle.ApiVerticle} for the way in, and {@link io.balsa.verticle.PeerVerticle} for the
 * way to the other members.
 */
package io.balsa.verticle;
