/**
 * Moves a live etcd into another one, Balsa above all, and proves that both hold the same: through
 * etcd's v3 API, of which either end is a client's view.
 *
 * <p>Nothing is remembered between runs. {@link io.balsa.migration.Reconciliation} walks through
 * both stores in the order of their keys and writes where they differ; what an earlier run has
 * brought over costs a look. {@link io.balsa.migration.Follower} then carries over what changes,
 * revision by revision. {@link io.balsa.migration.LeaseCopy} gives keys the leases that they have,
 * under the same ids.
 *
 * <p>All calls block; an {@link io.balsa.migration.EtcdStore} is used by one thread at a time, and
 * not on an event loop.
 */
package io.balsa.migration;
