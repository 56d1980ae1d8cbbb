package io.balsa.verticle.peer;

import io.balsa.raft.message.Message;
import io.balsa.verticle.peer.OutboundStream.Cause;
import io.balsa.wire.Frame;
import io.balsa.wire.Wire;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * The way of raft messages to one member: a queue bounded in bytes and a stream that is opened anew
 * whenever it ends. While there is no stream, nor one being opened, messages are dropped: raft
 * sends again what is still true when the member comes back.
 */
final class MessageLink implements OutboundStream.Listener {
  private static final long RETIRE_MILLIS = 1_000;
  private static final long REMOVED_WAIT_MILLIS = 60_000;

  /** A message and its {@link Wire#sizeBytes}, which costs a look at each entry. */
  private record Queued(Message message, long bytes) {}

  private final Vertx vertx;
  private final PeerOptions options;
  private final Dialer dialer;
  private final Frame.Hello hello;
  private final Counters counters;
  private final Runnable unreachable;
  private final Runnable gone;
  private final Runnable removed;
  private final Logger log;
  private final Warnings warnings;
  private final ArrayDeque<Queued> queue = new ArrayDeque<>();
  private long queueBytes;
  private List<String> logUrls = List.of();
  private List<String> namedUrls = List.of(); // By discovery.
  private List<String> saidUrls = List.of(); // By the member itself, when it dialled.
  private List<String> urls = List.of(); // All of these, each once.
  private int nextUrl;
  private int failuresInRow;
  private OutboundStream stream; // Null while waiting for the next attempt.
  private String streamUrl;
  private long openedNanos;
  private Cause lastEnd = Cause.FAILURE;
  private long timer = -1;
  private long reportedNanos;
  private boolean lost; // Since then no attempt has come to an end.
  private boolean closed;

  /**
   * @param hello what to say to the member, which it names
   * @param unreachable called when messages are being lost, at most once per heartbeat interval
   *     while that lasts
   * @param gone called when the process that was connected has ended
   * @param removed called whenever the member says that this one was removed from the cluster
   */
  MessageLink(
      Vertx vertx,
      PeerOptions options,
      Dialer dialer,
      Frame.Hello hello,
      Counters counters,
      Runnable unreachable,
      Runnable gone,
      Runnable removed,
      Logger log) {
    this.vertx = vertx;
    this.options = options;
    this.dialer = dialer;
    this.hello = hello;
    this.counters = counters;
    this.unreachable = unreachable;
    this.gone = gone;
    this.removed = removed;
    this.log = log;
    this.warnings = new Warnings(log);
    this.reportedNanos = System.nanoTime() - heartbeatNanos();
  }

  /** Where the member is by the log. A stream to where nobody says it is any more is replaced. */
  void urls(List<String> now) {
    if (now.equals(logUrls)) {
      return;
    }
    logUrls = List.copyOf(now);
    merge();
    if (stream == null || !urls.contains(streamUrl)) {
      dropStream();
      redial();
    }
  }

  /** Where discovery sees the member. A stream that is open proves more than any hint. */
  void named(List<String> now) {
    if (!now.equals(namedUrls)) {
      namedUrls = List.copyOf(now);
      hinted();
    }
  }

  /** Where the member says that it is. */
  void said(List<String> now) {
    if (!now.equals(saidUrls)) {
      saidUrls = List.copyOf(now);
      hinted();
    }
  }

  private void hinted() {
    merge();
    if (!counters.connected) {
      dropStream();
      redial();
    }
  }

  private void merge() {
    Set<String> all = new LinkedHashSet<>(saidUrls); // The newest first: the log follows.
    all.addAll(namedUrls);
    all.addAll(logUrls);
    urls = List.copyOf(all);
  }

  private void redial() {
    nextUrl = 0;
    failuresInRow = 0;
    dial();
  }

  /** The addresses, the one that worked last in front. */
  List<String> urls() {
    List<String> ordered = new ArrayList<>(urls);
    if (streamUrl != null && ordered.remove(streamUrl)) {
      ordered.add(0, streamUrl);
    }
    return ordered;
  }

  /** Takes a message, or drops it. What is taken leaves at the next {@link #flush}. */
  void offer(Message message) {
    long bytes = Wire.sizeBytes(message);
    if (bytes > options.messageBytesMax()) {
      warnings.warn(
          "peer "
              + name()
              + ": message too large to send: "
              + bytes
              + " > "
              + options.messageBytesMax()
              + " bytes");
      drop(1);
    } else if (stream == null || queueBytes + bytes > options.queueBytesMax()) {
      drop(1);
    } else {
      queue.add(new Queued(message, bytes));
      queueBytes += bytes;
    }
  }

  /** Writes what is queued, several messages to a frame, as far as the connection takes it. */
  void flush() {
    while (!queue.isEmpty() && stream != null && stream.isOpen() && !stream.isFull()) {
      List<Message> batch = new ArrayList<>();
      long batchBytes = 0;
      do {
        Queued next = queue.remove();
        batchBytes += next.bytes();
        batch.add(next.message());
      } while (!queue.isEmpty() && batchBytes + queue.peek().bytes() <= options.batchBytesMax());
      queueBytes -= batchBytes;
      Buffer frame = Frames.encode(new Frame.Batch(batch));
      counters.messagesSent.addAndGet(batch.size());
      counters.bytesSent.addAndGet(frame.length());
      stream.write(frame);
    }
  }

  /** The member was just heard of: if it is waited for, try it now. */
  void wake() {
    if (stream == null && lastEnd.isSilence()) {
      dial();
    }
  }

  /**
   * The member is no longer one: what it was sent last, which may tell it so, still has time to
   * reach it.
   */
  void retire() {
    flush();
    vertx.setTimer(RETIRE_MILLIS, none -> close());
  }

  void close() {
    closed = true;
    dropStream();
    cancelTimer();
  }

  @Override
  public void opened() {
    openedNanos = System.nanoTime();
    lastEnd = Cause.FAILURE;
    counters.connected = true;
    log.info("connected to peer={} url={}", name(), streamUrl);
    flush();
  }

  @Override
  public void received(Frame frame) {
    log.debug("unexpected frame from peer={} kind={}", name(), frame.getClass().getSimpleName());
  }

  @Override
  public void drained() {
    flush();
  }

  @Override
  public void ended(Cause cause, String reason) {
    boolean wasOpen = counters.connected;
    lastEnd = cause;
    if (wasOpen) {
      report(); // What was on the way may be lost.
    }
    dropStream();
    if (!cause.isSilence()) {
      warnings.warn("peer " + name() + " at " + streamUrl + ": " + reason);
    } else if (wasOpen) {
      log.warn("lost peer={} url={} reason=\"{}\"", name(), streamUrl, reason);
    } else {
      log.debug("cannot reach peer={} url={} reason=\"{}\"", name(), streamUrl, reason);
    }
    if (lost && cause == Cause.ABSENCE) {
      log.warn("process ended peer={} url={}", name(), streamUrl);
      gone.run();
    }
    lost = wasOpen && cause == Cause.FAILURE;
    if (lost && System.nanoTime() - openedNanos > millis(options.reconnectMaxMillis())) {
      failuresInRow = 0;
      dial(); // The same address, at once: a process that has ended is noticed by it.
      return;
    }
    failuresInRow++;
    nextUrl = (nextUrl + 1) % Math.max(1, urls.size());
    boolean triedAll = failuresInRow % Math.max(1, urls.size()) == 0;
    if (triedAll || !cause.isSilence()) {
      timer = vertx.setTimer(waitMillis(), id -> dial());
    } else {
      dial();
    }
    if (cause == Cause.REMOVAL) {
      removed.run();
    }
  }

  private void dial() {
    cancelTimer();
    if (closed || urls.isEmpty()) {
      return;
    }
    streamUrl = urls.get(nextUrl);
    stream =
        new OutboundStream(
            vertx, dialer, Frames.MESSAGES, streamUrl, hello, options.stallMillis(), this);
  }

  /** Full jitter over the upper half, so that members do not knock in step. */
  private long waitMillis() {
    int rounds = Math.min(30, failuresInRow / Math.max(1, urls.size()));
    long wait =
        switch (lastEnd) {
          case FAILURE, ABSENCE ->
              Math.min(options.reconnectMaxMillis(), options.reconnectMinMillis() << rounds);
          case REFUSAL -> options.reconnectMaxMillis();
          case REMOVAL -> Math.max(REMOVED_WAIT_MILLIS, options.reconnectMaxMillis());
        };
    return Math.max(1, wait / 2 + options.random().nextLong(wait / 2 + 1));
  }

  private void dropStream() {
    if (stream != null) {
      stream.close();
      stream = null;
    }
    counters.connected = false;
    if (!queue.isEmpty()) {
      int lost = queue.size();
      queue.clear();
      queueBytes = 0;
      drop(lost);
    }
  }

  private void cancelTimer() {
    if (timer >= 0) {
      vertx.cancelTimer(timer);
      timer = -1;
    }
  }

  private void drop(int count) {
    counters.messagesDropped.addAndGet(count);
    if (System.nanoTime() - reportedNanos >= heartbeatNanos()) {
      report();
    }
  }

  private void report() {
    if (!closed) {
      reportedNanos = System.nanoTime();
      unreachable.run();
    }
  }

  private long heartbeatNanos() {
    return millis(options.heartbeatMillis());
  }

  private static long millis(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private String name() {
    return Long.toHexString(hello.to());
  }
}
