/**
 * What members say to each other, as bytes and back: the frames of the two streams between peers,
 * laid out as {@code balsa/peer/v1/peer.proto} says.
 *
 * <p>Written by hand instead of with the generated classes because raft messages are the bulk of a
 * member's traffic: an entry goes from record to bytes with one copy of its data and no object in
 * between. The generated classes are the yardstick of the tests. A change that an older member
 * would misread must raise {@link io.balsa.wire.Wire#VERSION}; one that it may skip need not.
 *
 * <p>Pure and without state. Bytes from outside end in a {@code MalformedException}, never in
 * another exception, and cost memory only in proportion to their own length. Start with {@link
 * io.balsa.wire.Frame}, then {@link io.balsa.wire.Wire}.
 */
package io.balsa.wire;
