package io.balsa.engine;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The backups that clients are reading, each at its own pace. A part is made when it is asked for,
 * so that none waits in memory; one that nobody asks for any more is given up, because it keeps
 * from being freed what was compacted since.
 */
final class Backups {
  private static final int OPEN_MAX = 4;
  private static final long IDLE_NANOS_MAX = 60_000_000_000L;

  private static final class Open {
    private final String address;
    private final Backup.Writer writer;
    private long usedNanos;

    Open(String address, Backup.Writer writer) {
      this.address = address;
      this.writer = writer;
    }
  }

  private final long clusterId;
  private final Map<Long, Open> open = new LinkedHashMap<>();
  private long last;

  Backups(long clusterId) {
    this.clusterId = clusterId;
  }

  /** Begins one of the state as it is now, and gives its first part. */
  Reply open(String address, StateMachine state, long nowNanos) {
    if (open.size() >= OPEN_MAX) {
      return Replies.refused(
          Refusal.TOO_MANY_REQUESTS, OPEN_MAX + " snapshots are being read, no more are begun");
    }
    open.put(++last, new Open(address, new Backup.Writer(clusterId, state)));
    return next(address, last, nowNanos);
  }

  /** Gives the next part. */
  Reply next(String address, long backup, long nowNanos) {
    Open found = open.get(backup);
    if (found == null || !found.address.equals(address)) {
      return Replies.refused(
          Refusal.INVALID, "snapshot %d is not being read, or no longer".formatted(backup));
    }
    found.usedNanos = nowNanos;
    Bytes part = found.writer.next();
    boolean isLast = found.writer.isAtEnd();
    if (isLast) {
      open.remove(backup);
    }
    return new Reply.BackupPart(backup, part, found.writer.remainingBytes(), isLast);
  }

  Reply close(String address, long backup) {
    Open found = open.get(backup);
    if (found != null && found.address.equals(address)) {
      found.writer.close();
      open.remove(backup);
    }
    return new Reply.BackupClosed();
  }

  /** Gives up what nobody has asked for lately. */
  void tick(long nowNanos) {
    closeIf(each -> nowNanos - each.usedNanos > IDLE_NANOS_MAX);
  }

  void closeAll(String address) {
    closeIf(each -> each.address.equals(address));
  }

  void closeAll() {
    closeIf(each -> true);
  }

  private void closeIf(Predicate<Open> condition) {
    List<Open> closed = new ArrayList<>();
    open.values().removeIf(each -> condition.test(each) && closed.add(each));
    closed.forEach(each -> each.writer.close());
  }
}
