package io.balsa.engine;

import io.balsa.engine.request.Answers;
import io.balsa.engine.request.Leadership;
import io.balsa.raft.message.Message;
import io.balsa.storage.DataDir;
import io.balsa.storage.Identity;
import io.balsa.storage.MemberStore;
import io.balsa.storage.SnapshotPart;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.wal.WalOptions;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The engine of one member over a simulated disk, one step at a time. */
final class EngineMember implements Outbox {
  private static final Path DIRECTORY = Path.of("/balsa");
  private static final int ELECTION_TICKS = 10;

  /** The parts of a member, each with its own queue of inputs. */
  enum Part {
    RAFT,
    DISK,
    REPLICA,
    PEERS
  }

  final long id;
  private final MemberInfo self;
  final SimulatedFileSystem files;
  private final EngineCluster cluster;
  private final List<MemberInfo> founders;
  private final Map<Part, Deque<Object>> queues = new LinkedHashMap<>();
  RaftLoop raft;
  DiskWriter disk;
  Replica replica;
  MemberStore store;
  boolean alive;
  boolean removed;
  RaftView view;
  Leadership leadership;
  PeerInput.Members told;

  EngineMember(
      EngineCluster cluster,
      MemberInfo self,
      SimulatedFileSystem files,
      List<MemberInfo> founders) {
    this.cluster = cluster;
    this.self = self;
    this.id = self.id();
    this.files = files;
    this.founders = founders;
    for (Part part : Part.values()) {
      queues.put(part, new ArrayDeque<>());
    }
  }

  void start() throws StorageException {
    store =
        MemberStore.open(
            DataDir.open(files, DIRECTORY),
            new Identity(EngineCluster.CLUSTER, id, self.name()),
            new WalOptions(64 << 10, 0),
            System::nanoTime);
    Recovery recovery =
        Recovery.isBlank(store) && !founders.isEmpty()
            ? Recovery.found(store, founders)
            : Recovery.of(store);
    Random random = new Random(cluster.random.nextLong());
    long number = recovery.firstNumber(id, cluster.nowMillis(), random);
    disk = new DiskWriter(store, this);
    raft =
        new RaftLoop(
            new RaftLoopOptions(
                id, ELECTION_TICKS, 10, 2 << 20, cluster.catchUpEntries, 1 << 20, true),
            recovery.recovered(),
            random,
            this);
    replica =
        new Replica(cluster.options(self), recovery, number, random, this, cluster.nowNanos());
    alive = true;
    raft.flush();
    replica.flush();
  }

  /** The process is gone, and what it had not synced survives by chance. */
  void crash(double survival) {
    alive = false;
    queues.values().forEach(Deque::clear);
    files.killProcess();
    files.restart(survival);
  }

  boolean isIdle(Part part) {
    return queues.get(part).isEmpty();
  }

  void step(Part part) throws StorageException {
    Object input = queues.get(part).remove();
    switch (part) {
      case RAFT -> {
        raft.handle((RaftInput) input);
        raft.flush();
      }
      case DISK -> disk.handle((DiskInput) input);
      case REPLICA -> {
        replica.handle((ReplicaInput) input, cluster.nowNanos());
        flushReplica();
      }
      case PEERS -> {
        if (input instanceof PeerInput.Send send) {
          send.messages().forEach(message -> cluster.send(this, message));
        } else {
          told = (PeerInput.Members) input;
        }
      }
    }
  }

  void flushReplica() {
    replica.flush();
    while (replica.hasMoreWork()) {
      replica.flush();
    }
  }

  /** A message has arrived from the network. */
  void deliver(Message message, EngineMember sender) throws StorageException {
    if (message instanceof Message.InstallSnapshot install) {
      boolean delivered = copySnapshot(install, sender);
      sender.toRaft(new RaftInput.SnapshotSent(id, delivered));
      if (!delivered) {
        return;
      }
    }
    toRaft(new RaftInput.FromPeer(List.of(message)));
  }

  private boolean copySnapshot(Message.InstallSnapshot install, EngineMember sender) {
    try {
      long offset = 0;
      SnapshotPart part;
      do {
        part = sender.store.readSnapshot(install.snapshot().last(), offset, 100_000);
        offset =
            store.writeSnapshot(sender.id, install.snapshot(), offset, part.data(), part.end());
      } while (!part.end());
      return true;
    } catch (StorageException e) {
      return false;
    }
  }

  @Override
  public void toRaft(RaftInput input) {
    queues.get(Part.RAFT).add(input);
  }

  @Override
  public void toDisk(DiskInput input) {
    queues.get(Part.DISK).add(input);
  }

  @Override
  public void toPeers(PeerInput input) {
    queues.get(Part.PEERS).add(input);
  }

  @Override
  public void toReplica(ReplicaInput input) {
    if (input instanceof ReplicaInput.RaftChanged changed) {
      view = changed.view();
    }
    queues.get(Part.REPLICA).add(input);
  }

  @Override
  public void toSnapshotUser(String address, SnapshotIo answer) {
    throw new AssertionError("nobody but the replica asks here: " + address);
  }

  @Override
  public void toClient(String address, Answers answers) {
    cluster.answered(address, answers);
  }

  @Override
  public void leadership(Leadership seen) {
    leadership = seen;
  }

  @Override
  public void removed() {
    removed = true;
  }
}
