package io.balsa.mvcc;

import io.balsa.data.Bytes;
import io.balsa.data.Checks;
import io.balsa.mvcc.command.Change;

/**
 * Reads what the store's revisions changed, one revision after the other, up to its newest.
 *
 * <p>A reader keeps the history from its place on in memory, also what was compacted since: do not
 * keep one that is not read on. Used on the store's own thread, between commands.
 */
public final class ChangeReader {
  private final Store store;
  private History.Chunk chunk;
  private long revision;

  ChangeReader(Store store, History.Chunk chunk, long revision) {
    this.store = store;
    this.chunk = chunk;
    this.revision = revision;
  }

  /** The revision that the reader is at; before the first {@link #next} the one below its first. */
  public long revision() {
    return revision;
  }

  /** Whether the store has a newer revision than the one the reader is at. */
  public boolean hasNext() {
    return revision < store.revision();
  }

  /** Goes to the next revision, which must exist. */
  public void next() {
    Checks.invariant(hasNext(), "no revision to read", revision, store.revision());
    revision++;
    while (!chunk.covers(revision)) {
      chunk = chunk.next;
    }
  }

  /** How many changes the revision made: 1 or more. */
  public int size() {
    return chunk.size(revision);
  }

  /** The key of a change, counted from 0 in the order in which they were made. */
  public Bytes key(int position) {
    return chunk.at(revision, position).key;
  }

  /**
   * A change.
   *
   * @param previous whether it shall hold the item before; only those of revisions above the
   *     compact revision do, as etcd
   */
  public Change change(int position, boolean previous) {
    return chunk.at(revision, position).change(previous && revision > store.compactRevision());
  }
}
