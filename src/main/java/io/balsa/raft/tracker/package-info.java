/**
 * What a leader knows of each member: how far its log agrees, what is on its way, whether it lives;
 * and the configuration that says whose knowledge counts. Pure.
 *
 * <p>Start with {@link io.balsa.raft.tracker.Progress}.
 */
package io.balsa.raft.tracker;
