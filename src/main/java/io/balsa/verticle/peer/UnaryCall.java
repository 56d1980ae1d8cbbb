package io.balsa.verticle.peer;

import io.balsa.data.MalformedException;
import io.balsa.verticle.peer.DescribeException.Kind;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClosedException;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;

/** One question to a peer and its answer, on a connection of its own that is closed after it. */
final class UnaryCall<Q, R, T> {
  /** Reads an answer as what the caller wants of it. */
  interface Reader<R, T> {
    T read(R response) throws MalformedException;
  }

  private final Vertx vertx;
  private final String peerUrl;
  private final ServiceMethod<R, Q> method;
  private final Q question;
  private final Reader<R, T> reader;
  private final Promise<T> answer = Promise.promise();

  private UnaryCall(
      Vertx vertx, String peerUrl, ServiceMethod<R, Q> method, Q question, Reader<R, T> reader) {
    this.vertx = vertx;
    this.peerUrl = peerUrl;
    this.method = method;
    this.question = question;
    this.reader = reader;
  }

  /**
   * Asks once. Any thread.
   *
   * @param tls what this member shows and trusts; empty for cleartext
   * @param peerUrl of the member to ask, {@code http} or {@code https}
   * @param timeoutMillis for all of it, connecting included
   * @return fails with a {@link DescribeException}
   */
  static <Q, R, T> Future<T> ask(
      Vertx vertx,
      Optional<PeerOptions.Tls> tls,
      String peerUrl,
      long timeoutMillis,
      ServiceMethod<R, Q> method,
      Q question,
      Reader<R, T> reader) {
    UnaryCall<Q, R, T> call = new UnaryCall<>(vertx, peerUrl, method, question, reader);
    Dialer dialer = new Dialer(vertx, tls, timeoutMillis);
    vertx.runOnContext(none -> call.ask(dialer, timeoutMillis));
    return call.answer.future().eventually(dialer::close);
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
        .request(method)
        .compose(
            request -> {
              request.exceptionHandler(this::failed);
              return request.send(question);
            })
        .onFailure(this::failed)
        .onSuccess(this::read);
  }

  private void read(GrpcClientResponse<Q, R> response) {
    response.exceptionHandler(this::failed);
    response.errorHandler(error -> fail(Kind.NOT_A_PEER, "not a balsa peer: " + error));
    response.handler(this::answered);
    response.endHandler(none -> ended(response));
  }

  private void answered(R response) {
    try {
      answer.tryComplete(reader.read(response));
    } catch (MalformedException e) {
      fail(Kind.NOT_A_PEER, "not a balsa peer: " + e.getMessage());
    }
  }

  private void ended(GrpcClientResponse<Q, R> response) {
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
