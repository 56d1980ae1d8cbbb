/**
 * What a client builds on a {@link io.balsa.client.link.Link}: leases that are kept alive, watches
 * that resume, sessions, locks, elections, counters and latches. The recipes are etcd's (v3lock and
 * v3election), on public operations only.
 *
 * <p>The state of one client is confined to one context, its home; requests that touch it hop there
 * and answer on the context of the caller. Only streams live on the context of who opened them.
 * Time is the monotonic clock and timers of Vert.x.
 *
 * <p>Start with {@link io.balsa.client.recipe.StandardClient}; then {@link
 * io.balsa.client.recipe.ResumingWatch}, {@link io.balsa.client.recipe.KeptLease} and {@link
 * io.balsa.client.recipe.Session}, on which {@link io.balsa.client.recipe.Place} and the others
 * stand.
 */
package io.balsa.client.recipe;
