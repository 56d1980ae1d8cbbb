package io.balsa.api.etcd;

import io.balsa.api.etcd.StatusException.Code;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The streaming calls of one event loop, and what they have in common.
 *
 * <p>Their HTTP/2 connections are pinged several times in the server's idle timeout, so that one
 * whose watches have nothing to tell stays open; one that leaves a ping unanswered until the next
 * is closed, for its client is gone. Calls that asked for it end when the member has seen no leader
 * for some seconds: three election timeouts, as etcd, where that has its usual length.
 *
 * <p>What waits for sockets is bounded for all of them together, beside a little for each. Where a
 * call can send nothing at all for want of that, those are cut off that have taken nothing for ten
 * seconds.
 */
final class OpenStreams {
  private static final int PINGS_PER_IDLE_TIMEOUT = 3;
  private static final Buffer PING = Buffer.buffer("balsa ok"); // Eight bytes, RFC 9113 §6.7.
  private static final long LOOK_MILLIS = 1_000;
  private static final int LEADERLESS_LOOKS_MAX = 3;
  private static final int LONGEST_MESSAGES_MIN = 4; // That there is room for.
  private static final long STUCK_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

  private final EtcdLoop loop;
  private final Set<StreamCall> open = new LinkedHashSet<>();
  private final Set<HttpConnection> unanswered = new HashSet<>();
  private final long pingTimer;
  private final long lookTimer;
  private final Set<StreamCall> waiting = new LinkedHashSet<>(); // For room.
  private final long outBytesMax;
  private long outBytes; // Of all calls, sent and not taken by a socket yet.
  private int leaderlessLooks;
  private boolean stopped;

  /** Must be called on the event loop that it is for. */
  OpenStreams(EtcdLoop loop) {
    this.loop = loop;
    this.outBytesMax =
        Math.max(
            loop.admission().windowBytesMax() / 2,
            (long) LONGEST_MESSAGES_MIN * loop.messageBytesMax());
    long pingMillis = Math.max(1, loop.options().idleTimeoutMillis() / PINGS_PER_IDLE_TIMEOUT);
    this.pingTimer = loop.vertx().setPeriodic(pingMillis, none -> ping());
    this.lookTimer = loop.vertx().setPeriodic(LOOK_MILLIS, none -> look());
  }

  /** A call begins; refused when the member stops. */
  void enter(StreamCall call) {
    if (stopped) {
      throw serverStopped();
    }
    open.add(call);
  }

  void leave(StreamCall call) {
    open.remove(call);
    waiting.remove(call);
  }

  // ---- What waits for sockets

  /**
   * Whether a call may send so much; if not it is woken when it may.
   *
   * @param own what it has waiting already
   */
  boolean hasRoomFor(StreamCall call, long own, long bytes) {
    if (outBytes == own || outBytes + bytes <= outBytesMax) {
      return true;
    }
    waiting.add(call);
    return false;
  }

  void fill(long bytes) {
    outBytes += bytes;
  }

  void drain(long bytes) {
    outBytes -= bytes;
    if (outBytes <= outBytesMax / 2 && !waiting.isEmpty()) {
      List<StreamCall> woken = List.copyOf(waiting);
      waiting.clear();
      woken.forEach(StreamCall::wake);
    }
  }

  private void cutOffStuck() {
    if (waiting.stream().anyMatch(StreamCall::isDrained)) {
      open.stream()
          .filter(call -> call.stuckNanos() > STUCK_NANOS_MAX)
          .toList()
          .forEach(StreamCall::cutOff);
    }
  }

  // ---- Signs of life

  /** Ends all calls, so that their clients go on elsewhere. */
  void stop() {
    stopped = true;
    loop.vertx().cancelTimer(pingTimer);
    loop.vertx().cancelTimer(lookTimer);
    List.copyOf(open).forEach(call -> call.fail(serverStopped()));
  }

  static StatusException serverStopped() {
    return Errors.error(Code.UNAVAILABLE, "server stopped");
  }

  private void ping() {
    Set<HttpConnection> connections = new HashSet<>();
    for (StreamCall call : open) {
      if (call.canPing()) {
        connections.add(call.connection());
      }
    }
    unanswered.retainAll(connections);
    for (HttpConnection connection : connections) {
      if (unanswered.add(connection)) {
        connection.ping(PING).onSuccess(pong -> unanswered.remove(connection));
      } else {
        connection.shutdown(0, TimeUnit.SECONDS);
      }
    }
  }

  private void look() {
    cutOffStuck();
    if (open.stream().noneMatch(StreamCall::needsLeader)) {
      leaderlessLooks = 0;
      return;
    }
    loop.replica()
        .call(new Request.MemberList(), loop.options().requestTimeoutMillis())
        .onSuccess(
            reply -> {
              if (reply instanceof Reply.Members members) {
                leaderlessLooks = members.leader() == 0 ? leaderlessLooks + 1 : 0;
                if (leaderlessLooks >= LEADERLESS_LOOKS_MAX) {
                  endLeaderless();
                }
              }
            });
  }

  private void endLeaderless() {
    for (StreamCall call : List.copyOf(open)) {
      if (call.needsLeader()) {
        call.fail(Errors.noLeader());
      }
    }
  }
}
