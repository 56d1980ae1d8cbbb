package io.balsa.verticle.peer;

import io.balsa.data.MalformedException;
import io.balsa.verticle.peer.DescribeException.Kind;
import io.balsa.wire.proto.DescribeRequest;
import io.balsa.wire.proto.DescribeResponse;
import io.balsa.wire.proto.PeerGrpcClient;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClosedException;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcStatus;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;

/** Asks a running member about its cluster, for a member that is yet to be started. */
public final class PeerDirectory {
  private final Vertx vertx;
  private final String peerUrl;
  private final Promise<ClusterDescription> answer = Promise.promise();

  private PeerDirectory(Vertx vertx, String peerUrl) {
    this.vertx = vertx;
    this.peerUrl = peerUrl;
  }

  /**
   * Asks once, on a connection of its own that is closed when the result is there. Any thread.
   *
   * @param tls what this member shows and trusts; empty for cleartext
   * @param peerUrl of the member to ask, {@code http} or {@code https}
   * @param timeoutMillis for all of it, connecting included
   * @return fails with a {@link DescribeException}
   */
  public static Future<ClusterDescription> describe(
      Vertx vertx, Optional<PeerOptions.Tls> tls, String peerUrl, long timeoutMillis) {
    PeerDirectory asked = new PeerDirectory(vertx, peerUrl);
    Dialer dialer = new Dialer(vertx, tls, timeoutMillis);
    vertx.runOnContext(none -> asked.ask(dialer, timeoutMillis));
    return asked.answer.future().eventually(dialer::close);
  }

  private void ask(Dialer dialer, long timeoutMillis) {
    long timer =
        vertx.setTimer(
            timeoutMillis, id -> fail(Kind.NO_ANSWER, "no answer within " + timeoutMillis + " ms"));
    answer.future().onComplete(done -> vertx.cancelTimer(timer));
    dialer.dial(peerUrl).onFailure(this::failed).onSuccess(this::request);
  }

  private void request(HttpClientConnection connection) {
    connection.closeHandler(none -> fail(Kind.NO_ANSWER, "connection closed"));
    connection.exceptionHandler(this::failed);
    GrpcClient.client(vertx, connection)
        .request(PeerGrpcClient.Describe)
        .compose(
            request -> {
              request.exceptionHandler(this::failed);
              return request.send(DescribeRequest.getDefaultInstance());
            })
        .onFailure(this::failed)
        .onSuccess(this::read);
  }

  private void read(GrpcClientResponse<DescribeRequest, DescribeResponse> response) {
    response.exceptionHandler(this::failed);
    response.errorHandler(error -> fail(Kind.NOT_A_PEER, "not a balsa peer: " + error));
    response.handler(this::described);
    response.endHandler(none -> ended(response));
  }

  private void described(DescribeResponse response) {
    try {
      answer.tryComplete(ClusterDescription.decode(response));
    } catch (MalformedException e) {
      fail(Kind.NOT_A_PEER, "not a balsa peer: " + e.getMessage());
    }
  }

  private void ended(GrpcClientResponse<DescribeRequest, DescribeResponse> response) {
    String says = response.statusMessage() == null ? "" : ": " + response.statusMessage();
    if (response.status() == GrpcStatus.UNAVAILABLE) {
      fail(Kind.NOT_STARTED, "unavailable" + says);
    } else {
      fail(Kind.NOT_A_PEER, "not a balsa peer: answered " + response.status() + says);
    }
  }

  private void failed(Throwable failure) {
    boolean gone =
        failure instanceof SocketException
            || failure instanceof UnknownHostException
            || failure instanceof ConnectTimeoutException
            || failure instanceof ClosedChannelException
            || failure instanceof HttpClosedException;
    if (gone) {
      fail(Kind.NO_ANSWER, "cannot be reached: " + OutboundStream.text(failure));
    } else {
      fail(Kind.NOT_A_PEER, "not a balsa peer: " + OutboundStream.text(failure));
    }
  }

  /** Only the first outcome counts. */
  private void fail(Kind kind, String text) {
    answer.tryFail(new DescribeException(kind, "peer " + peerUrl + ": " + text));
  }
}
