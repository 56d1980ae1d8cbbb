package io.balsa.api.http;

import io.balsa.api.Admission;
import io.balsa.api.Patience;
import io.balsa.api.Problem;
import io.balsa.api.ProblemException;
import io.balsa.data.Bytes;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.auth.Credentials;
import io.balsa.mvcc.command.Once;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its one answer. Whatever happens on the way, the client gets an answer or a
 * closed connection, what was taken from {@link Admission} is returned, and the request is counted.
 *
 * <p>A resource reads the query first, then the body, then calls the replica, then replies. All
 * steps may throw {@link ProblemException}.
 */
final class Exchange implements Patience.Arrival {
  static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
  private static final CharSequence RETRY_AFTER = HttpHeaders.createOptimized("Retry-After");
  private static final CharSequence RETRY_AFTER_SECONDS = HttpHeaders.createOptimized("1");
  private static final int REQUEST_TIMEOUT = 408;
  private static final int INTERNAL_ERROR = 500;
  private static final int SHORT_BODY_BYTES = 4 << 10;
  private static final int LONG_ANSWER_BYTES = 16 << 10;
  private static final long HTTP2_CANCEL = 8; // RFC 9113 §7.

  private final EventLoopState loop;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Route route;
  private final String rawQuery;
  private final String pathId;
  private final long startNanos = System.nanoTime();
  private Once once; // Null: the client does not name what it writes.
  private final Patience.Client client;
  private boolean admitted;
  private long bodyBytes; // Held of the admission.
  private long slowBytes; // Of those, while the body is on its way.
  private boolean invited; // To send the body, by 100 (Continue).
  private boolean called;
  private boolean done;

  /**
   * An exchange that has just begun.
   *
   * @param rawQuery as sent, null for none
   * @param pathId the id in the path, null where the route has none
   */
  Exchange(
      EventLoopState loop, HttpServerRequest request, Route route, String rawQuery, String pathId) {
    this.loop = loop;
    this.request = request;
    this.response = request.response();
    this.route = route;
    this.rawQuery = rawQuery;
    this.pathId = pathId;
    this.client = loop.patience().of(request.connection());
    client.begin();
  }

  /** The lease or member that the path names. */
  String pathId() {
    return pathId;
  }

  HttpMethod method() {
    return request.method();
  }

  HttpServerRequest request() {
    return request;
  }

  HttpServerResponse response() {
    return response;
  }

  /** Runs a step of the handling; a failure becomes the answer. */
  void run(Runnable step) {
    try {
      step.run();
    } catch (ProblemException e) {
      refuse(e.problem());
    } catch (RuntimeException e) {
      // The message may hold a user's key or value: only where it happened is logged.
      LOG.error("request failed method={} route={}", method(), route.template(), withoutMessage(e));
      refuse(called ? Problem.internalAfterCall() : Problem.internal());
    }
  }

  /**
   * Begins to serve the request.
   *
   * @throws ProblemException if the event loop has enough to do, or there is an idempotency key
   *     where it would have no effect
   */
  void begin() {
    if (route.isAdmitted()) {
      loop.admission().enterRequest();
      admitted = true;
    }
    once = IdempotencyKey.of(request.headers());
    if (once != null && !route.writesKeys(method())) {
      throw IdempotencyKey.misplaced(once);
    }
  }

  /** What must not be applied twice, null where the client does not say so. */
  Once once() {
    return once;
  }

  /** What refuses the method of this request. */
  ProblemException notAllowed(String allowed) {
    response.putHeader(HttpHeaders.ALLOW, allowed);
    return new ProblemException(Problem.methodNotAllowed(method().name(), allowed));
  }

  /** The query, of which nothing but {@code known} parameters may be there. */
  Query query(List<String> known) {
    return Query.parse(rawQuery, known);
  }

  /**
   * Reads the body, holding at most {@code bytesMax} of it.
   *
   * @param what says in a refusal what the body is
   */
  void body(int bytesMax, String what, Consumer<Bytes> then) {
    String declared = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    long length =
        declared == null ? 0 : Query.number("Content-Length", declared, 0, Long.MAX_VALUE);
    if (length > bytesMax) {
      throw tooLarge(what, bytesMax);
    }
    if (isInvitationAwaited()) {
      takeSlowly(length); // An invited body must not be refused.
      invited = true;
      response.writeContinue();
    }
    loop.patience().expect(this);
    Body body = new Body(bytesMax, what, declared == null ? -1 : length, then);
    request.handler(body::add);
    request.exceptionHandler(failure -> settle(499)); // The client went away: nobody to answer.
    request.endHandler(none -> body.end());
  }

  /** Who asks: the token, if there is one, is all of {@code Authorization}. */
  Credentials credentials() {
    return loop.options().credentials(request.getHeader(HttpHeaders.AUTHORIZATION));
  }

  /** Asks the replica; a refusal becomes the answer, a reply goes to {@code then}. */
  <T extends Reply> void call(Request asked, long timeoutMillis, Class<T> kind, Consumer<T> then) {
    called = true;
    loop.replica()
        .call(asked, timeoutMillis, credentials())
        .onSuccess(
            reply ->
                run(
                    () -> {
                      if (reply instanceof Reply.Refused refused) {
                        refuse(Problem.of(refused));
                      } else {
                        then.accept(kind.cast(reply));
                      }
                    }));
  }

  /** Asks the replica for a write, to be applied once if the client gave it a key. */
  void write(Op op, long timeoutMillis, Consumer<Reply.Written> then) {
    call(new Request.Write(op, once), timeoutMillis, Reply.Written.class, then);
  }

  /**
   * The result of a write as the kind that this request has.
   *
   * @throws ProblemException if another kind of request had the same idempotency key before
   */
  <R extends OpResult> R result(Class<R> kind, OpResult result) {
    if (once != null && !kind.isInstance(result)) {
      throw IdempotencyKey.reused(once);
    }
    return kind.cast(result);
  }

  /** Whether the client is still there and has no answer yet. */
  boolean isOpen() {
    return !done && !response.closed() && !response.ended();
  }

  /** Answers with a body that is short, or at least bounded. */
  void reply(int status, CharSequence contentType, Buffer body) {
    if (settle(status)) {
      head(status, contentType, body);
      end(method() == HttpMethod.HEAD ? null : body);
    }
  }

  /**
   * Answers a read with a body as long as a value may be, which counts as held until the socket has
   * taken it. Refused where there is no room: so not for a write, which is done already.
   */
  void replyHeld(int status, CharSequence contentType, Buffer body) {
    int length = body.length();
    if (length < LONG_ANSWER_BYTES || method() == HttpMethod.HEAD || !isOpen()) {
      reply(status, contentType, body);
      return;
    }
    loop.admission().holdSlow(length);
    if (!settle(status)) {
      releaseSlow(length);
      return;
    }
    head(status, contentType, body);
    // Not ended before it is taken: a client that sends one request after the other and reads no
    // answer would fill the memory with them.
    response
        .write(body)
        .onComplete(
            written -> {
              releaseSlow(length);
              if (written.succeeded()) {
                response.end();
              }
            });
  }

  private void head(int status, CharSequence contentType, Buffer body) {
    response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, contentType)
        .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
  }

  void reply(int status, JsonWriter json) {
    reply(status, JSON, json.take());
  }

  /** An answer without a body. */
  void reply(int status) {
    if (settle(status)) {
      response.setStatusCode(status);
      end(null);
    }
  }

  /** Ends with a short answer; the next request of the connection is served after that only. */
  private void end(Buffer body) {
    if (response.writeQueueFull()) {
      response.drainHandler(none -> endNow(body));
    } else {
      endNow(body);
    }
  }

  private void endNow(Buffer body) {
    if (body == null) {
      response.end();
    } else {
      response.end(body);
    }
  }

  void refuse(Problem problem) {
    if (response.headWritten()) {
      settle(INTERNAL_ERROR);
      abort(); // The client must not take a part for the whole.
      return;
    }
    if (!request.isEnded()) {
      discardBody();
    }
    if (isOpen() && (problem.status() == 429 || problem.status() == 503)) {
      response.putHeader(RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    reply(problem.status(), ProblemJson.CONTENT_TYPE, ProblemJson.of(problem));
  }

  /** Ends the exchange in the middle, so that the client sees that it is not complete. */
  void abort() {
    if (request.version() == HttpVersion.HTTP_2) {
      response.reset(HTTP2_CANCEL);
    } else {
      request.connection().close();
    }
  }

  /**
   * Counts the request and returns what it had taken, once.
   *
   * @return whether there is still somebody to answer
   */
  boolean settle(int status) {
    if (done) {
      return false;
    }
    done = true;
    client.end();
    loop.patience().forget(this);
    bodyComplete();
    loop.admission().release(bodyBytes);
    if (admitted) {
      loop.admission().leaveRequest();
    }
    loop.metrics().record(route, method(), status, System.nanoTime() - startNanos);
    return !response.closed() && !response.ended();
  }

  /** Whose request it is. */
  Patience.Client client() {
    return client;
  }

  @Override
  public long startNanos() {
    return startNanos;
  }

  @Override
  public void late() {
    if (request.version() == HttpVersion.HTTP_2) {
      settle(REQUEST_TIMEOUT);
      abort();
      return;
    }
    response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    response.endHandler(none -> request.connection().close());
    refuse(
        Problem.tooSlow("body: not complete within " + loop.options().idleTimeoutMillis() + " ms"));
  }

  private void take(long bytes) {
    loop.admission().hold(bytes);
    bodyBytes += bytes;
  }

  private void takeSlowly(long bytes) {
    loop.admission().holdSlow(bytes);
    bodyBytes += bytes;
    slowBytes += bytes;
  }

  private void bodyComplete() {
    loop.admission().settleSlow(slowBytes);
    slowBytes = 0;
  }

  private void releaseSlow(long bytes) {
    loop.admission().settleSlow(bytes);
    loop.admission().release(bytes);
  }

  /**
   * Lets the rest of a refused body pass, so that a client that sends before it reads gets to see
   * the answer: closing at once would reset the connection under it. Not for ever, though.
   */
  private void discardBody() {
    if (isInvitationAwaited() && request.version() != HttpVersion.HTTP_2) {
      // The client may send the body or not: what follows cannot be told apart (RFC 9110 §10.1.1).
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      response.endHandler(none -> request.connection().close());
      return;
    }
    long bytesMax = 4L * loop.options().maxRequestBytes();
    long[] discarded = {0};
    request.handler(
        chunk -> {
          discarded[0] += chunk.length();
          if (discarded[0] > bytesMax) {
            request.handler(null);
            abort();
          }
        });
    request.endHandler(null);
  }

  private boolean isInvitationAwaited() {
    String expect = request.getHeader(HttpHeaders.EXPECT);
    return !invited && expect != null && expect.equalsIgnoreCase("100-continue");
  }

  private ProblemException tooLarge(String what, int bytesMax) {
    return new ProblemException(
        Problem.tooLarge("body: " + what + " may have at most " + bytesMax + " bytes"));
  }

  private static RuntimeException withoutMessage(RuntimeException e) {
    RuntimeException bare = new RuntimeException(e.getClass().getName());
    bare.setStackTrace(e.getStackTrace());
    return bare;
  }

  /** Collects the body; one chunk, the usual case, is not copied twice. */
  private final class Body {
    private final int bytesMax;
    private final String what;
    private final long declared; // -1: not.
    private final Consumer<Bytes> then;
    private Buffer chunks;
    private boolean several;

    Body(int bytesMax, String what, long declared, Consumer<Bytes> then) {
      this.bytesMax = bytesMax;
      this.what = what;
      this.declared = declared;
      this.then = then;
    }

    void add(Buffer chunk) {
      run(
          () -> {
            int size = chunk.length() + (chunks == null ? 0 : chunks.length());
            if (size > bytesMax) {
              chunks = null;
              throw tooLarge(what, bytesMax);
            }
            if (!invited && (size == declared || size <= SHORT_BODY_BYTES)) {
              take(chunk.length()); // The last of it, or little: the network may cut that too.
            } else if (!invited || declared < 0) {
              takeSlowly(chunk.length());
            }
            if (chunks == null) {
              chunks = chunk;
            } else if (several) {
              chunks.appendBuffer(chunk);
            } else {
              chunks = Buffer.buffer(size * 2).appendBuffer(chunks).appendBuffer(chunk);
              several = true;
            }
          });
    }

    void end() {
      run(
          () -> {
            loop.patience().forget(Exchange.this);
            bodyComplete();
            if (chunks == null && declared < 0 && !isChunked()) {
              throw ProblemException.invalid("body: missing, expected " + what);
            }
            then.accept(chunks == null ? Bytes.EMPTY : Bytes.wrap(chunks.getBytes()));
          });
    }

    private boolean isChunked() {
      return request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }
  }
}
