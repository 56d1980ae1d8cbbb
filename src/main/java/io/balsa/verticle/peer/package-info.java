/**
 * The parts of the peer transport. Each member opens one message stream to each other member
 * ({@link io.balsa.verticle.peer.MessageLink}) and a stream of its own for each snapshot it sends
 * ({@link io.balsa.verticle.peer.SnapshotSender}); both stand on {@link
 * io.balsa.verticle.peer.OutboundStream}. The other end is {@link
 * io.balsa.verticle.peer.PeerServer}, with {@link io.balsa.verticle.peer.InboundStream} for the
 * handshake and {@link io.balsa.verticle.peer.SnapshotReceiver} for what arrives of a snapshot.
 *
 * <p>The server also answers unary questions of those who are no members yet: who is in the
 * cluster, whether they may enter, whether they are added. {@link
 * io.balsa.verticle.peer.PeerDirectory} asks them. The second is answered before there is a
 * transport too, on a {@link io.balsa.verticle.peer.PeerPort} of its own. A member that the log has
 * removed is told so when it dials, or at once if it has streams; any other stranger is taken, for
 * a new member and those that have yet to learn of it must be able to talk.
 *
 * <p>A member is dialled where the log says it is, where discovery saw it and where it said itself
 * that it is when it dialled; the handshake proves who is there.
 *
 * <p>A stream that is lost is dialled anew at once. If nobody listens where it led, the process at
 * the other end has ended, and raft is told: for a leader, nobody needs to wait for its silence.
 *
 * <p>Nothing here decides about consensus. Messages may be lost, and then raft is told that the
 * member is unreachable; they are never reordered within one stream. Memory is bounded: bytes per
 * queue, bytes per frame, one part of a snapshot at a time. Members do not compress: a call that
 * does is refused before it is unpacked.
 *
 * <p>All objects are confined to the context of the verticle that made them. Start with {@link
 * io.balsa.verticle.PeerVerticle}.
 */
package io.balsa.verticle.peer;
