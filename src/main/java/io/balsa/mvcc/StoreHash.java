package io.balsa.mvcc;

import io.balsa.data.Bytes;

/**
 * A hash over every version of every key from the compact revision up to another, as they could be
 * read: equal on all members for the same two revisions, whatever each of them has swept or how it
 * came to its state.
 *
 * <p>On the store's own thread. Until it is finished or closed, it keeps from being freed what only
 * it still needs.
 */
public final class StoreHash implements AutoCloseable {
  private final Store store;
  private final long revision;
  private final long compactRevision;
  private final StateHash hash = new StateHash();
  private Bytes keyAt = Bytes.EMPTY; // The lowest key that is not yet begun.
  private Version next; // Of the key that is under way, the newest that is left; or null.
  private int budget;
  private boolean holding = true;

  StoreHash(Store store, long revision) {
    this.store = store;
    this.revision = revision;
    this.compactRevision = store.compactRevision();
    store.sweep().hold(compactRevision);
  }

  /** The highest revision that counts. */
  public long revision() {
    return revision;
  }

  /** What the store was compacted to when this was begun. */
  public long compactRevision() {
    return compactRevision;
  }

  /**
   * Looks at no more than {@code versionsMax} versions.
   *
   * @return whether there is more to do
   */
  public boolean step(int versionsMax) {
    budget = versionsMax;
    boolean done = addVersions() && store.tree().visit(keyAt, null, this::visit);
    if (done) {
      close();
    }
    return !done;
  }

  /** The hash, once there is no more to do. */
  public int value() {
    return Long.hashCode(hash.value());
  }

  /** Gives up. May be called more than once. */
  @Override
  public void close() {
    if (holding) {
      holding = false;
      store.sweep().release(compactRevision);
    }
  }

  private boolean visit(Version newest) {
    if (budget == 0) {
      keyAt = newest.key;
      return false;
    }
    next = newest;
    boolean whole = addVersions();
    if (!whole) {
      keyAt = behind(newest.key);
    }
    return whole;
  }

  /** Adds the versions of the key under way; whether that was all of them. */
  private boolean addVersions() {
    while (next != null) {
      if (budget == 0) {
        return false;
      }
      budget--;
      Version version = next;
      boolean oldest = version.modRevision <= compactRevision;
      // What was gone at the compact revision is swept sooner on one member than on another.
      if (version.modRevision <= revision && !(oldest && version.isDeletion())) {
        add(version);
      }
      next = oldest ? null : version.older;
    }
    return true;
  }

  private void add(Version version) {
    hash.add(version.key).add(version.modRevision);
    if (!version.isDeletion()) {
      hash.add(version.createRevision).add(version.version).add(version.lease).add(version.value);
    }
  }

  private static Bytes behind(Bytes key) {
    return key.append(0);
  }
}
