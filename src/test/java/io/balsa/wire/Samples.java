package io.balsa.wire;

import io.balsa.data.Bytes;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Messages of every kind that travels, with random contents. */
final class Samples {
  static final int KINDS = 13;

  private final RandomGenerator random;

  Samples(RandomGenerator random) {
    this.random = random;
  }

  Message message(int kind) {
    long from = id();
    long to = id();
    long term = position();
    return switch (kind) {
      case 0 -> new Message.Propose(from, to, term, entries(-1));
      case 1 -> {
        EntryId previous = entryId();
        yield new Message.AppendRequest(
            from, to, term, previous, entries(previous.index()), position());
      }
      case 2 -> new Message.AppendResponse(from, to, term, position(), flag(), entryId());
      case 3 -> new Message.VoteRequest(from, to, term, entryId(), flag(), flag());
      case 4 -> new Message.VoteResponse(from, to, term, flag(), flag());
      case 5 -> new Message.InstallSnapshot(from, to, term, snapshot());
      case 6 -> new Message.Heartbeat(from, to, term, position(), position());
      case 7 -> new Message.HeartbeatResponse(from, to, term, position());
      case 8 -> new Message.TimeoutNow(from, to, term);
      case 9 -> new Message.TransferLeader(from, to, term);
      case 10 -> new Message.ReadIndexRequest(from, to, term, random.nextLong());
      case 11 -> new Message.ReadIndexResponse(from, to, term, position(), random.nextLong());
      case 12 -> new Message.ProposeRefused(from, to, term, ids(), "NO_LEADER", "käse: 3 > 2");
      default -> throw new IllegalArgumentException("no such kind: " + kind);
    };
  }

  Message message() {
    return message(random.nextInt(KINDS));
  }

  Frame frame() {
    return switch (random.nextInt(6)) {
      case 0 ->
          new Frame.Hello(random.nextInt(1, 9), random.nextLong(), 5, "n5", random.nextLong());
      case 1 -> new Frame.Refusal("cluster id mismatch: a, b", flag() ? random.nextLong() : 0);
      case 2 -> new Frame.Install((Message.InstallSnapshot) message(5));
      case 3 -> new Frame.Part(position(), data(), flag());
      case 4 -> new Frame.Progress(position(), flag());
      default -> {
        List<Message> messages = new ArrayList<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
          messages.add(message());
        }
        yield new Frame.Batch(messages);
      }
    };
  }

  /** Entries after {@code previousIndex}, or proposals, which have no index, where that is -1. */
  private List<Entry> entries(long previousIndex) {
    List<Entry> entries = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      long index = previousIndex < 0 ? 0 : previousIndex + 1 + entries.size();
      EntryType type = EntryType.values()[random.nextInt(EntryType.values().length)];
      entries.add(new Entry(position(), index, type, data()));
    }
    return entries;
  }

  private Snapshot snapshot() {
    return new Snapshot(
        new EntryId(position(), 1 + position()), new ConfState(ids(), ids(), ids(), ids(), flag()));
  }

  private EntryId entryId() {
    return new EntryId(position(), position());
  }

  private Bytes data() {
    byte[] bytes = new byte[random.nextInt(300)];
    random.nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  private List<Long> ids() {
    List<Long> ids = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      ids.add(id());
    }
    return ids;
  }

  /** All 64 bits, never 0. */
  private long id() {
    return random.nextLong() | 1;
  }

  /** Of any magnitude, 0 included, with room to count on. */
  private long position() {
    return random.nextLong() >>> (2 + random.nextInt(62));
  }

  private boolean flag() {
    return random.nextBoolean();
  }
}
