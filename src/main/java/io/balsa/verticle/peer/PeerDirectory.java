package io.balsa.verticle.peer;

import io.balsa.data.MalformedException;
import io.balsa.engine.entry.EntryAnswer;
import io.balsa.engine.entry.EntryRequest;
import io.balsa.wire.proto.DescribeRequest;
import io.balsa.wire.proto.EnrollRequest;
import io.balsa.wire.proto.EnterRequest;
import io.balsa.wire.proto.EnterResponse;
import io.balsa.wire.proto.PeerGrpcClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;

/**
 * Asks others about their cluster, for a member that is yet to be started. Each question is asked
 * once, on a connection of its own; any thread. All fail with a {@link DescribeException}.
 *
 * @param tls what this member shows and trusts; empty for cleartext
 * @param timeoutMillis for all of one question, connecting included
 */
public record PeerDirectory(Vertx vertx, Optional<PeerOptions.Tls> tls, long timeoutMillis) {
  /** Who is in the cluster of the member at {@code peerUrl}. */
  public Future<ClusterDescription> describe(String peerUrl) {
    return UnaryCall.ask(
        vertx,
        tls,
        peerUrl,
        timeoutMillis,
        PeerGrpcClient.Describe,
        DescribeRequest.getDefaultInstance(),
        ClusterDescription::decode);
  }

  /** Whether this process may be the member that it wants to be. */
  public Future<EntryAnswer> enter(String peerUrl, EntryRequest request) {
    return UnaryCall.ask(
        vertx,
        tls,
        peerUrl,
        timeoutMillis,
        PeerGrpcClient.Enter,
        EnterRequest.newBuilder()
            .setClusterId(request.clusterId())
            .setMemberId(request.memberId())
            .setName(request.name())
            .setNonce(request.nonce())
            .build(),
        PeerDirectory::read);
  }

  /**
   * Asks to be added as a learner.
   *
   * @return why not; empty if this member was added
   */
  public Future<Optional<String>> enroll(
      String peerUrl, long clusterId, String name, List<String> peerUrls) {
    return UnaryCall.ask(
        vertx,
        tls,
        peerUrl,
        timeoutMillis,
        PeerGrpcClient.Enroll,
        EnrollRequest.newBuilder()
            .setClusterId(clusterId)
            .setName(name)
            .addAllPeerUrls(peerUrls)
            .build(),
        response -> Optional.of(response.getRefusal()).filter(refusal -> !refusal.isEmpty()));
  }

  private static EntryAnswer read(EnterResponse response) throws MalformedException {
    EntryAnswer.Verdict verdict =
        switch (response.getVerdict()) {
          case LATER -> EntryAnswer.Verdict.LATER;
          case GRANTED -> EntryAnswer.Verdict.GRANTED;
          case REFUSED -> EntryAnswer.Verdict.REFUSED;
          case REMOVED -> EntryAnswer.Verdict.REMOVED;
          case UNRECOGNIZED ->
              throw new MalformedException(
                  "answer to entry: unknown verdict: " + response.getVerdictValue());
        };
    return new EntryAnswer(response.getMemberId(), verdict, response.getReason());
  }
}
