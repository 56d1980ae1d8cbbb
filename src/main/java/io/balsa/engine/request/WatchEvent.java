package io.balsa.engine.request;

import io.balsa.mvcc.command.Change;
import java.util.List;

/** What an open watch delivers, in order. */
public sealed interface WatchEvent {
  /** The watch it belongs to. */
  long watch();

  /** Whether it ends the watch. */
  default boolean isLast() {
    return this instanceof Compacted || this instanceof Slow || this instanceof Ended;
  }

  /**
   * All changes of one revision.
   *
   * @param bytes what it costs of the watch's credit
   */
  record Changed(long watch, long revision, List<Change> changes, long bytes)
      implements WatchEvent {
    public Changed {
      changes = List.copyOf(changes);
    }
  }

  /**
   * Every matching change up to {@code revision} has been delivered if {@code complete}; otherwise
   * it only tells the store's revision.
   */
  record Progress(long watch, long revision, boolean complete) implements WatchEvent {}

  /** The start revision is compacted; ends the watch. */
  record Compacted(long watch, long compactRevision) implements WatchEvent {}

  /** The client did not keep up; ends the watch. */
  record Slow(long watch, long resumeFrom) implements WatchEvent {}

  /**
   * The member stops or cannot serve the watch; ends the watch. The client resumes elsewhere.
   *
   * @param refusal why it must not be there, where the member would refuse it again; else null
   */
  record Ended(long watch, String reason, Refusal refusal) implements WatchEvent {
    /** For a reason that another member may not have. */
    public Ended(long watch, String reason) {
      this(watch, reason, null);
    }
  }
}
