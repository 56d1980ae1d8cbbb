/**
 * The engine room of one member: the raft loop, the disk writer and the replica, each one object
 * with one sealed input type and no thread, clock or socket of its own. The verticles run them, and
 * so does the simulator: what is simulated is what ships.
 *
 * <p>Each object is confined to one thread. It is given inputs in a total order and hands effects
 * to its output; it never waits. Time comes in as a number.
 *
 * <p>Start with {@link io.balsa.engine.RaftLoop}, {@link io.balsa.engine.DiskWriter} and {@link
 * io.balsa.engine.Replica}; what they say to each other is in {@link io.balsa.engine.RaftInput},
 * {@link io.balsa.engine.DiskInput}, {@link io.balsa.engine.ReplicaInput} and {@link
 * io.balsa.engine.PeerInput}, and {@link io.balsa.engine.Outbox} takes it there. What a member
 * begins with is a {@link io.balsa.engine.Recovery}.
 */
package io.balsa.engine;
