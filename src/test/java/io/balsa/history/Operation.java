package io.balsa.history;

import io.balsa.data.Bytes;
import io.balsa.history.Action.Delete;
import io.balsa.history.Action.Get;
import io.balsa.history.Result.Applied;
import io.balsa.history.Result.Deleted;
import io.balsa.history.Result.NotMet;
import io.balsa.history.Result.Unknown;
import io.balsa.history.Result.Value;

/**
 * One request of a client and what came of it. It took effect at one moment from {@code invoked} to
 * {@code returned}; if its outcome is unknown, at any time after {@code invoked}, or never.
 *
 * @param client who asked; for messages only
 * @param invoked when the request was sent, on one monotonic clock, in any unit
 * @param returned when the answer was there; {@link #NEVER} exactly if the outcome is unknown
 */
public record Operation(
    int client, Bytes key, Action action, Result result, long invoked, long returned) {
  /** The time of return of an operation whose outcome is unknown. */
  public static final long NEVER = Long.MAX_VALUE;

  /** Refuses what no client can have seen: that would be an error of the recorder. */
  public Operation {
    if (invoked > returned || result instanceof Unknown != (returned == NEVER)) {
      throw new IllegalArgumentException(result + " from " + invoked + " to " + returned);
    }
    if (!fits(action, result)) {
      throw new IllegalArgumentException(action + " cannot be answered by " + result);
    }
  }

  /** An operation of which no answer came. */
  public static Operation unknown(int client, Bytes key, Action action, long invoked) {
    return new Operation(client, key, action, Result.UNKNOWN, invoked, NEVER);
  }

  private static boolean fits(Action action, Result result) {
    if (result instanceof Unknown) {
      return true;
    }
    if (action instanceof Get) {
      return result instanceof Value;
    }
    if (action instanceof Delete) {
      return result instanceof Deleted;
    }
    return result instanceof Applied || result instanceof NotMet && action instanceof Action.PutIf;
  }

  /** Whether it is known what came of it. */
  public boolean isAnswered() {
    return returned != NEVER;
  }

  /** Whether this took effect before the other began. */
  public boolean isBefore(Operation other) {
    return returned < other.invoked;
  }

  /** Whether it is known to have changed the key. */
  public boolean hasWritten() {
    return result instanceof Applied || result instanceof Deleted deleted && deleted.existed();
  }

  /** The revision it was told of, 0 if none. */
  public long revision() {
    if (result instanceof Applied applied) {
      return applied.modRevision();
    }
    if (result instanceof Deleted deleted) {
      return deleted.revision();
    }
    return result instanceof Value value ? value.modRevision() : 0;
  }

  /** The same request, had its answer been lost. */
  Operation forgotten() {
    return unknown(client, key, action, invoked);
  }

  @Override
  public String toString() {
    return "client %d, key %s, from %d to %s: %s -> %s"
        .formatted(client, key, invoked, isAnswered() ? returned : "?", action, result);
  }
}
