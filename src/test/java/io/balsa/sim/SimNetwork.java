package io.balsa.sim;

import io.balsa.data.MalformedException;
import io.balsa.engine.DiskInput;
import io.balsa.engine.MemberInfo;
import io.balsa.engine.RaftInput;
import io.balsa.engine.SnapshotIo;
import io.balsa.raft.message.Message;
import io.balsa.wire.Frame;
import io.balsa.wire.Wire;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * What lies between the members: streams of frames in the shipped encoding, that may be cut, slow,
 * lossy, out of order, or deliver twice or to a later incarnation of the receiver. Snapshots go
 * part by part on streams of their own.
 */
final class SimNetwork {
  private static final int CHUNK_BYTES = 1 << 10;
  private static final int MESSAGES_MAX = 20_000;
  private static final double FALSE_ALARMS = 0.01;
  private static final long STALL_NANOS = 2 * Timeline.SECONDS;

  private record Link(long from, long to) {}

  private final Simulation world;
  private final Timeline timeline;
  private final Random random;
  private final Set<Link> cut = new HashSet<>();
  private final Map<Link, Long> lastArrival = new HashMap<>();
  private final Map<String, SnapshotStream> streams = new HashMap<>();
  private final Map<Link, SnapshotStream> newestStream = new HashMap<>();
  private long streamCount;

  /** The share of frames that get lost. */
  double loss;

  /** The share of frames that come twice. */
  double duplication;

  /** The share of frames that do not keep their place. */
  double reordering;

  /** The share of frames that reach a later incarnation of their receiver. */
  double lateDelivery;

  /** Beside the usual latency, up to this. */
  long delayNanos;

  SimNetwork(Simulation world, long seed) {
    this.world = world;
    this.timeline = world.timeline;
    this.random = new Random(seed);
  }

  // ---- Cuts

  void cut(long from, long to) {
    cut.add(new Link(from, to));
  }

  void heal() {
    cut.clear();
  }

  void heal(long from, long to) {
    cut.remove(new Link(from, to));
  }

  boolean isCut(long from, long to) {
    return cut.contains(new Link(from, to));
  }

  // ---- Messages

  /** As the transport does: only to who the sender knows, and not from who was removed. */
  void send(SimMember from, List<Message> messages) {
    Map<Long, List<Message>> byReceiver = new TreeMap<>();
    for (Message message : messages) {
      Message sent = world.flaw.sent(from, message);
      if (sent instanceof Message.InstallSnapshot install) {
        sendSnapshot(from, install);
      } else if (sent != null && knows(from, sent.to())) {
        byReceiver.computeIfAbsent(sent.to(), none -> new ArrayList<>()).add(sent);
      }
    }
    byReceiver.forEach((to, batch) -> send(from, to, batch));
  }

  /** Who dialled is known too. */
  private static boolean knows(SimMember from, long member) {
    if (from.told() == null) {
      return false;
    }
    return from.told().members().stream().anyMatch(known -> known.id() == member)
        || (from.guests().contains(member) && !from.told().removed().contains(member));
  }

  private void send(SimMember from, long to, List<Message> messages) {
    world.coverage.messages++;
    SimMember receiver = world.member(to);
    if (receiver == null) {
      return;
    }
    Violation.unless(
        messages.size() <= MESSAGES_MAX,
        "messages multiply: member %x sends %d at once, the last is %s",
        from.id,
        messages.size(),
        messages.get(messages.size() - 1));
    byte[] bytes = encode(new Frame.Batch(messages));
    long incarnation = receiver.incarnation();
    carry(from, receiver, incarnation, bytes);
    if (random.nextDouble() < duplication) {
      carry(from, receiver, incarnation, bytes);
    }
  }

  private void carry(SimMember from, SimMember to, long incarnation, byte[] bytes) {
    if (random.nextDouble() < loss) {
      lost(from, to);
      return;
    }
    Link link = new Link(from.id, to.id);
    long arrival = timeline.now() + latency();
    if (random.nextDouble() >= reordering) {
      arrival = Math.max(arrival, lastArrival.getOrDefault(link, 0L) + 1);
      lastArrival.put(link, arrival);
    }
    boolean mayBeLate = random.nextDouble() < lateDelivery;
    timeline.at(
        arrival,
        () -> {
          boolean late = to.incarnation() != incarnation;
          if (isCut(from.id, to.id) || !to.isRunning() || (late && !mayBeLate)) {
            lost(from, to);
          } else {
            if (late) {
              world.coverage.count(Rare.OLD_INCARNATION_DELIVERED);
            }
            deliver(from, to, bytes);
          }
        });
  }

  private long latency() {
    long nanos = (20 + random.nextInt(300)) * Timeline.MICROS;
    return delayNanos == 0 ? nanos : nanos + (long) (random.nextDouble() * delayNanos);
  }

  private void lost(SimMember from, SimMember to) {
    world.coverage.messagesLost++;
    if (from.isRunning()) {
      from.toRaft(new RaftInput.Unreachable(to.id));
      boolean reaches = !isCut(from.id, to.id) && !isCut(to.id, from.id);
      if ((reaches && to.refusesConnections()) || random.nextDouble() < FALSE_ALARMS) {
        if (from.view() != null && from.view().leader() == to.id) {
          world.coverage.count(Rare.LEADER_FOUND_GONE);
        }
        from.toRaft(new RaftInput.Gone(to.id));
      }
    }
  }

  private void deliver(SimMember from, SimMember to, byte[] bytes) {
    timeline.note(checksum(bytes));
    if (refusesRemoved(from, to)) {
      return;
    }
    to.guests().add(from.id);
    List<Message> messages = new ArrayList<>();
    for (Message message : ((Frame.Batch) decode(bytes)).messages()) {
      messages.add(world.flaw.delivered(to, message));
    }
    to.toRaft(new RaftInput.FromPeer(messages));
  }

  /** As the transport does to have a stream: who was removed and has nothing to say hears so. */
  void dial(SimMember from) {
    if (from.told() == null) {
      return;
    }
    for (MemberInfo known : from.told().members()) {
      SimMember to = world.member(known.id());
      if (to != null && to.isRunning() && !isCut(from.id, to.id)) {
        refusesRemoved(from, to);
      }
    }
  }

  private boolean refusesRemoved(SimMember from, SimMember to) {
    boolean isRemoved = to.told() != null && to.told().removed().contains(from.id);
    if (isRemoved && from.isRunning() && !isCut(to.id, from.id)) {
      from.toRaft(new RaftInput.Removed());
    }
    return isRemoved;
  }

  private static byte[] encode(Frame frame) {
    ByteBuffer buffer = Wire.encode(frame);
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static Frame decode(byte[] bytes) {
    try {
      return Wire.decode(ByteBuffer.wrap(bytes));
    } catch (MalformedException e) {
      throw new Violation("a frame of our own cannot be read", e);
    }
  }

  private static long checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return crc.getValue();
  }

  // ---- Snapshots

  private void sendSnapshot(SimMember from, Message.InstallSnapshot install) {
    SimMember to = world.member(install.to());
    if (to == null || !knows(from, install.to())) {
      from.toRaft(new RaftInput.SnapshotSent(install.to(), false));
      return;
    }
    SnapshotStream stream = new SnapshotStream(from, to, install);
    SnapshotStream older = newestStream.put(new Link(from.id, to.id), stream);
    if (older != null) {
      older.over = true;
    }
    streams.values().removeIf(each -> each.over);
    streams.put(stream.address, stream);
    stream.begin();
  }

  /** The disk of one end has read or written a part. */
  void snapshotAnswer(String address, SnapshotIo answer) {
    SnapshotStream stream = streams.get(address);
    if (stream != null) {
      stream.answered(answer);
    }
  }

  private final class SnapshotStream {
    private final String address = "snapshot " + ++streamCount;
    private final SimMember from;
    private final SimMember to;
    private final long fromIncarnation;
    private final long toIncarnation;
    private final Message.InstallSnapshot install;
    private long progressedAt = timeline.now();
    private long offset;
    private boolean over;

    SnapshotStream(SimMember from, SimMember to, Message.InstallSnapshot install) {
      this.from = from;
      this.to = to;
      this.fromIncarnation = from.incarnation();
      this.toIncarnation = to.incarnation();
      this.install = install;
    }

    void begin() {
      carry(from, to, this::read);
      watch();
    }

    private void watch() {
      timeline.after(
          STALL_NANOS,
          () -> {
            if (!over && timeline.now() - progressedAt >= STALL_NANOS) {
              finish(false);
            } else if (!over) {
              watch();
            }
          });
    }

    /** Does something at the other end, if it gets there. */
    private void carry(SimMember sender, SimMember receiver, Runnable action) {
      boolean lost = random.nextDouble() < loss;
      timeline.after(
          latency(),
          () -> {
            boolean sameEnds =
                from.incarnation() == fromIncarnation && to.incarnation() == toIncarnation;
            if (over || lost || !sameEnds || isCut(sender.id, receiver.id)) {
              return;
            }
            progressedAt = timeline.now();
            action.run();
          });
    }

    private void read() {
      if (refusesRemoved(from, to)) {
        finish(false);
        return;
      }
      from.toDisk(
          new DiskInput.ReadSnapshot(address, 0, install.snapshot().last(), offset, CHUNK_BYTES));
    }

    private void answered(SnapshotIo answer) {
      if (over) {
        return;
      }
      if (answer instanceof SnapshotIo.Part part) {
        byte[] bytes = encode(new Frame.Part(part.offset(), part.data(), part.end()));
        carry(from, to, () -> write((Frame.Part) decode(bytes)));
      } else if (answer instanceof SnapshotIo.Written written) {
        offset = written.nextOffset();
        if (written.durable()) {
          Frame.Install head = (Frame.Install) decode(encode(new Frame.Install(install)));
          to.toRaft(new RaftInput.FromPeer(List.of(head.message())));
          carry(to, from, () -> finish(true));
        } else {
          carry(to, from, this::read);
        }
      } else {
        finish(false);
      }
    }

    private void write(Frame.Part part) {
      to.toDisk(
          new DiskInput.WriteSnapshot(
              address, 0, from.id, install.snapshot(), part.offset(), part.data(), part.end()));
    }

    private void finish(boolean delivered) {
      over = true;
      if (!delivered) {
        world.coverage.count(Rare.SNAPSHOT_STREAM_BROKEN);
      }
      if (from.incarnation() == fromIncarnation && from.isRunning()) {
        from.toRaft(new RaftInput.SnapshotSent(to.id, delivered));
      }
    }
  }
}
