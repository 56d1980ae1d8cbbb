package io.balsa.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.api.Patience;
import io.balsa.api.etcd.StatusException.Code;
import io.balsa.engine.request.Answers;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.auth.Credentials;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.function.Consumer;

/**
 * One streaming call, by whichever way it came: messages in both directions until one side ends it.
 *
 * <p>Memory is bounded in both directions. What is sent waits for the socket up to {@link
 * #OUT_BYTES_MAX}, of which more than {@link #OUT_BYTES_MIN} only as {@link OpenStreams} has room
 * for all its calls; while it does, no message of the client is taken, so a client that does not
 * read is not heard either. What the client sent and is not taken yet counts as held by {@link
 * io.balsa.api.Admission}, where the call has the place of a watch for as long as it lasts.
 */
abstract class StreamCall implements Patience.Arrival {
  private static final int OUT_BYTES_MAX = 64 << 10;
  // What may wait in any case, and what may be sent where nothing waits.
  private static final int OUT_BYTES_MIN = 8 << 10;
  private static final int FIRST_BYTES_MAX = 32 << 10;

  final EtcdLoop loop;
  final HttpServerRequest request;
  final HttpServerResponse response;
  private final OpenStreams streams;
  private final Patience.Client client;
  private StreamMethod.Session session;
  private Buffer out = Buffer.buffer();
  private long waitingBytes; // Given to the socket, which has not taken them yet.
  private long tookNanos; // When it last took what it was given, or was given something anew.
  private long heldBytes; // As the admission knows: the client sent them, they are not taken yet.
  private boolean arriving; // A message has begun and is not complete.
  private long arrivalNanos; // When it began.
  private boolean placed;
  private boolean scheduled;
  private boolean taking;
  private boolean clientEnded;
  private boolean clientDone;
  private boolean over;

  StreamCall(EtcdLoop loop, OpenStreams streams, HttpServerRequest request) {
    this.loop = loop;
    this.streams = streams;
    this.request = request;
    this.response = request.response();
    this.client = loop.patience().of(request.connection());
  }

  // ---- What the ways differ in

  /** Takes bytes of the client. */
  abstract void feed(Buffer chunk);

  /** The client's next message; null if it is not there as a whole. */
  abstract byte[] poll();

  /** How many bytes were fed that are not polled yet. */
  abstract int unread();

  /** Puts a message into its frame. */
  abstract void append(Buffer out, BackwardWriter message);

  /** What stands before the first message; called once, if there is one. */
  abstract void head();

  /**
   * Ends the response.
   *
   * @param rest what is sent before the end
   * @param status null for a call that went well
   */
  abstract Future<Void> end(Buffer rest, StatusException status);

  /** The value of what gRPC calls metadata; null for none. */
  abstract String metadata(String name);

  /** Ends the stream or connection without an answer. */
  abstract void abort();

  // ---- What a method may do

  /** Whether a message of no great length that is sent now need not wait long. */
  final boolean hasRoom() {
    return hasRoomFor(0);
  }

  /**
   * Whether a message of about that length may be sent now. If not, {@link
   * StreamMethod.Session#write} is called when it may be.
   */
  final boolean hasRoomFor(long bytes) {
    long own = out.length() + waitingBytes;
    return !over
        && own < OUT_BYTES_MAX
        && (own + bytes <= (own == 0 ? FIRST_BYTES_MAX : OUT_BYTES_MIN)
            || streams.hasRoomFor(this, own, bytes));
  }

  /** Sends a message; without effect if the call is over. */
  final void send(BackwardWriter message) {
    if (!over) {
      int before = out.length();
      append(out, message);
      streams.fill(out.length() - before);
      wake();
    }
  }

  /** Lets {@link StreamMethod.Session#write} be called at the end of this turn. */
  final void wake() {
    if (!scheduled && !over) {
      scheduled = true;
      loop.vertx()
          .runOnContext(
              none -> {
                scheduled = false;
                run(this::proceed);
              });
    }
  }

  /** Ends the call well. */
  final void finish() {
    end(null);
  }

  /** Ends the call with an error. */
  final void fail(StatusException status) {
    end(status);
  }

  /** Who calls. */
  final Credentials credentials() {
    return loop.credentials(request);
  }

  /** What came with the newest reply of the replica. */
  final Answers.Header header() {
    return loop.replica().header();
  }

  /** Asks the replica; the answer is dropped if the call is over by then. */
  final void ask(Request asked, Consumer<Reply> then) {
    loop.replica()
        .call(asked, loop.options().requestTimeoutMillis(), credentials())
        .onSuccess(
            reply ->
                run(
                    () -> {
                      if (!over) {
                        then.accept(reply);
                      }
                    }));
  }

  /** Runs a step; a failure ends the call. */
  final void run(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      fail(Errors.of(e, request.path()));
    }
  }

  /** Whether the client wants to be told when there is no leader. */
  final boolean needsLeader() {
    return "true".equals(metadata("hasleader"));
  }

  /** Whether this member can see for itself that the client is there. */
  final boolean canPing() {
    return request.version() == HttpVersion.HTTP_2;
  }

  final HttpConnection connection() {
    return request.connection();
  }

  // ---- From the first byte to the last

  /** Serves the call. */
  final void begin(StreamMethod method) {
    client.begin();
    run(
        () -> {
          response.closeHandler(none -> gone());
          response.exceptionHandler(failure -> gone());
          request.exceptionHandler(failure -> gone());
          request.handler(chunk -> run(() -> add(chunk)));
          request.endHandler(none -> run(this::clientEnded));
          loop.admission().enterWatch();
          placed = true;
          streams.enter(this);
          request.pause();
          // Tells who leads, and brings the header that the first answers need.
          ask(new Request.MemberList(), reply -> open(method, reply));
        });
  }

  private void open(StreamMethod method, Reply reply) {
    if (reply instanceof Reply.Refused refused) {
      throw Errors.of(refused);
    }
    if (needsLeader() && ((Reply.Members) reply).leader() == 0) {
      throw Errors.noLeader();
    }
    session = method.open(this);
    takeMessages();
  }

  private void add(Buffer chunk) {
    if (!over) {
      loop.admission().holdSlow(chunk.length());
      heldBytes += chunk.length();
      feed(chunk);
      takeMessages();
    }
  }

  private void clientEnded() {
    clientEnded = true;
    takeMessages();
  }

  private void takeMessages() {
    if (over || taking || session == null) {
      return;
    }
    taking = true;
    try {
      takeWhole();
    } finally {
      taking = false;
    }
  }

  private void takeWhole() {
    boolean whole = false;
    boolean blocked = isBlocked();
    byte[] message = blocked ? null : poll();
    while (message != null) {
      whole = true;
      take(message);
      if (over) {
        return;
      }
      blocked = isBlocked();
      message = blocked ? null : poll();
    }
    settleHeld(unread());
    if (blocked || whole || heldBytes == 0) {
      arriving = false;
      loop.patience().forget(this);
    }
    if (blocked) {
      request.pause();
    } else if (clientEnded) {
      clientDone();
    } else {
      awaitRest();
      request.resume();
    }
  }

  private void clientDone() {
    if (heldBytes > 0) {
      throw new StatusException(Code.UNKNOWN, "unexpected EOF");
    }
    if (!clientDone) {
      clientDone = true;
      session.clientDone();
    }
  }

  /** A message that was begun must be complete in time, however many bytes of it come meanwhile. */
  private void awaitRest() {
    if (heldBytes > 0 && !arriving) {
      arriving = true;
      arrivalNanos = System.nanoTime();
      loop.patience().expect(this);
    }
  }

  private boolean isBlocked() {
    return !hasRoom() || session.isBusy();
  }

  private void take(byte[] message) {
    try {
      session.take(message);
    } catch (InvalidProtocolBufferException e) {
      throw new StatusException(
          Code.INTERNAL, "grpc: error unmarshalling request: " + e.getMessage());
    }
  }

  private void settleHeld(long left) {
    loop.admission().settleSlow(heldBytes - left);
    loop.admission().release(heldBytes - left);
    heldBytes = left;
  }

  private void proceed() {
    if (over || session == null) {
      return;
    }
    session.write();
    if (out.length() > 0 && !over) {
      head();
      Buffer part = out;
      out = Buffer.buffer();
      if (waitingBytes == 0) {
        tookNanos = System.nanoTime();
      }
      waitingBytes += part.length();
      response.write(part).onSuccess(none -> taken(part.length()));
    }
    takeMessages();
  }

  private void taken(int bytes) {
    if (!over) {
      tookNanos = System.nanoTime();
      waitingBytes -= bytes;
      streams.drain(bytes);
      run(this::proceed);
    }
  }

  /** Whether the client has taken all that was sent. */
  final boolean isDrained() {
    return out.length() + waitingBytes == 0;
  }

  /** For how long the client has taken nothing of what waits for it. */
  final long stuckNanos() {
    return waitingBytes == 0 ? 0 : System.nanoTime() - tookNanos;
  }

  /** Ends the call of a client that takes nothing, not even its end. */
  final void cutOff() {
    gone();
    abort();
  }

  private void end(StatusException status) {
    if (over) {
      return;
    }
    Buffer rest = out;
    gone();
    if (response.closed() || response.ended()) {
      return;
    }
    // A client that does not even take the end must not hold its connection for ever.
    long timer = loop.vertx().setTimer(loop.options().idleTimeoutMillis(), none -> abort());
    end(rest, status).onComplete(ended -> loop.vertx().cancelTimer(timer));
    if (!clientEnded) {
      request.handler(null).resume();
    }
  }

  /** Returns what was taken, once. */
  private void gone() {
    if (over) {
      return;
    }
    over = true;
    streams.drain(out.length() + waitingBytes);
    out = Buffer.buffer();
    client.end();
    loop.patience().forget(this);
    settleHeld(0);
    streams.leave(this);
    if (placed) {
      loop.admission().leaveWatch();
    }
    if (session != null) {
      session.closed();
    }
  }

  @Override
  public final long startNanos() {
    return arrivalNanos;
  }

  /** A message that was begun was not completed in time. */
  @Override
  public final void late() {
    fail(new StatusException(Code.CANCELLED, "grpc: message not complete in time"));
  }
}
