package io.balsa.history;

import io.balsa.data.Bytes;
import io.balsa.history.Action.Delete;
import io.balsa.history.Action.Put;
import io.balsa.history.Action.PutIf;
import io.balsa.history.Result.Applied;
import io.balsa.history.Result.Deleted;
import io.balsa.history.Result.NotMet;
import io.balsa.history.Result.Value;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * What one key holds, as far as the answers tell: a write whose answer was lost has a revision that
 * only a later read tells.
 *
 * @param value null if absent
 * @param revision the mod revision, or the lowest that it can be; if absent, the lowest that the
 *     store's revision can be
 * @param exact whether {@code revision} is the mod revision and not only a bound
 * @param excluded other than these, all above {@code revision}; empty if exact or absent
 */
record KeyState(Bytes value, long revision, boolean exact, Set<Long> excluded) {
  static final KeyState INITIAL = absent(0);

  private static KeyState absent(long revision) {
    return new KeyState(null, revision, true, Set.of());
  }

  private static KeyState holding(Bytes value, long revision) {
    return new KeyState(value, revision, true, Set.of());
  }

  /** As after a write of unknown revision. */
  private static KeyState holdingSince(Bytes value, long revisionMin) {
    return new KeyState(value, revisionMin, false, Set.of());
  }

  /**
   * The state after an operation that got this result now; this object itself if it changes nothing
   * and teaches nothing. Null if it could not get that result now.
   */
  KeyState after(Action action, Result result) {
    if (result instanceof Value read) {
      return Objects.equals(value, read.value()) ? learn(read.modRevision()) : null;
    }
    if (result instanceof Applied applied) {
      KeyState before = ready(action);
      return before != null && applied.modRevision() > before.revision
          ? holding(written(action), applied.modRevision())
          : null;
    }
    if (result instanceof Deleted deleted) {
      return deleted.existed() ? afterDeletion(deleted.revision()) : afterMiss(deleted.revision());
    }
    if (result instanceof NotMet) {
      return afterNotMet(((PutIf) action).expectedModRevision());
    }
    return afterUnanswered(action);
  }

  private KeyState afterDeletion(long revision) {
    return value != null && revision > this.revision ? absent(revision) : null;
  }

  private KeyState afterMiss(long revision) {
    if (value != null || revision < this.revision) {
      return null;
    }
    return revision == this.revision ? this : absent(revision);
  }

  private KeyState afterNotMet(long expected) {
    if (expected == 0 || value == null) {
      return (expected == 0) == (value == null) ? null : this;
    }
    if (exact) {
      return expected == revision ? null : this;
    }
    return expected < revision || excluded.contains(expected) ? this : exclude(expected);
  }

  /** Null also for what would change nothing: as well it may not have happened. */
  private KeyState afterUnanswered(Action action) {
    if (action instanceof Delete) {
      return value == null ? null : absent(revision + 1);
    }
    KeyState before = ready(action);
    return before == null ? null : holdingSince(written(action), before.revision + 1);
  }

  /** What is known of the key if {@code action} is not refused now; null if it must be. */
  private KeyState ready(Action action) {
    if (!(action instanceof PutIf putIf)) {
      return this;
    }
    if (putIf.expectedModRevision() == 0) {
      return value == null ? this : null;
    }
    return value == null ? null : learn(putIf.expectedModRevision());
  }

  private KeyState learn(long modRevision) {
    if (value == null || exact) {
      return value == null || modRevision == revision ? this : null;
    }
    return modRevision >= revision && !excluded.contains(modRevision)
        ? holding(value, modRevision)
        : null;
  }

  private KeyState exclude(long modRevision) {
    Set<Long> more = new TreeSet<>(excluded);
    more.add(modRevision);
    long min = revision;
    while (more.remove(min)) {
      min++;
    }
    return new KeyState(value, min, false, more);
  }

  private static Bytes written(Action action) {
    return action instanceof Put put ? put.value() : ((PutIf) action).value();
  }
}
