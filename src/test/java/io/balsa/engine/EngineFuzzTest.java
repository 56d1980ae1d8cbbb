package io.balsa.engine;

import io.balsa.data.ByteReader;
import io.balsa.data.ByteWriter;
import io.balsa.data.Bytes;
import io.balsa.data.InvariantException;
import io.balsa.data.MalformedException;
import io.balsa.fuzz.Fuzzer;
import io.balsa.mvcc.RandomCommands;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfChange.Transition;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Entries and snapshots as another member could have made them. */
class EngineFuzzTest {
  private static final Snapshot GENESIS =
      new Snapshot(new EntryId(1, 1), ConfState.ofVoters(List.of(1L, 2L)));
  private static final List<MemberInfo> FOUNDERS = List.of(member(1), member(2));

  @Test
  void envelopes() {
    new Fuzzer<>(
            getClass(),
            "envelope of an entry",
            MalformedException.class,
            input -> Envelope.decode(Bytes.wrap(input)))
        .samples(random -> envelope(random).toArray())
        .encodedBy(
            envelope ->
                Envelope.seal(
                        envelope.origin(), envelope.number(), Envelope.encode(envelope.payload()))
                    .toArray())
        .allocates(64 << 10, 250)
        .run();
  }

  @Test
  void configurationChanges() {
    new Fuzzer<>(
            getClass(),
            "configuration change",
            MalformedException.class,
            input -> ConfChange.decode(Bytes.wrap(input)))
        .samples(random -> change(random).encode().toArray())
        .encodedBy(change -> change.encode().toArray())
        .run();
  }

  @Test
  void memberships() {
    new Fuzzer<>(
            getClass(),
            "membership",
            MalformedException.class,
            input -> {
              ByteReader reader = new ByteReader(Bytes.wrap(input));
              Membership membership = Membership.decode(GENESIS.confState(), reader);
              reader.expectEnd();
              return new Known(membership);
            })
        .samples(random -> encoded(new Membership(GENESIS.confState(), members(random))))
        .encodedBy(known -> encoded(known.membership))
        .run();
  }

  /** A committed entry that no member can read stops it, with a reason, and changes nothing. */
  @Test
  void committedEntries() {
    new Fuzzer<>(
            getClass(),
            "committed entry",
            InvariantException.class,
            input -> {
              StateMachine machine = StateMachine.genesis(GENESIS, FOUNDERS);
              ByteReader reader = new ByteReader(Bytes.wrap(input));
              int type = reader.remaining() == 0 ? 0 : reader.u8() % EntryType.values().length;
              Bytes data =
                  Bytes.copyOf(input, input.length - reader.remaining(), reader.remaining());
              return machine.apply(new Entry(1, 2, EntryType.values()[type], data)).toString();
            })
        .samples(
            random -> {
              boolean changes = random.nextInt(3) == 0;
              Bytes data = changes ? change(random).encode() : envelope(random);
              EntryType type = changes ? EntryType.CONF_CHANGE_V2 : EntryType.NORMAL;
              return new ByteWriter(16).u8(type.ordinal()).raw(data).toArray();
            })
        .allocates(256 << 10, 500)
        .run();
  }

  @Test
  void contentsOfSnapshots() {
    List<byte[]> contents = contents(new Random(1));
    new Fuzzer<>(
            getClass(),
            "content of a snapshot",
            MalformedException.class,
            input -> {
              StateMachine.Loader loader = new StateMachine.Loader(GENESIS);
              int half = input.length / 2;
              loader.accept(Bytes.copyOf(input, 0, half));
              loader.accept(Bytes.copyOf(input, half, input.length - half));
              return new Loaded(loader.finish());
            })
        .samples(random -> contents.get(random.nextInt(contents.size())))
        .encodedBy(loaded -> loaded.content().toArray())
        .allocates(256 << 10, 500)
        .run();
  }

  /** Members whose equality is that of their bytes. */
  private record Known(Membership membership) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Known known
          && Bytes.wrap(encoded(membership)).equals(Bytes.wrap(encoded(known.membership)));
    }

    @Override
    public int hashCode() {
      return 0;
    }
  }

  /** A state whose equality is that of its snapshot. */
  private record Loaded(StateMachine machine) {
    Bytes content() {
      StateMachine.Content content = machine.content();
      ByteWriter all = new ByteWriter(1024);
      while (!content.isAtEnd()) {
        Bytes frame = content.nextPart(1);
        all.raw(frame);
      }
      return Bytes.wrap(all.toArray());
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Loaded loaded && content().equals(loaded.content());
    }

    @Override
    public int hashCode() {
      return 0;
    }
  }

  private static byte[] encoded(Membership membership) {
    ByteWriter writer = new ByteWriter(128);
    membership.encode(writer);
    return writer.toArray();
  }

  /** Contents of states that random commands led to. */
  private static List<byte[]> contents(Random random) {
    List<byte[]> contents = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      StateMachine machine = StateMachine.genesis(GENESIS, FOUNDERS);
      RandomCommands commands = new RandomCommands(random, 10);
      int entries = random.nextInt(60);
      for (int index = 2; index < entries; index++) {
        Bytes payload =
            Envelope.encode(
                new Envelope.KeyValueCommand(commands.command(machine.store().revision())));
        Bytes data = Envelope.seal(1 + index % 3, index, payload);
        machine.apply(new Entry(1, index, EntryType.NORMAL, data));
      }
      contents.add(new Loaded(machine).content().toArray());
    }
    return contents;
  }

  private static Bytes envelope(Random random) {
    Envelope.Payload payload =
        switch (random.nextInt(4)) {
          case 0 -> new Envelope.Publish(member(random.nextInt(4)));
          case 1 -> new Envelope.Change(member(random.nextInt(4)), random.nextBoolean());
          default -> new Envelope.KeyValueCommand(new RandomCommands(random, 10).command(10));
        };
    return Envelope.seal(random.nextInt(4), random.nextInt(1_000), Envelope.encode(payload));
  }

  private static ConfChange change(Random random) {
    List<Operation> operations = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      OperationType[] types = OperationType.values();
      operations.add(new Operation(types[random.nextInt(types.length)], random.nextInt(5)));
    }
    Envelope.Change about =
        new Envelope.Change(member(operations.get(0).member()), random.nextBoolean());
    return new ConfChange(
        Transition.values()[random.nextInt(Transition.values().length)],
        operations,
        Envelope.seal(1, random.nextInt(1_000), Envelope.encode(about)));
  }

  private static List<MemberInfo> members(Random random) {
    List<MemberInfo> members = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      members.add(member(i));
    }
    return members;
  }

  private static MemberInfo member(long id) {
    return new MemberInfo(
        id, "n" + id, List.of("http://127.0.0.1:" + (2_380 + id)), List.of("http://käse:1"));
  }
}
