package io.balsa.verticle.peer;

import io.balsa.data.Checks;
import io.balsa.wire.Frame;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * What the peer transport of one member must know.
 *
 * @param memberId this member
 * @param name its name, for people
 * @param host where to listen
 * @param port where to listen; 0 picks a free one
 * @param peerUrls by which the others reach this member, told to each; may be empty
 * @param tls empty for cleartext
 * @param queueBytesMax messages that wait for one member, beyond which they are dropped
 * @param batchBytesMax up to which messages are put into one frame; a larger message has its own
 * @param messageBytesMax the largest message that is sent or taken, the same in all members. One
 *     append holds a single entry of any size, or entries whose {@code encodedBytes} add up to at
 *     most raft's {@code maxMessageBytes}; the sum of that and of the largest entry is therefore
 *     enough. A message beyond is dropped, and as raft would send it again and again, a limit that
 *     is too low holds up the log of the others for good
 * @param chunkBytes the size of a part of a snapshot
 * @param heartbeatMillis at most once in this time a member is reported unreachable
 * @param stallMillis after this long without an answer to a ping, a handshake or a part of a
 *     snapshot a stream is given up
 * @param reconnectMinMillis the wait before the first new attempt to reach a member; doubled for
 *     each that fails
 * @param reconnectMaxMillis the longest wait, and the wait after a refusal
 * @param random for the jitter of these waits; used by one thread
 */
public record PeerOptions(
    long memberId,
    String name,
    long clusterId,
    String host,
    int port,
    List<String> peerUrls,
    Optional<Tls> tls,
    long queueBytesMax,
    int batchBytesMax,
    int messageBytesMax,
    int chunkBytes,
    long heartbeatMillis,
    long stallMillis,
    long reconnectMinMillis,
    long reconnectMaxMillis,
    RandomGenerator random) {
  private static final int MEBIBYTE = 1024 * 1024;

  public PeerOptions {
    peerUrls = List.copyOf(peerUrls);
    Checks.argument(
        peerUrls.size() <= Frame.Hello.URLS_MAX,
        "peer: a member has at most %d URLs: %d",
        Frame.Hello.URLS_MAX,
        peerUrls.size());
    Checks.argument(
        reconnectMinMillis > 0 && reconnectMinMillis <= reconnectMaxMillis,
        "peer: reconnect waits must be positive and ascend: %d, %d",
        reconnectMinMillis,
        reconnectMaxMillis);
    Checks.argument(
        batchBytesMax <= messageBytesMax && chunkBytes <= messageBytesMax,
        "peer: batches and chunks must fit into a message: %d and %d > %d bytes",
        batchBytesMax,
        chunkBytes,
        messageBytesMax);
    Checks.argument(
        messageBytesMax <= queueBytesMax,
        "peer: a message must fit into the queue: %d > %d bytes",
        messageBytesMax,
        queueBytesMax);
    Checks.argument(
        heartbeatMillis > 0 && stallMillis > 0,
        "peer: times must be positive: heartbeat %d ms, stall %d ms",
        heartbeatMillis,
        stallMillis);
  }

  /** Cleartext, with the limits of the service. */
  public static PeerOptions of(
      long memberId,
      String name,
      long clusterId,
      String host,
      int port,
      int messageBytesMax,
      RandomGenerator random) {
    return new PeerOptions(
        memberId,
        name,
        clusterId,
        host,
        port,
        List.of(),
        Optional.empty(),
        Math.max(64L * MEBIBYTE, 4L * messageBytesMax),
        Math.min(MEBIBYTE / 8, messageBytesMax),
        messageBytesMax,
        Math.min(MEBIBYTE / 8, messageBytesMax),
        100,
        5_000,
        20,
        1_000,
        random);
  }

  /** The same under TLS. */
  public PeerOptions withTls(Tls own) {
    return with(peerUrls, Optional.of(own));
  }

  /** The same with a word to the others where this member is to be found. */
  public PeerOptions withPeerUrls(List<String> own) {
    return with(own, tls);
  }

  private PeerOptions with(List<String> ownUrls, Optional<Tls> ownTls) {
    return new PeerOptions(
        memberId,
        name,
        clusterId,
        host,
        port,
        ownUrls,
        ownTls,
        queueBytesMax,
        batchBytesMax,
        messageBytesMax,
        chunkBytes,
        heartbeatMillis,
        stallMillis,
        reconnectMinMillis,
        reconnectMaxMillis,
        random);
  }

  /**
   * How members prove themselves to each other.
   *
   * @param key shown as server and as client
   * @param trust what the other end is checked against
   * @param clientAuth whether a member that connects must show a certificate
   */
  public record Tls(KeyCertOptions key, TrustOptions trust, boolean clientAuth) {}
}
