package io.balsa.verticle;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.bus.Addresses;
import io.balsa.bus.PassThroughCodec;
import io.balsa.cluster.Ports;
import io.balsa.data.Bytes;
import io.balsa.engine.DiskInput;
import io.balsa.engine.MemberInfo;
import io.balsa.engine.PeerInput;
import io.balsa.engine.RaftInput;
import io.balsa.engine.SnapshotIo;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.verticle.peer.PeerOptions;
import io.balsa.verticle.peer.PeerStats;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** One peer transport on real sockets; this object stands where its raft loop and disk would. */
final class TestPeer {
  static final long CLUSTER = 0xba15aL;

  private static final Map<Integer, Bytes> ZEROS = new ConcurrentHashMap<>();

  final long id;
  final Addresses addresses;
  final Map<EntryId, byte[]> snapshots = new ConcurrentHashMap<>();
  private final Vertx vertx;
  private final PeerVerticle verticle;
  private final List<RaftInput> raft = new ArrayList<>();
  private final Map<Long, ByteArrayOutputStream> writing = new HashMap<>();
  private final List<Long> offsetsWritten = new ArrayList<>();
  private final List<MessageConsumer<?>> consumers = new ArrayList<>();
  private final List<DiskInput> held = new CopyOnWriteArrayList<>();
  private final AtomicLong bytesRead = new AtomicLong();
  private volatile long holdFrom = Long.MAX_VALUE;
  private volatile boolean diskAnswers = true;
  private volatile String diskFailure;
  private volatile String deployment;
  private volatile int port;
  private int receivedCount;

  private TestPeer(Vertx vertx, PeerOptions options) {
    this.vertx = vertx;
    this.id = options.memberId();
    this.addresses = new Addresses("test." + Long.toHexString(id) + "." + System.nanoTime());
    this.verticle = new PeerVerticle(options, addresses);
  }

  /** Quick to try again. */
  static PeerOptions options(long id) {
    return options(id, 4 * 1024 * 1024);
  }

  static PeerOptions options(long id, int messageBytesMax) {
    PeerOptions base =
        PeerOptions.of(id, "n" + id, CLUSTER, "127.0.0.1", 0, messageBytesMax, new Random(id));
    return heartbeatEvery(20, reconnecting(5, 50, base));
  }

  static PeerOptions on(int port, PeerOptions o) {
    return change(o, o.clusterId(), port, o.queueBytesMax(), o.heartbeatMillis(), o.stallMillis());
  }

  static PeerOptions inCluster(long clusterId, PeerOptions o) {
    return change(o, clusterId, o.port(), o.queueBytesMax(), o.heartbeatMillis(), o.stallMillis());
  }

  static PeerOptions queue(long bytesMax, PeerOptions o) {
    return change(o, o.clusterId(), o.port(), bytesMax, o.heartbeatMillis(), o.stallMillis());
  }

  static PeerOptions heartbeatEvery(long millis, PeerOptions o) {
    return change(o, o.clusterId(), o.port(), o.queueBytesMax(), millis, o.stallMillis());
  }

  static PeerOptions stallAfter(long millis, PeerOptions o) {
    return change(o, o.clusterId(), o.port(), o.queueBytesMax(), o.heartbeatMillis(), millis);
  }

  static PeerOptions reconnecting(long minMillis, long maxMillis, PeerOptions o) {
    return new PeerOptions(
        o.memberId(),
        o.name(),
        o.clusterId(),
        o.host(),
        o.port(),
        o.peerUrls(),
        o.tls(),
        o.queueBytesMax(),
        o.batchBytesMax(),
        o.messageBytesMax(),
        o.chunkBytes(),
        o.heartbeatMillis(),
        o.stallMillis(),
        minMillis,
        maxMillis,
        o.random());
  }

  static PeerOptions withTls(PeerOptions.Tls tls, PeerOptions o) {
    return new PeerOptions(
        o.memberId(),
        o.name(),
        o.clusterId(),
        o.host(),
        o.port(),
        o.peerUrls(),
        Optional.of(tls),
        o.queueBytesMax(),
        o.batchBytesMax(),
        o.messageBytesMax(),
        o.chunkBytes(),
        o.heartbeatMillis(),
        o.stallMillis(),
        o.reconnectMinMillis(),
        o.reconnectMaxMillis(),
        o.random());
  }

  private static PeerOptions change(
      PeerOptions o,
      long clusterId,
      int port,
      long queueBytesMax,
      long heartbeatMillis,
      long stallMillis) {
    return new PeerOptions(
        o.memberId(),
        o.name(),
        clusterId,
        o.host(),
        port,
        o.peerUrls(),
        o.tls(),
        queueBytesMax,
        o.batchBytesMax(),
        o.messageBytesMax(),
        o.chunkBytes(),
        heartbeatMillis,
        stallMillis,
        o.reconnectMinMillis(),
        o.reconnectMaxMillis(),
        o.random());
  }

  static TestPeer start(Vertx vertx, PeerOptions options) {
    TestPeer peer = new TestPeer(vertx, options);
    PassThroughCodec.register(vertx);
    peer.consumers.add(
        vertx
            .eventBus()
            .<RaftInput>localConsumer(peer.addresses.raft(), m -> peer.fromTransport(m.body())));
    peer.consumers.add(
        vertx.eventBus().<DiskInput>localConsumer(peer.addresses.disk(), m -> peer.disk(m.body())));
    peer.deployment = await(vertx.deployVerticle(peer.verticle));
    peer.port = peer.verticle.port();
    return peer;
  }

  static TestPeer start(Vertx vertx, long id) {
    return start(vertx, options(id));
  }

  void stop() {
    await(vertx.undeploy(deployment));
    consumers.forEach(MessageConsumer::unregister);
  }

  int port() {
    return port;
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  void knows(TestPeer... others) {
    knows(urls(others));
  }

  private static Map<Long, List<String>> urls(TestPeer... others) {
    Map<Long, List<String>> urls = new TreeMap<>();
    for (TestPeer other : others) {
      urls.put(other.id, List.of(other.url()));
    }
    return urls;
  }

  void knows(Map<Long, List<String>> urls) {
    knows(urls, Set.of());
  }

  /** Nobody else is left but {@code others}, and {@code removed} were members once. */
  void knows(Set<Long> removed, TestPeer... others) {
    knows(urls(others), removed);
  }

  private void knows(Map<Long, List<String>> urls, Set<Long> removed) {
    List<MemberInfo> members = new ArrayList<>();
    members.add(info());
    urls.forEach((other, of) -> members.add(info(other, of)));
    Addresses.send(vertx, addresses.peer(), new PeerInput.Members(members, removed));
  }

  /** Discovery sees these, by name. */
  void sees(Map<String, List<String>> urls) {
    Addresses.send(vertx, addresses.peer(), new PeerInput.Hints(urls));
  }

  /** One that nobody listens on. */
  static int freePort() {
    return Ports.free();
  }

  /** As the log would have it. */
  MemberInfo info() {
    return info(id, List.of(url()));
  }

  private static MemberInfo info(long id, List<String> urls) {
    return new MemberInfo(id, "n" + id, urls, List.of("http://127.0.0.1:1"));
  }

  void send(Message... messages) {
    send(List.of(messages));
  }

  void send(List<Message> messages) {
    Addresses.send(vertx, addresses.peer(), new PeerInput.Send(messages));
  }

  /** Everything that the transport told the raft loop. */
  List<RaftInput> raftInputs() {
    synchronized (raft) {
      return List.copyOf(raft);
    }
  }

  List<Message> received() {
    List<Message> messages = new ArrayList<>();
    for (RaftInput input : raftInputs()) {
      if (input instanceof RaftInput.FromPeer batch) {
        messages.addAll(batch.messages());
      }
    }
    return messages;
  }

  int receivedCount() {
    synchronized (raft) {
      return receivedCount;
    }
  }

  long count(RaftInput input) {
    return raftInputs().stream().filter(input::equals).count();
  }

  PeerStats stats(TestPeer other) {
    return verticle.stats().stream()
        .filter(stats -> stats.member() == other.id)
        .findFirst()
        .orElseThrow();
  }

  List<PeerStats> allStats() {
    return verticle.stats();
  }

  boolean isConnected(TestPeer other) {
    return verticle.stats().stream()
        .anyMatch(stats -> stats.member() == other.id && stats.connected());
  }

  void awaitConnected(TestPeer other) {
    eventually("connected", () -> isConnected(other));
  }

  void diskAnswers(boolean answers) {
    diskAnswers = answers;
  }

  void diskFails(String reason) {
    diskFailure = reason;
  }

  /** From now on no part is written. */
  void holdWrites() {
    holdWritesFrom(0);
  }

  /** From now on no part at this offset or beyond is written. */
  void holdWritesFrom(long offset) {
    holdFrom = offset;
  }

  int writesHeld() {
    return held.size();
  }

  void releaseWrites() {
    holdFrom = Long.MAX_VALUE;
    List.copyOf(held).forEach(this::disk);
    held.clear();
  }

  long bytesRead() {
    return bytesRead.get();
  }

  /** Waits until nothing was read for a while. */
  void awaitNoMoreReads() {
    long[] last = {-1, System.nanoTime()};
    eventually(
        "no more reads",
        () -> {
          if (bytesRead.get() != last[0]) {
            last[0] = bytesRead.get();
            last[1] = System.nanoTime();
          }
          return System.nanoTime() - last[1] > TimeUnit.MILLISECONDS.toNanos(200);
        });
  }

  List<Long> offsetsWritten() {
    synchronized (writing) {
      return List.copyOf(offsetsWritten);
    }
  }

  byte[] written(long origin) {
    synchronized (writing) {
      return writing.containsKey(origin) ? writing.get(origin).toByteArray() : new byte[0];
    }
  }

  private void fromTransport(RaftInput input) {
    synchronized (raft) {
      raft.add(input);
      if (input instanceof RaftInput.FromPeer batch) {
        receivedCount += batch.messages().size();
      }
    }
  }

  private void disk(DiskInput input) {
    if (!diskAnswers) {
      return;
    }
    if (input instanceof DiskInput.ReadSnapshot read) {
      Addresses.send(vertx, read.replyTo(), read(read));
    } else if (input instanceof DiskInput.WriteSnapshot write && write.offset() >= holdFrom) {
      held.add(write);
    } else if (input instanceof DiskInput.WriteSnapshot write) {
      Addresses.send(vertx, write.replyTo(), write(write));
    }
  }

  private SnapshotIo read(DiskInput.ReadSnapshot read) {
    byte[] content = snapshots.get(read.last());
    if (content == null || diskFailure != null) {
      return new SnapshotIo.Failed(read.ticket(), "no such snapshot: " + read.last());
    }
    int from = (int) read.offset();
    int length = Math.min(read.bytesMax(), content.length - from);
    bytesRead.addAndGet(length);
    return new SnapshotIo.Part(
        read.ticket(),
        new Snapshot(read.last(), ConfState.EMPTY),
        read.offset(),
        Bytes.copyOf(content, from, length),
        from + length == content.length);
  }

  private SnapshotIo write(DiskInput.WriteSnapshot write) {
    if (diskFailure != null) {
      return new SnapshotIo.Failed(write.ticket(), diskFailure);
    }
    synchronized (writing) {
      offsetsWritten.add(write.offset());
      if (write.offset() == 0) {
        writing.put(write.origin(), new ByteArrayOutputStream());
      }
      ByteArrayOutputStream content = writing.get(write.origin());
      if (content.size() != write.offset()) {
        return new SnapshotIo.Failed(
            write.ticket(), "hole: " + content.size() + " != " + write.offset());
      }
      content.writeBytes(write.data().toArray());
      return new SnapshotIo.Written(write.ticket(), write.snapshot(), content.size(), write.end());
    }
  }

  static Message heartbeat(long from, long to, long commit) {
    return new Message.Heartbeat(from, to, 7, commit, 0);
  }

  /** One entry of {@code bytes} bytes at {@code index}. */
  static Message append(long from, long to, long index, int bytes) {
    // Shared, so that a test may send more than the heap would hold.
    Bytes data = ZEROS.computeIfAbsent(bytes, length -> Bytes.wrap(new byte[length]));
    return new Message.AppendRequest(
        from,
        to,
        7,
        new EntryId(7, index - 1),
        List.of(new Entry(7, index, EntryType.NORMAL, data)),
        0);
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until the condition holds, at most some seconds. */
  static void eventually(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }
}
