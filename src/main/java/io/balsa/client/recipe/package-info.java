/**
 * What a client builds on a {@link io.balsa.client.link.Link}: leases that are kept alive, watches
 * that resume, sessions, locks, elections, counters and latches. The recipes are etcd's (v3lock and
 * v3election), on public operations only.
 *
 * <p>Start with {@link io.balsa.client.recipe.StandardClient}.
 */
package io.balsa.client.recipe;
