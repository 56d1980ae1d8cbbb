package io.balsa.mvcc.watch;

import io.balsa.mvcc.command.Change;
import java.util.List;

/** What a watch has to tell its client. */
public sealed interface Delivery {
  /** Whoever opened the watch. */
  Object owner();

  /** The watch, unique for its owner. */
  long watch();

  /**
   * All changes of one revision that the watch wants, in the order in which they were made.
   *
   * @param bytes what it took of the credit
   */
  record Changed(Object owner, long watch, long revision, List<Change> changes, long bytes)
      implements Delivery {
    public Changed {
      changes = List.copyOf(changes);
    }
  }

  /** The next revision that the watch needs is compacted. It is closed. */
  record Compacted(Object owner, long watch, long compactRevision) implements Delivery {}
}
