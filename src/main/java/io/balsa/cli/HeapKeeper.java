package io.balsa.cli;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import io.vertx.core.Vertx;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/**
 * Gives heap back to the system after a busy time. The G1 collector grows the heap under load, and
 * looks at its size again at the end of a concurrent cycle only; an idle process has none, and
 * would keep what it had. G1 can run one in idle times (JEP 346), if a flag says so; always on, it
 * would mark a large heap over and over for nothing. So it is on here only after a busy time that
 * made the heap grow, until the heap fits what it holds.
 *
 * <p>Flags that the operator has set stay as they are.
 */
final class HeapKeeper {
  private static final long LOOK_MILLIS = 1_000;
  private static final int LOOKS_MAX = 30; // For one cycle; of a heap of many gigabytes, too.
  // The one that begins it and those behind it, with some of other causes among them.
  private static final int CYCLE_COLLECTIONS = 4;
  private static final int BUSY_COLLECTIONS = 5;

  /** The JVM as far as it matters here. */
  interface Jvm {
    /** Collections so far. */
    long collections();

    /** How many cycles that were asked for have begun so far. */
    long cycles();

    /** Bytes of heap that the process has from the system. */
    long committedBytes();

    /** What the process keeps of them in any case. */
    long leastBytes();

    /** Whether more of them are free than a cycle that was asked for would leave. */
    boolean isMuchFree();

    /** Asks for a concurrent cycle as soon as there is no other collection, and a smaller heap. */
    void giveBack();

    /** Takes back what {@link #giveBack} asked for. */
    void settle();
  }

  private final Jvm jvm;
  private long lastCollections;
  private long settledCollections;
  private long settledBytes;
  private long askedCollections;
  private long askedCycles;
  private long askedBytes;
  private int looksLeft;
  private boolean shrank;

  HeapKeeper(Jvm jvm) {
    this.jvm = jvm;
  }

  /** Looks after the heap of this process until {@code vertx} closes. */
  static void start(Vertx vertx) {
    G1.find()
        .map(HeapKeeper::new)
        .ifPresent(keeper -> vertx.setPeriodic(LOOK_MILLIS, timer -> keeper.look()));
  }

  /** To be called at even intervals. */
  void look() {
    long collections = jvm.collections();
    long bytes = jvm.committedBytes();
    if (looksLeft > 0) {
      looksLeft--;
      shrank = bytes < askedBytes;
      if (shrank || looksLeft == 0) {
        settle(collections, bytes);
      } else if (collections - askedCollections >= CYCLE_COLLECTIONS) {
        // All of them are of the next busy time if the cycle has not begun: that it did not shrink
        // says nothing.
        settle(jvm.cycles() > askedCycles ? collections : settledCollections, bytes);
      }
    } else if (collections == lastCollections && mayShrink(collections, bytes)) {
      looksLeft = LOOKS_MAX;
      askedCollections = collections;
      askedCycles = jvm.cycles();
      askedBytes = bytes;
      jvm.giveBack();
    }
    lastCollections = collections;
  }

  private void settle(long collections, long bytes) {
    looksLeft = 0;
    jvm.settle();
    settledCollections = collections;
    settledBytes = shrank ? bytes : settledBytes;
  }

  private boolean mayShrink(long collections, long bytes) {
    if (bytes <= jvm.leastBytes()) {
      return false;
    }
    boolean isMuchFree = jvm.isMuchFree();
    if (shrank && isMuchFree) {
      return true; // That cycle met the next busy time, and had to leave much.
    }
    return collections - settledCollections >= BUSY_COLLECTIONS
        && (isMuchFree || bytes > settledBytes + settledBytes / 4);
  }

  /** HotSpot with the G1 collector, by its manageable flags. */
  private static final class G1 implements Jvm {
    private static final String INTERVAL = "G1PeriodicGCInterval";
    private static final String FREE_MIN = "MinHeapFreeRatio";
    private static final String FREE_MAX = "MaxHeapFreeRatio";
    private static final String INTERVAL_MILLIS = "500";
    private static final String CYCLE_CAUSE = "G1 Periodic Collection";
    // Of the heap, in percent: what is free then suffices to begin the next busy time with.
    private static final String IDLE_FREE_MIN = "10";
    private static final String IDLE_FREE_MAX = "30";
    private static final double MUCH_FREE = 0.4;

    private final HotSpotDiagnosticMXBean flags;
    private final List<GarbageCollectorMXBean> collectors =
        ManagementFactory.getGarbageCollectorMXBeans();
    private final AtomicLong cycles = new AtomicLong();
    private final VMOption interval;
    private final VMOption freeMin;
    private final VMOption freeMax;
    private final boolean ratiosAreFree;
    private final long leastBytes;

    private G1(HotSpotDiagnosticMXBean flags) {
      this.flags = flags;
      interval = flags.getVMOption(INTERVAL);
      freeMin = flags.getVMOption(FREE_MIN);
      freeMax = flags.getVMOption(FREE_MAX);
      ratiosAreFree = isFree(freeMin) && isFree(freeMax);
      leastBytes = Long.parseLong(flags.getVMOption("MinHeapSize").getValue());
      for (GarbageCollectorMXBean collector : collectors) {
        ((NotificationEmitter) collector)
            .addNotificationListener((notification, none) -> count(notification), null, null);
      }
    }

    private void count(Notification collection) {
      GarbageCollectionNotificationInfo info =
          GarbageCollectionNotificationInfo.from((CompositeData) collection.getUserData());
      if (info.getGcCause().equals(CYCLE_CAUSE)) {
        cycles.incrementAndGet();
      }
    }

    static Optional<Jvm> find() {
      try {
        HotSpotDiagnosticMXBean flags =
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        boolean isG1 =
            flags != null && Boolean.parseBoolean(flags.getVMOption("UseG1GC").getValue());
        return isG1 && isFree(flags.getVMOption(INTERVAL))
            ? Optional.of(new G1(flags))
            : Optional.empty();
      } catch (IllegalArgumentException e) {
        return Optional.empty(); // Another JVM, without these flags.
      }
    }

    private static boolean isFree(VMOption flag) {
      return flag.isWriteable() && flag.getOrigin() == VMOption.Origin.DEFAULT;
    }

    @Override
    public long collections() {
      return collectors.stream().mapToLong(GarbageCollectorMXBean::getCollectionCount).sum();
    }

    @Override
    public long cycles() {
      return cycles.get();
    }

    @Override
    public long committedBytes() {
      return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
    }

    @Override
    public long leastBytes() {
      return leastBytes;
    }

    @Override
    public boolean isMuchFree() {
      MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
      return ratiosAreFree
          && heap.getCommitted() - heap.getUsed() > heap.getCommitted() * MUCH_FREE;
    }

    @Override
    public void giveBack() {
      if (ratiosAreFree) { // In an order in which the lower one is never higher.
        flags.setVMOption(FREE_MIN, IDLE_FREE_MIN);
        flags.setVMOption(FREE_MAX, IDLE_FREE_MAX);
      }
      flags.setVMOption(INTERVAL, INTERVAL_MILLIS);
    }

    @Override
    public void settle() {
      flags.setVMOption(INTERVAL, interval.getValue());
      if (ratiosAreFree) {
        flags.setVMOption(FREE_MAX, freeMax.getValue());
        flags.setVMOption(FREE_MIN, freeMin.getValue());
      }
    }
  }
}
