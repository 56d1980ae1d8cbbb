/**
 * How the verticles of one member find and talk to each other: addresses with the member's name in
 * them, a codec that passes immutable values as they are, and the client side of the replica.
 *
 * <p>All traffic here is local to the JVM, also when the event bus is clustered. Start with {@link
 * io.balsa.bus.Addresses}, then {@link io.balsa.bus.ReplicaClient}.
 */
package io.balsa.bus;
