package io.balsa.api.etcd;

import io.balsa.api.Patience;
import io.balsa.api.ProblemException;
import io.balsa.api.etcd.StatusException.Code;
import io.balsa.data.Bytes;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.auth.AuthQuery;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * {@code Maintenance.Snapshot}: a stream of the bytes of a snapshot, and of their SHA-256 at the
 * end. The bytes are Balsa's own, not those of a database of etcd's.
 *
 * <p>One part is in memory at a time: the next one is asked for when the client has taken it.
 */
final class SnapshotCall implements Patience.Arrival {
  static final String METHOD = "/etcdserverpb.Maintenance/Snapshot";

  private static final int REQUEST_BYTES_MAX = 4 << 10;
  private static final int BLOB_BYTES_MAX =
      64 << 10; // Some clients take messages of 256 KiB, no larger.

  private final EtcdLoop loop;
  private final HttpServerRequest request;
  private final Form form;
  private final Patience.Client client;
  private final MessageDigest digest = sha256();
  private final long startNanos = System.nanoTime();
  private int requestBytes;
  private boolean over;

  /** How the messages look on the way. */
  interface Form {
    /** Writes a message; completes when it is on its way. */
    Future<Void> write(Bytes blob, long remainingBytes);

    void end();

    /** Ends with an error, whatever was written. */
    void fail(StatusException status);
  }

  SnapshotCall(EtcdLoop loop, HttpServerRequest request, Form form) {
    this.loop = loop;
    this.request = request;
    this.form = form;
    this.client = loop.patience().of(request.connection());
  }

  /** Reads the request and serves it. */
  void begin() {
    try {
      loop.admission().enterRequest();
    } catch (ProblemException e) {
      form.fail(Errors.of(e));
      return;
    }
    client.begin();
    loop.patience().expect(this);
    request.exceptionHandler(failure -> finish());
    request.response().exceptionHandler(failure -> finish());
    request.response().closeHandler(none -> finish());
    request.handler(
        chunk -> {
          requestBytes += chunk.length();
          if (requestBytes > REQUEST_BYTES_MAX) {
            fail(Errors.tooLarge());
          }
        });
    request.endHandler(
        none -> {
          loop.patience().forget(this);
          askRoot();
        });
  }

  @Override
  public long startNanos() {
    return startNanos;
  }

  @Override
  public void late() {
    if (finish()) {
      request.connection().close();
    }
  }

  private void askRoot() {
    loop.replica()
        .call(
            new Request.AuthLook(new AuthQuery.Admin()),
            loop.options().requestTimeoutMillis(),
            loop.credentials(request))
        .onSuccess(
            reply -> {
              if (reply instanceof Reply.Refused refused) {
                fail(Errors.ofMaintenance(refused));
              } else {
                ask(new Request.BackupOpen());
              }
            });
  }

  private void ask(Request asked) {
    if (!over) {
      loop.replica().call(asked, loop.options().requestTimeoutMillis()).onSuccess(this::take);
    }
  }

  private void take(Reply reply) {
    if (reply instanceof Reply.Refused refused) {
      fail(Errors.of(refused));
      return;
    }
    Reply.BackupPart part = (Reply.BackupPart) reply;
    if (over) {
      giveUp(part);
      return;
    }
    int bytes = part.data().length();
    try {
      loop.admission().holdSlow(bytes);
    } catch (ProblemException e) {
      giveUp(part);
      fail(Errors.of(e));
      return;
    }
    write(part)
        .onComplete(
            written -> {
              loop.admission().settleSlow(bytes);
              loop.admission().release(bytes);
              if (over || written.failed()) {
                giveUp(part);
                finish();
              } else if (part.last()) {
                form.write(Bytes.wrap(digest.digest()), 0);
                if (finish()) {
                  form.end();
                }
              } else {
                ask(new Request.BackupNext(part.backup()));
              }
            });
  }

  private Future<Void> write(Reply.BackupPart part) {
    Bytes bytes = part.data();
    digest.update(bytes.unsafeBuffer());
    Future<Void> written = Future.succeededFuture();
    for (int from = 0; from < bytes.length(); from += BLOB_BYTES_MAX) {
      int length = Math.min(BLOB_BYTES_MAX, bytes.length() - from);
      long rest = bytes.length() - from - length;
      written = form.write(bytes.slice(from, length), part.remainingBytes() + rest);
    }
    return written;
  }

  private void giveUp(Reply.BackupPart part) {
    if (!part.last()) {
      loop.replica()
          .call(new Request.BackupClose(part.backup()), loop.options().requestTimeoutMillis());
    }
  }

  private void fail(StatusException status) {
    if (finish()) {
      form.fail(status);
    }
  }

  /** Returns what was taken, once; whether it was not over before. */
  private boolean finish() {
    if (over) {
      return false;
    }
    over = true;
    client.end();
    loop.patience().forget(this);
    loop.admission().leaveRequest();
    return true;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** As gRPC. */
  record Grpc(EtcdLoop loop, HttpServerRequest request) implements Form {
    private static final int PREFIX_BYTES = 5;

    @Override
    public Future<Void> write(Bytes blob, long remainingBytes) {
      HttpServerResponse response = request.response();
      if (!response.headWritten()) {
        response.putHeader(HttpHeaders.CONTENT_TYPE, GrpcCall.CONTENT_TYPE);
      }
      byte[] message =
          new BackwardWriter(blob.length() + 64).bytes(3, blob).number(2, remainingBytes).toArray();
      return response.write(
          Buffer.buffer(PREFIX_BYTES + message.length)
              .appendByte((byte) 0)
              .appendInt(message.length)
              .appendBytes(message));
    }

    @Override
    public void end() {
      loop.metrics().serverStream(METHOD, Code.OK);
      request.response().putTrailer(GrpcCall.STATUS, "0").end();
    }

    @Override
    public void fail(StatusException status) {
      loop.metrics().serverStream(METHOD, status.code());
      HttpServerResponse response = request.response();
      if (response.headWritten()) {
        response
            .putTrailer(GrpcCall.STATUS, Integer.toString(status.code().number()))
            .putTrailer(GrpcCall.MESSAGE, GrpcCall.escape(status.getMessage()))
            .end();
      } else {
        GrpcCall.refuse(response, status);
      }
    }
  }

  /** As JSON: an object in a line for each message. */
  record Json(HttpServerRequest request) implements Form {
    @Override
    public Future<Void> write(Bytes blob, long remainingBytes) {
      JsonObject result = new JsonObject();
      if (remainingBytes != 0) {
        result.put("remaining_bytes", Long.toString(remainingBytes));
      }
      result.put("blob", Base64.getEncoder().encodeToString(blob.toArray()));
      return line(new JsonObject().put("result", result));
    }

    private Future<Void> line(JsonObject object) {
      HttpServerResponse response = request.response();
      if (!response.headWritten()) {
        response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json").setChunked(true);
      }
      return response.write(object.encode() + "\n");
    }

    @Override
    public void end() {
      request.response().end();
    }

    @Override
    public void fail(StatusException status) {
      int httpStatus = JsonCall.httpStatus(status.code());
      if (!request.response().headWritten()) {
        request.response().setStatusCode(httpStatus);
      }
      line(
          new JsonObject()
              .put(
                  "error",
                  new JsonObject()
                      .put("grpc_code", status.code().number())
                      .put("http_code", httpStatus)
                      .put("message", status.getMessage())));
      request.response().end();
    }
  }
}
