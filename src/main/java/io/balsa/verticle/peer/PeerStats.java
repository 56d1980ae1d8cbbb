package io.balsa.verticle.peer;

/**
 * What went to and came from one member since this one started. Bytes are those of frames; messages
 * are raft messages; dropped are those that this member gave up before they left.
 *
 * @param connected whether the stream to the member is open
 */
public record PeerStats(
    long member,
    boolean connected,
    long messagesSent,
    long bytesSent,
    long messagesReceived,
    long bytesReceived,
    long messagesDropped) {}
