package io.balsa.mvcc.watch;

import io.balsa.data.Checks;
import io.balsa.mvcc.ChangeReader;
import io.balsa.mvcc.Store;
import io.balsa.mvcc.command.Change;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.watch.Watch.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The open watches of one member over its store. See the package for how to use it.
 *
 * <p>Each watch hears of every revision that changes its keys exactly once, in order. New revisions
 * are dispatched to the watches that are up to date; one that is behind, or has no credit, reads
 * the history on its own until it has caught up, a bounded piece at each poll.
 *
 * <p>A watch is named by its owner, which may be any object with equality, and a number that is
 * unique for the owner.
 */
public final class Watches {
  // Bounds of the work of one poll.
  private static final int DISPATCHED_REVISIONS_MAX = 4096;
  private static final int READ_CHANGES_MAX = 16 * 1024;
  // How much a watch that is behind may take before it is the turn of the next one.
  private static final long TURN_BYTES = 64 * 1024;
  private static final int TURN_CHANGES = 4096;

  // What a change costs of the credit beside its bytes.
  private static final long CHANGE_BYTES = 64;

  /**
   * A watch for which changes wait that it has no credit for.
   *
   * @param since the revision of the first of them, from which the client must resume if it is cut
   *     off
   */
  public record Stalled(Object owner, long watch, long since) {}

  private record Batch(List<Change> changes, long bytes) {}

  private final Map<Object, Map<Long, Watch>> owners = new HashMap<>();
  private final WatchIndex index = new WatchIndex();
  private final Set<Watch> all = new LinkedHashSet<>(); // The order, for what concerns them all.
  private final Set<Watch> lagging = new LinkedHashSet<>();
  private final Set<Watch> stalled = new LinkedHashSet<>();
  private Store store;
  private ChangeReader dispatcher;
  private long compactRevisionSeen;

  // Of the poll under way.
  private List<Delivery> deliveries = new ArrayList<>();
  private long deliveredBytes;
  private int readChanges;
  private final List<WatchGroup> touched = new ArrayList<>();

  /** No watches yet. */
  public Watches(Store store) {
    this.store = store;
    skipToPresent();
  }

  /**
   * Opens a watch.
   *
   * @param startRevision the first revision wanted; 0 for those after the store's present one
   * @param previous whether each change carries the item before
   * @param creditBytes how much may be delivered before {@link #credit} gives more; the last
   *     delivery may exceed it
   * @return false if the owner has a watch of that number: nothing is changed
   */
  public boolean open(
      Object owner,
      long watch,
      KeyRange keys,
      long startRevision,
      boolean previous,
      long creditBytes) {
    Checks.argument(startRevision >= 0, "start revision must be 0 or more: %d", startRevision);
    Map<Long, Watch> watches = owners.computeIfAbsent(owner, any -> new LinkedHashMap<>());
    if (watches.containsKey(watch)) {
      return false;
    }
    if (all.isEmpty()) {
      skipToPresent();
    }
    long next = startRevision == 0 ? store.revision() + 1 : startRevision;
    Watch opened = new Watch(owner, watch, keys, previous, creditBytes, next);
    watches.put(watch, opened);
    index.add(opened);
    if (next < store.compactRevision()) {
      lag(opened); // Though the dispatcher may still have it: compacted is compacted.
    } else {
      settle(opened);
    }
    all.add(opened);
    return true;
  }

  /**
   * Lets the watch deliver {@code bytes} more. An unknown watch, which may have ended, is ignored.
   */
  public void credit(Object owner, long watch, long bytes) {
    Watch found = find(owner, watch);
    if (found == null) {
      return;
    }
    found.credit += Math.min(bytes, Long.MAX_VALUE - Math.max(0, found.credit));
    if (found.state == State.STALLED && found.credit > 0) {
      stalled.remove(found);
      settle(found);
    }
  }

  /** Closes a watch; whether it was open. */
  public boolean close(Object owner, long watch) {
    Watch found = find(owner, watch);
    if (found != null) {
      remove(found);
    }
    return found != null;
  }

  /** Closes all watches of the owner; how many there were. */
  public int closeAll(Object owner) {
    Map<Long, Watch> watches = owners.get(owner);
    if (watches == null) {
      return 0;
    }
    List<Watch> all = List.copyOf(watches.values());
    all.forEach(this::remove);
    return all.size();
  }

  /** How many watches are open. */
  public int size() {
    return all.size();
  }

  /**
   * The revision up to which every change that the watch wants has been delivered: it is synced if
   * that is the store's. -1 if there is no such watch.
   */
  public long deliveredRevision(Object owner, long watch) {
    Watch found = find(owner, watch);
    if (found == null) {
      return -1;
    }
    long passed = Math.min(found.next - 1, store.revision());
    return found.state == State.LIVE ? Math.max(passed, dispatcher.revision()) : passed;
  }

  /** Whether every change that the watch wants has been delivered. */
  public boolean isSynced(Object owner, long watch) {
    return deliveredRevision(owner, watch) == store.revision();
  }

  /** The watches that wait for credit, those first that have waited longest. */
  public List<Stalled> stalled() {
    List<Stalled> waiting = new ArrayList<>(stalled.size());
    for (Watch watch : stalled) {
      waiting.add(new Stalled(watch.owner, watch.id, watch.next));
    }
    return waiting;
  }

  /** Whether a {@link #poll} has something to look at. */
  public boolean hasWork() {
    return dispatcher.hasNext()
        || !lagging.isEmpty()
        || (!stalled.isEmpty() && compactRevisionSeen != store.compactRevision());
  }

  /**
   * What the watches have to deliver, of each watch in order; empty if there is nothing. The work
   * is bounded, and about {@code bytesMax} are delivered at most: there may be more, see {@link
   * #hasWork}.
   *
   * <p>Poll before applying a compaction if watches shall not miss the previous items of the
   * revisions that it compacts.
   */
  public List<Delivery> poll(long bytesMax) {
    if (all.isEmpty()) {
      skipToPresent();
      return List.of();
    }
    deliveredBytes = 0;
    readChanges = 0;
    endCompacted();
    // Neither those behind nor those up to date may starve the others.
    catchUp(bytesMax / 2);
    dispatch(bytesMax);
    List<Delivery> polled = deliveries;
    deliveries = new ArrayList<>();
    return polled;
  }

  /**
   * Goes on over another store of the same cluster, such as one that was loaded from a snapshot.
   * Every watch resumes at its own place, if that is not compacted there.
   */
  public void moveTo(Store other) {
    lagging.clear();
    stalled.clear();
    long dispatched = dispatcher.revision();
    store = other;
    skipToPresent();
    for (Watch watch : all) {
      if (watch.state == State.LIVE) {
        watch.next = Math.max(watch.next, dispatched + 1);
      }
      settle(watch);
    }
  }

  /** With nobody to tell, there is nothing to dispatch, nor to keep from being freed. */
  private void skipToPresent() {
    dispatcher = store.changesAfter(store.revision());
  }

  private Watch find(Object owner, long watch) {
    Map<Long, Watch> watches = owners.get(owner);
    return watches == null ? null : watches.get(watch);
  }

  private void remove(Watch watch) {
    Map<Long, Watch> watches = owners.get(watch.owner);
    watches.remove(watch.id);
    if (watches.isEmpty()) {
      owners.remove(watch.owner);
    }
    index.remove(watch);
    lagging.remove(watch);
    stalled.remove(watch);
    all.remove(watch);
  }

  private void settle(Watch watch) {
    if (watch.next > dispatcher.revision()) {
      watch.state = State.LIVE;
    } else {
      lag(watch);
    }
  }

  private void lag(Watch watch) {
    watch.state = State.LAGGING;
    lagging.add(watch);
  }

  private void stall(Watch watch, long revision) {
    watch.next = revision;
    watch.state = State.STALLED;
    stalled.add(watch);
  }

  /** Those that are behind and could read on find out by themselves. */
  private void endCompacted() {
    if (compactRevisionSeen == store.compactRevision()) {
      return;
    }
    compactRevisionSeen = store.compactRevision();
    for (Watch watch : List.copyOf(stalled)) {
      if (watch.next < compactRevisionSeen) {
        end(watch);
      }
    }
  }

  private void end(Watch watch) {
    remove(watch);
    deliveries.add(new Delivery.Compacted(watch.owner, watch.id, store.compactRevision()));
  }

  private void catchUp(long bytesMax) {
    while (!lagging.isEmpty() && deliveredBytes < bytesMax && readChanges < READ_CHANGES_MAX) {
      Watch watch = lagging.iterator().next();
      lagging.remove(watch);
      readChanges++;
      if (watch.next < store.compactRevision()) {
        end(watch);
      } else {
        if (store.newestRevision(watch.keys) < watch.next) {
          watch.next = dispatcher.revision() + 1; // Nothing to find on the way.
        } else {
          readOn(watch);
        }
        if (watch.state == State.LAGGING) {
          settle(watch);
        }
      }
    }
  }

  /** Lets a watch that is behind have its turn. */
  private void readOn(Watch watch) {
    ChangeReader reader = store.changesAfter(watch.next - 1);
    long bytesStop = deliveredBytes + TURN_BYTES;
    int changesStop = readChanges + TURN_CHANGES;
    while (reader.revision() < dispatcher.revision()
        && deliveredBytes < bytesStop
        && readChanges < changesStop) {
      reader.next();
      readChanges += reader.size();
      List<Change> changes = null;
      for (int i = 0; i < reader.size(); i++) {
        if (watch.keys.contains(reader.key(i))) {
          if (watch.credit <= 0) {
            stall(watch, reader.revision());
            return;
          }
          changes = changes == null ? new ArrayList<>() : changes;
          changes.add(reader.change(i, watch.previous));
        }
      }
      watch.next = reader.revision() + 1;
      if (changes != null) {
        deliver(watch, reader.revision(), new Batch(changes, bytes(changes)));
      }
    }
  }

  private void dispatch(long bytesMax) {
    int revisions = 0;
    while (dispatcher.hasNext()
        && deliveredBytes < bytesMax
        && revisions++ < DISPATCHED_REVISIONS_MAX) {
      dispatcher.next();
      for (int i = 0; i < dispatcher.size(); i++) {
        int position = i;
        index.visit(
            dispatcher.key(i),
            group -> {
              if (group.note(position)) {
                touched.add(group);
              }
            });
      }
      for (WatchGroup group : touched) {
        dispatch(group);
        group.forgetNoted();
      }
      touched.clear();
    }
  }

  /** The watches of a group share one list of changes. */
  private void dispatch(WatchGroup group) {
    long revision = dispatcher.revision();
    Batch plain = null;
    Batch withPrevious = null;
    for (Watch watch : group.watches()) {
      if (watch.state != State.LIVE || watch.next > revision) {
        continue;
      }
      if (watch.credit <= 0) {
        stall(watch, revision);
      } else if (watch.previous) {
        withPrevious = withPrevious == null ? batch(group, true) : withPrevious;
        deliver(watch, revision, withPrevious);
      } else {
        plain = plain == null ? batch(group, false) : plain;
        deliver(watch, revision, plain);
      }
    }
  }

  private Batch batch(WatchGroup group, boolean previous) {
    List<Change> changes = new ArrayList<>(group.noted());
    for (int i = 0; i < group.noted(); i++) {
      changes.add(dispatcher.change(group.noted(i), previous));
    }
    return new Batch(List.copyOf(changes), bytes(changes));
  }

  private void deliver(Watch watch, long revision, Batch batch) {
    watch.credit -= batch.bytes();
    deliveredBytes += batch.bytes();
    deliveries.add(
        new Delivery.Changed(watch.owner, watch.id, revision, batch.changes(), batch.bytes()));
  }

  private static long bytes(List<Change> changes) {
    long bytes = 0;
    for (Change change : changes) {
      bytes += CHANGE_BYTES + change.item().key().length() + change.item().value().length();
      if (change.previous() != null) {
        bytes += change.previous().value().length();
      }
    }
    return bytes;
  }
}
