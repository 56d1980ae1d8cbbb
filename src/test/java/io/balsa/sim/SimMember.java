package io.balsa.sim;

import io.balsa.engine.DiskInput;
import io.balsa.engine.DiskWriter;
import io.balsa.engine.EngineInsight;
import io.balsa.engine.MemberInfo;
import io.balsa.engine.Outbox;
import io.balsa.engine.PeerInput;
import io.balsa.engine.RaftInput;
import io.balsa.engine.RaftLoop;
import io.balsa.engine.RaftLoopOptions;
import io.balsa.engine.RaftView;
import io.balsa.engine.Recovery;
import io.balsa.engine.Replica;
import io.balsa.engine.ReplicaInput;
import io.balsa.engine.ReplicaOptions;
import io.balsa.engine.SnapshotIo;
import io.balsa.engine.request.Answers;
import io.balsa.engine.request.Leadership;
import io.balsa.raft.RawNode;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Message.StorageAppend;
import io.balsa.storage.DataDir;
import io.balsa.storage.Identity;
import io.balsa.storage.MemberStore;
import io.balsa.storage.Recovered;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.DiskFullException;
import io.balsa.storage.file.FileSystem;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.slf4j.helpers.NOPLogger;

/**
 * One member: the shipped engine over a simulated disk. Its parts take turns as the verticles do,
 * each with its own queue of inputs; a turn takes what has come and ends with a flush. A process
 * that has ended is started again after a while.
 */
final class SimMember implements Outbox {
  static final Path DIRECTORY = Path.of("/balsa");
  static final long TICK_NANOS = 100 * Timeline.MILLIS;
  static final int ELECTION_TICKS = 10;
  private static final long PREPARE_NANOS = 250 * Timeline.MILLIS;
  private static final long DIAL_NANOS = 2 * Timeline.SECONDS;
  private static final long SYNC_NANOS = 400 * Timeline.MICROS;
  private static final int ROT_TRIES_MAX = 50;
  private static final long SEGMENT_BYTES = 32 << 10;
  private static final long RESERVE_BYTES = 64 << 10;

  /** The parts of a member that take turns. */
  enum Part {
    RAFT,
    DISK,
    REPLICA,
    PEERS
  }

  /** What has become of the process. */
  enum State {
    /** It reads what its disk holds. */
    RECOVERING,
    RUNNING,
    ENDED,
    /** It will not start: its disk is damaged. */
    DAMAGED,
    /** The cluster has removed it. */
    REMOVED
  }

  final MemberInfo self;
  final long id;
  final SimulatedFileSystem files;
  final SimClock clock;
  private final Simulation world;
  private final Timeline timeline;
  private final List<MemberInfo> founders;
  private final Random random;
  private final Map<Part, Deque<Object>> queues = new EnumMap<>(Part.class);
  private final Map<Part, Boolean> planned = new EnumMap<>(Part.class);

  private State state = State.ENDED;
  private long incarnation;
  private long pausedUntil;
  private boolean hasPower;
  private MemberStore store;
  private DiskWriter disk;
  private RaftLoop raft;
  private Replica replica;
  private RaftView view;
  private PeerInput.Members told;
  private final Set<Long> guests = new HashSet<>();
  private long storedAt;
  private List<StorageAppend> storing = List.of(); // As the raft loop knows them.

  /** How long the disk takes for a sync, in nanoseconds, up to twice this. */
  long syncNanos = SYNC_NANOS;

  /** The disk does nothing before this time. */
  long diskStalledUntil;

  /** Whether bytes on this disk were changed behind its back. */
  boolean rotten;

  /** Whether calls of the file system were made to fail in this incarnation. */
  boolean diskFaulty;

  SimMember(Simulation world, MemberInfo self, List<MemberInfo> founders, long seed) {
    this.world = world;
    this.timeline = world.timeline;
    this.self = self;
    this.id = self.id();
    this.founders = founders;
    this.random = new Random(seed);
    this.files = new SimulatedFileSystem(new Random(random.nextLong()));
    this.clock = new SimClock(timeline, (1 + random.nextInt(1_000_000)) * Timeline.SECONDS);
    for (Part part : Part.values()) {
      queues.put(part, new ArrayDeque<>());
    }
  }

  State state() {
    return state;
  }

  boolean isRunning() {
    return state == State.RUNNING;
  }

  /** Whether its machine is there and says that no process listens. */
  boolean refusesConnections() {
    return hasPower && !isRunning();
  }

  /** Counts the starts; what was meant for another one is not delivered. */
  long incarnation() {
    return incarnation;
  }

  RaftView view() {
    return view;
  }

  /** The members as the peer transport was told last. */
  PeerInput.Members told() {
    return told;
  }

  /** Those that have sent something in this incarnation. */
  Set<Long> guests() {
    return guests;
  }

  RawNode node() {
    return EngineInsight.node(raft);
  }

  Replica replica() {
    return replica;
  }

  // ---- Life and death

  /** Starts the process; one that cannot start is tried again, or stays down if it is damaged. */
  void start() {
    incarnation++;
    pausedUntil = 0;
    hasPower = true;
    diskFaulty = false;
    queues.values().forEach(Deque::clear);
    planned.clear();
    guests.clear();
    state = State.RECOVERING;
    try {
      open();
    } catch (DamagedException e) {
      Violation.unless(rotten, "member %x finds damage that nobody did: %s", id, e.getMessage());
      world.coverage.count(Rare.ROT_FOUND);
      timeline.note(0xda);
      state = State.DAMAGED;
      files.killProcess();
      world.operators.get(0).replace(this);
      return;
    } catch (StorageException e) {
      if (files.hasLostPower()) {
        world.coverage.count(Rare.CRASHED_IN_RECOVERY);
      } else if (!(e instanceof DiskFullException)) {
        mustBeExpected(e);
      }
      end(files.hasLostPower() ? random.nextDouble() : -1);
      return;
    }
    state = State.RUNNING;
    raft.flush();
    replica.flush();
    plan(Part.REPLICA);
    tickRaftLater(incarnation);
    tickReplicaLater(incarnation);
    prepareLater(incarnation);
    dialLater(incarnation);
    judge();
  }

  private void open() throws StorageException {
    FileSystem seen = world.flaw.files(files);
    store =
        MemberStore.open(
            DataDir.open(seen, DIRECTORY),
            new Identity(Simulation.CLUSTER, id, self.name()),
            new WalOptions(SEGMENT_BYTES, RESERVE_BYTES),
            clock::nanos);
    Recovery recovery =
        Recovery.isBlank(store) && !founders.isEmpty()
            ? Recovery.found(store, founders)
            : Recovery.of(store);
    Recovered recovered = recovery.recovered();
    world.promises.recovered(this, recovered);
    recovered.report().tornTail().ifPresent(tail -> world.coverage.count(Rare.TORN_TAIL));
    recovered
        .report()
        .quarantined()
        .forEach(
            message -> {
              Violation.unless(rotten, "member %x set a snapshot aside: %s", id, message);
              world.coverage.count(Rare.SNAPSHOT_QUARANTINED);
            });
    Random engineRandom = new Random(random.nextLong());
    disk = new DiskWriter(store, this);
    raft =
        new RaftLoop(
            new RaftLoopOptions(
                id,
                ELECTION_TICKS,
                10,
                world.options.messageBytes(),
                world.options.catchUpEntries(),
                1 << 20,
                true),
            recovered,
            engineRandom,
            this,
            NOPLogger.NOP_LOGGER);
    long number = recovery.firstNumber(id, clock.wallMillis(), engineRandom);
    replica = new Replica(options(), recovery, number, engineRandom, this, clock.nanos());
  }

  private ReplicaOptions options() {
    return ReplicaOptions.of(Simulation.CLUSTER, self)
        .configured(
            1 << 30,
            world.options.historyBytes(),
            128,
            world.options.snapshotEntries(),
            1 << 26,
            ELECTION_TICKS * TICK_NANOS / Timeline.MILLIS,
            ReplicaOptions.AutoCompaction.NONE)
        .withApplyEntriesMax(world.options.applyEntries())
        .withLeaseCheckpointMillis(world.options.leaseCheckpointMillis());
  }

  /**
   * The process ends at once, and is started again after a while.
   *
   * @param survival below 0: only the process died; otherwise power was lost, and of what was not
   *     synced this share survives
   */
  void end(double survival) {
    if (state == State.DAMAGED || state == State.REMOVED) {
      return;
    }
    state = State.ENDED;
    incarnation++;
    hasPower = survival < 0;
    view = null;
    queues.values().forEach(Deque::clear);
    if (survival < 0) {
      files.killProcess();
      files.failCall(0);
    } else {
      files.restart(survival);
      if (world.flaw.emptiesDisks() && random.nextInt(5) == 0) {
        files.format();
      }
    }
    timeline.note(0xdead ^ id);
    world.ended(this);
    long wanted = incarnation;
    long downNanos =
        random.nextInt(4) == 0
            ? random.nextInt(20_000) * Timeline.MILLIS
            : random.nextInt(1_000) * Timeline.MILLIS;
    timeline.after(
        downNanos,
        () -> {
          if (state == State.ENDED && incarnation == wanted) {
            start();
          }
        });
  }

  private void failed(Exception e) {
    if (files.hasLostPower()) {
      world.coverage.count(Rare.POWER_LOST_IN_CALL);
      end(random.nextDouble());
      return;
    }
    mustBeExpected(e);
    world.coverage.count(Rare.LOG_POISONED);
    end(-1);
  }

  private void mustBeExpected(Exception e) {
    if (!diskFaulty && !rotten) {
      throw new Violation("member %x failed by itself: %s".formatted(id, e), e);
    }
  }

  boolean isDiskStalled() {
    return timeline.now() < diskStalledUntil;
  }

  void restoreDiskSpeed() {
    syncNanos = SYNC_NANOS;
  }

  /** A bit on its disk changes behind its back, where something was written. */
  void rot(Random chance) {
    try {
      List<Path> all = files.allFiles();
      for (int tries = 0; tries < ROT_TRIES_MAX; tries++) {
        Path file = all.get(chance.nextInt(all.size()));
        byte[] content = files.content(file);
        int offset = content.length == 0 ? 0 : chance.nextInt(content.length);
        if (content.length > 0 && content[offset] != 0) {
          rotten = true;
          files.flip(file, offset, 1 << chance.nextInt(8));
          return;
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Nothing of this member runs for a while: a pause of its collector, or of its machine. */
  void pause(long nanos) {
    pausedUntil = Math.max(pausedUntil, timeline.now() + nanos);
  }

  @Override
  public void removed() {
    queues.get(Part.PEERS).forEach(input -> peers((PeerInput) input)); // It was sent before.
    state = State.REMOVED;
    incarnation++;
    queues.values().forEach(Deque::clear);
    files.killProcess();
    world.ended(this);
  }

  // ---- Time

  private void tickRaftLater(long of) {
    later(
        clock.really(TICK_NANOS),
        of,
        () -> {
          toRaft(new RaftInput.Tick());
          tickRaftLater(of);
        });
  }

  private void tickReplicaLater(long of) {
    later(
        clock.really(TICK_NANOS),
        of,
        () -> {
          toReplica(new ReplicaInput.Tick());
          tickReplicaLater(of);
        });
  }

  private void dialLater(long of) {
    later(
        DIAL_NANOS,
        of,
        () -> {
          world.network.dial(this);
          dialLater(of);
        });
  }

  private void prepareLater(long of) {
    later(
        clock.really(PREPARE_NANOS),
        of,
        () -> {
          if (disk.wantsPreparation()) {
            DiskInput.Prepared step = disk.prepare();
            if (files.hasLostPower()) {
              failed(null);
              return;
            }
            toDisk(step);
          }
          prepareLater(of);
        });
  }

  /** Does something later in the same incarnation, when the process is not paused. */
  private void later(long nanos, long of, Runnable action) {
    timeline.after(
        nanos,
        () -> {
          if (incarnation != of) {
            return;
          }
          if (timeline.now() < pausedUntil) {
            later(pausedUntil - timeline.now(), of, action);
          } else {
            action.run();
          }
        });
  }

  // ---- Turns

  private void put(Part part, Object input) {
    if (state != State.RUNNING && state != State.RECOVERING) {
      return;
    }
    queues.get(part).add(input);
    plan(part);
  }

  private void plan(Part part) {
    boolean hasInputs = !queues.get(part).isEmpty();
    boolean hasBacklog = !hasInputs && part == Part.REPLICA && isRunning() && replica.hasMoreWork();
    if (planned.getOrDefault(part, false) || (!hasInputs && !hasBacklog)) {
      return;
    }
    planned.put(part, true);
    long nanos = (2 + random.nextInt(60)) * Timeline.MICROS;
    if (hasBacklog) {
      nanos += random.nextInt(10) * Timeline.MILLIS; // Others come in between.
    }
    if (part == Part.DISK) {
      nanos = diskNanos((DiskInput) queues.get(part).peek());
    }
    later(
        nanos,
        incarnation,
        () -> {
          planned.put(part, false);
          turn(part);
          if (isRunning()) {
            plan(part);
          }
        });
  }

  private long diskNanos(DiskInput input) {
    long nanos = (10 + random.nextInt(40)) * Timeline.MICROS;
    if (input instanceof DiskInput.Append || input instanceof DiskInput.WriteSnapshot) {
      nanos += (long) (syncNanos * (0.5 + 1.5 * random.nextDouble()));
    }
    return Math.max(nanos, diskStalledUntil - timeline.now());
  }

  private void turn(Part part) {
    Deque<Object> queue = queues.get(part);
    try {
      switch (part) {
        case RAFT -> {
          for (int count = some(queue.size()); count > 0 && isRunning(); count--) {
            world.flaw.raft(this, (RaftInput) queue.remove(), raft);
          }
          raft.flush();
        }
        case REPLICA -> {
          for (int count = some(queue.size()); count > 0 && isRunning(); count--) {
            world.flaw.replica(this, (ReplicaInput) queue.remove(), replica);
          }
          replica.flush();
        }
        case DISK -> {
          if (isDiskStalled()) {
            return; // It began to stall meanwhile.
          }
          world.flaw.disk(this, asStored((DiskInput) queue.remove()), disk);
        }
        case PEERS -> peers((PeerInput) queue.remove());
      }
    } catch (StorageException e) {
      failed(e);
      return;
    } catch (Violation e) {
      throw e;
    } catch (RuntimeException e) {
      if (!rotten && !diskFaulty && !files.hasLostPower()) {
        throw new Violation("member %x stopped itself: %s".formatted(id, e), e);
      }
      failed(e);
      return;
    }
    if (isRunning()) {
      judge();
    }
  }

  /** An input as a flaw lets it reach the disk; the raft loop shall not notice. */
  private DiskInput asStored(DiskInput input) {
    if (input instanceof DiskInput.Append append) {
      storing = append.batches();
      List<StorageAppend> changed = new ArrayList<>();
      append.batches().forEach(batch -> changed.add(world.flaw.stored(this, batch)));
      return new DiskInput.Append(changed);
    }
    return input;
  }

  /** Stores what is said to be stored already. */
  void storeLater(DiskInput.Append append) {
    storedAt = Math.max(storedAt + 1, timeline.now() + random.nextInt(20) * Timeline.MILLIS);
    later(
        storedAt - timeline.now(),
        incarnation,
        () -> {
          try {
            store.append(append.batches());
          } catch (StorageException e) {
            failed(e);
          }
        });
  }

  /** Sends messages past everything that they should wait for. */
  void send(List<Message> messages) {
    world.network.send(this, messages);
  }

  /** How many of the inputs that wait are taken in one turn. */
  private int some(int waiting) {
    return waiting > 0 && random.nextInt(3) == 0 ? 1 + random.nextInt(waiting) : waiting;
  }

  private void peers(PeerInput input) {
    if (input instanceof PeerInput.Send send) {
      world.network.send(this, send.messages());
    } else if (input instanceof PeerInput.Members members) {
      told = members;
    }
  }

  /** A member that joins asks one of the others who they are. */
  void introduce(PeerInput.Members members) {
    told = members;
  }

  private void judge() {
    world.elections.check(this);
    world.oracle.check(this);
  }

  // ---- Outbox

  @Override
  public void toRaft(RaftInput input) {
    if (input instanceof RaftInput.Stored) {
      world.promises.stored(this, storing);
      put(Part.RAFT, new RaftInput.Stored(storing));
      return;
    } else if (input instanceof RaftInput.SnapshotTaken) {
      world.coverage.count(Rare.SNAPSHOT_TAKEN);
    }
    put(Part.RAFT, input);
  }

  @Override
  public void toDisk(DiskInput input) {
    if (input instanceof DiskInput.Append append) {
      world.elections.appended(this, append.batches());
    }
    world.flaw.toDisk(this, input);
    put(Part.DISK, input);
  }

  @Override
  public void toPeers(PeerInput input) {
    put(Part.PEERS, input);
  }

  @Override
  public void toReplica(ReplicaInput input) {
    if (input instanceof ReplicaInput.RaftChanged changed) {
      world.elections.changed(this, view, changed.view());
      view = changed.view();
    } else if (input instanceof ReplicaInput.Committed committed) {
      world.oracle.committed(this, committed.batch());
      if (committed.batch().entries().size() > world.options.applyEntries()) {
        world.coverage.count(Rare.APPLIED_IN_STEPS);
      }
    } else if (input instanceof ReplicaInput.Install) {
      world.coverage.count(Rare.SNAPSHOT_INSTALLED);
    }
    put(Part.REPLICA, input);
  }

  @Override
  public void toSnapshotUser(String address, SnapshotIo answer) {
    world.network.snapshotAnswer(address, answer);
  }

  @Override
  public void toClient(String address, Answers answers) {
    world.answered(this, address, world.flaw.answered(answers));
  }

  @Override
  public void leadership(Leadership leadership) {}
}
