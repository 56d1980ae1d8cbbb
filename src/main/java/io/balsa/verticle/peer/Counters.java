package io.balsa.verticle.peer;

import java.util.concurrent.atomic.AtomicLong;

/** Counts for one member. Written by the transport's thread, read by any. */
final class Counters {
  final AtomicLong messagesSent = new AtomicLong();
  final AtomicLong bytesSent = new AtomicLong();
  final AtomicLong messagesReceived = new AtomicLong();
  final AtomicLong bytesReceived = new AtomicLong();
  final AtomicLong messagesDropped = new AtomicLong();
  volatile boolean connected;

  PeerStats stats(long member) {
    return new PeerStats(
        member,
        connected,
        messagesSent.get(),
        bytesSent.get(),
        messagesReceived.get(),
        bytesReceived.get(),
        messagesDropped.get());
  }
}
