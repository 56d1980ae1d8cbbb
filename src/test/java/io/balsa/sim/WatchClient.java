package io.balsa.sim;

import io.balsa.engine.request.Request;
import io.balsa.engine.request.WatchEvent;
import io.balsa.mvcc.command.Change;
import io.balsa.mvcc.command.KeyRange;
import java.util.List;

/**
 * Watches a range for ever, going on at another member where the last one ended, and judges that it
 * is told every change once and in order.
 */
final class WatchClient extends SimClient {
  private static final long WATCH = 7;
  private static final long CREDIT_BYTES = 2_000;

  private final KeyRange range;
  private final boolean lazy;
  private long position = 1; // Everything up to this revision was seen.
  private boolean open;
  private boolean opening;
  private long asleepUntil;

  /**
   * @param lazy whether it sometimes takes nothing for so long that it is cut off
   */
  WatchClient(Simulation world, String name, long seed, KeyRange range, boolean lazy) {
    super(world, name, seed);
    this.range = range;
    this.lazy = lazy;
  }

  /** Everything in its range up to this revision was seen. */
  long position() {
    return world.oracle.nextChange(position, range) > world.oracle.revision()
        ? world.oracle.revision()
        : position;
  }

  @Override
  void begin() {
    openLater();
    moveLater();
  }

  private void openLater() {
    if (opening) {
      return;
    }
    opening = true;
    timeline.after(
        (1 + random.nextInt(lazy && !world.isQuiet() ? 30_000 : 300)) * Timeline.MILLIS,
        () -> {
          opening = false;
          if (!connect()) {
            openLater();
            return;
          }
          open = true;
          if (position > 1) {
            world.coverage.count(Rare.WATCH_RESUMED);
          }
          tell(new Request.WatchOpen(WATCH, range, position + 1, true, CREDIT_BYTES));
        });
  }

  /** Now and then it goes to another member by itself. */
  private void moveLater() {
    timeline.after(
        (5_000 + random.nextInt(60_000)) * Timeline.MILLIS,
        () -> {
          if (open) {
            open = false;
            disconnect();
            openLater();
          }
          moveLater();
        });
  }

  @Override
  void disconnected() {
    open = false;
    openLater();
  }

  @Override
  void told(WatchEvent event) {
    if (event instanceof WatchEvent.Changed changed) {
      changed(changed);
      credit(changed.bytes());
    } else if (event instanceof WatchEvent.Progress progress) {
      if (progress.complete()) {
        mustHaveAll(progress.revision());
      }
    } else {
      ended(event);
    }
  }

  private void changed(WatchEvent.Changed changed) {
    world.coverage.watchEvents++;
    long next = world.oracle.nextChange(position, range);
    Violation.unless(
        changed.revision() == next,
        "%s was told revision %d behind %d, %d comes next",
        name(),
        changed.revision(),
        position,
        next);
    List<Change> expected = world.oracle.changesAt(next, range);
    boolean same = changed.changes().size() == expected.size();
    for (int i = 0; same && i < expected.size(); i++) {
      Change told = changed.changes().get(i);
      Change made = expected.get(i);
      // What was before may be compacted away.
      same =
          told.deletion() == made.deletion()
              && told.item().equals(made.item())
              && (told.previous() == null || told.previous().equals(made.previous()));
    }
    Violation.unless(
        same, "%s was told %s at %d, not %s", name(), changed.changes(), next, expected);
    position = next;
  }

  private void mustHaveAll(long revision) {
    long next = world.oracle.nextChange(position, range);
    Violation.unless(
        next > revision,
        "%s was told that it has all up to %d, and lacks %d",
        name(),
        revision,
        next);
    position = Math.max(position, revision);
  }

  private void credit(long bytes) {
    if (lazy && !world.isQuiet() && random.nextInt(60) == 0) {
      asleepUntil = timeline.now() + (3_000 + random.nextInt(12_000)) * Timeline.MILLIS;
    }
    long waitNanos = Math.max(random.nextInt(20) * Timeline.MILLIS, asleepUntil - timeline.now());
    SimMember to = member();
    if (to == null) {
      return; // It has ended, and will be noticed.
    }
    long incarnation = to.incarnation();
    timeline.after(
        waitNanos,
        () -> {
          if (open && member() == to && to.incarnation() == incarnation) {
            tell(new Request.WatchCredit(WATCH, bytes));
          }
        });
  }

  private void ended(WatchEvent event) {
    if (event instanceof WatchEvent.Compacted compacted) {
      world.coverage.count(Rare.WATCH_COMPACTED);
      Violation.unless(
          compacted.compactRevision() > position + 1,
          "%s at %d was told that %d is compacted",
          name(),
          position,
          compacted.compactRevision());
      position = compacted.compactRevision() - 1;
    } else if (event instanceof WatchEvent.Slow slow) {
      world.coverage.count(Rare.WATCH_CUT_OFF);
      long next = world.oracle.nextChange(position, range);
      Violation.unless(
          slow.resumeFrom() > position && slow.resumeFrom() <= next,
          "%s at %d is to resume from %d, %d comes next",
          name(),
          position,
          slow.resumeFrom(),
          next);
    }
    open = false;
    disconnect();
    openLater();
  }
}
