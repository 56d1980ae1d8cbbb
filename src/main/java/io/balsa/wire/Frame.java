package io.balsa.wire;

import io.balsa.data.Bytes;
import io.balsa.raft.message.Message;
import java.util.List;
import java.util.Optional;

/** One message of a stream between two members. */
public sealed interface Frame {
  /**
   * The first frame of either end: who speaks, and to whom it believes it speaks.
   *
   * @param name for people; ids decide
   * @param to the member that {@code from} expects at the other end
   * @param peerUrls where {@code from} may be dialled, which the log may not know yet; a hint
   */
  record Hello(int version, long clusterId, long from, String name, long to, List<String> peerUrls)
      implements Frame {
    /** The most URLs of one member. */
    public static final int URLS_MAX = 16;

    public Hello {
      peerUrls = List.copyOf(peerUrls);
    }

    /** Without a hint. */
    public Hello(int version, long clusterId, long from, String name, long to) {
      this(version, clusterId, from, name, to, List.of());
    }

    /**
     * Why the end that says {@code this} must not talk to the one that said {@code other}; empty if
     * it may.
     */
    public Optional<String> mismatch(Hello other) {
      if (other.version != version) {
        return Optional.of(
            "protocol version mismatch: this member speaks "
                + version
                + ", the peer speaks "
                + other.version);
      }
      if (other.clusterId != clusterId) {
        return Optional.of(
            "cluster id mismatch: this member is in "
                + Long.toHexString(clusterId)
                + ", the peer is in "
                + Long.toHexString(other.clusterId));
      }
      if (other.from == from) {
        return Optional.of(
            "member id clash: this member and the peer are both " + Long.toHexString(from));
      }
      if (other.to != from) {
        return Optional.of(
            "receiver mismatch: this member is "
                + Long.toHexString(from)
                + ", the peer expects "
                + Long.toHexString(other.to));
      }
      if (other.from != to) {
        return Optional.of(
            "receiver mismatch: this member expects "
                + Long.toHexString(to)
                + ", the peer is "
                + Long.toHexString(other.from));
      }
      return Optional.empty();
    }
  }

  /**
   * The last frame of an end that will not go on.
   *
   * @param removedFrom the cluster whose log has removed the other end; 0 if that is not the reason
   */
  record Refusal(String reason, long removedFrom) implements Frame {
    /** For any other reason than removal. */
    public Refusal(String reason) {
      this(reason, 0);
    }

    /** Whether it says that {@code clusterId} has removed who reads this. */
    public boolean removes(long clusterId) {
      return removedFrom != 0 && removedFrom == clusterId;
    }
  }

  /** Raft messages, in order. */
  record Batch(List<Message> messages) implements Frame {
    public Batch {
      messages = List.copyOf(messages);
    }
  }

  /**
   * The head of a snapshot stream: handed to the receiver's raft loop once the content is there.
   */
  record Install(Message.InstallSnapshot message) implements Frame {}

  /**
   * A part of a snapshot's content.
   *
   * @param offset where in the content it belongs
   * @param end whether it is the last
   */
  record Part(long offset, Bytes data, boolean end) implements Frame {}

  /**
   * The receiver of a snapshot has all before {@code nextOffset}.
   *
   * @param durable whether it has all there is, for good
   */
  record Progress(long nextOffset, boolean durable) implements Frame {}
}
