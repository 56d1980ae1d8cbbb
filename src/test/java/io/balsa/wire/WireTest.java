package io.balsa.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.balsa.data.Bytes;
import io.balsa.data.InvariantException;
import io.balsa.data.MalformedException;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.wire.proto.AppendRequest;
import io.balsa.wire.proto.Batch;
import io.balsa.wire.proto.RaftMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WireTest {
  private static final int ROUNDS = 2_000;

  @Test
  void bringsBackEveryKindOfMessage() throws Exception {
    for (int kind = 0; kind < Samples.KINDS; kind++) {
      for (int seed = 0; seed < 200; seed++) {
        Message message = new Samples(new Random(seed)).message(kind);
        Frame frame = new Frame.Batch(List.of(message));
        assertThat(Wire.decode(Wire.encode(frame))).as("seed %d", seed).isEqualTo(frame);
      }
    }
  }

  @Test
  void samplesHoldEveryMessageThatTravels() {
    List<Class<?>> kinds =
        IntStream.range(0, Samples.KINDS)
            .<Class<?>>mapToObj(kind -> new Samples(new Random(0)).message(kind).getClass())
            .toList();
    assertThat(kinds)
        .doesNotHaveDuplicates()
        .hasSize(Message.class.getPermittedSubclasses().length - localMessages().length);
  }

  @Test
  void bringsBackEveryKindOfFrame() throws Exception {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Frame frame = new Samples(new Random(seed)).frame();
      assertThat(Wire.decode(Wire.encode(frame))).as("seed %d", seed).isEqualTo(frame);
    }
  }

  @Test
  void writesWhatTheGeneratedClassesWrite() throws Exception {
    for (int seed = 0; seed < ROUNDS; seed++) {
      byte[] ours = bytes(Wire.encode(new Samples(new Random(seed)).frame()));
      io.balsa.wire.proto.Frame generated = io.balsa.wire.proto.Frame.parseFrom(ours);
      assertThat(generated.getUnknownFields().asMap()).as("seed %d", seed).isEmpty();
      assertThat(generated.toByteArray()).as("seed %d", seed).isEqualTo(ours);
    }
  }

  @Test
  void standsAsTheSchemaSays() throws Exception {
    Frame frame =
        new Frame.Batch(
            List.of(
                new Message.AppendRequest(
                    -3L,
                    2,
                    7,
                    new EntryId(6, 41),
                    List.of(new Entry(7, 42, EntryType.CONF_CHANGE_V2, Bytes.utf8("data"))),
                    40)));

    RaftMessage message =
        io.balsa.wire.proto.Frame.parseFrom(Wire.encode(frame)).getBatch().getMessages(0);

    assertThat(message.getFrom()).isEqualTo(-3L);
    assertThat(message.getTo()).isEqualTo(2);
    assertThat(message.getTerm()).isEqualTo(7);
    AppendRequest append = message.getAppendRequest();
    assertThat(append.getPreviousTerm()).isEqualTo(6);
    assertThat(append.getPreviousIndex()).isEqualTo(41);
    assertThat(append.getCommit()).isEqualTo(40);
    assertThat(append.getEntries(0).getIndex()).isEqualTo(42);
    assertThat(append.getEntries(0).getType())
        .isEqualTo(io.balsa.wire.proto.EntryType.CONF_CHANGE_V2);
    assertThat(append.getEntries(0).getData().toStringUtf8()).isEqualTo("data");
  }

  @Test
  void reservesEnoughForEveryBatch() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Message message = new Samples(new Random(seed)).message();
      int length = Wire.encode(new Frame.Batch(List.of(message))).remaining();
      if (!(message instanceof Message.InstallSnapshot)) {
        assertThat(Wire.sizeBytes(message)).as("seed %d", seed).isGreaterThanOrEqualTo(length - 16);
      }
    }
  }

  /** What raft counts must bound what the transport counts, or it would drop what raft repeats. */
  @Test
  void entriesTakeNoMoreThanRaftCountsForThem() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      List<Entry> entries = new ArrayList<>();
      long term = random.nextLong(1, 1L << random.nextInt(1, 29));
      long previous = random.nextLong(1L << random.nextInt(1, 42));
      long encodedBytes = 0;
      for (int i = 1; i <= random.nextInt(50); i++) {
        EntryType type = EntryType.values()[random.nextInt(3)];
        Bytes data = Bytes.wrap(new byte[random.nextInt(1 << random.nextInt(1, 16))]);
        entries.add(new Entry(term, previous + i, type, data));
        encodedBytes += entries.get(i - 1).encodedBytes();
      }

      Message append =
          new Message.AppendRequest(1, 2, term, new EntryId(term, previous), entries, 0);

      assertThat(Wire.sizeBytes(append)).as("seed %d", seed).isLessThanOrEqualTo(96 + encodedBytes);
    }
  }

  @Test
  void readsFromTheMiddleOfABuffer() throws Exception {
    Frame frame = new Samples(new Random(1)).frame();
    byte[] encoded = bytes(Wire.encode(frame));
    ByteBuffer direct = ByteBuffer.allocateDirect(encoded.length + 20);
    direct.position(10).put(encoded).position(10).limit(10 + encoded.length);

    assertThat(Wire.decode(direct.slice())).isEqualTo(frame);
  }

  @ParameterizedTest
  @MethodSource("localMessages")
  void neverEncodesAMessageToALocalThread(Message local) {
    assertThatThrownBy(() -> Wire.encode(new Frame.Batch(List.of(local))))
        .isInstanceOf(InvariantException.class)
        .hasMessageContaining(local.getClass().getSimpleName());
  }

  @Test
  void refusesEveryFrameThatIsCutShort() {
    Frame frame =
        new Frame.Batch(
            List.of(
                new Samples(new Random(3)).message(1),
                new Samples(new Random(3)).message(5),
                new Samples(new Random(3)).message(12)));
    byte[] whole = bytes(Wire.encode(frame));
    for (int length = 0; length < whole.length; length++) {
      ByteBuffer cut = ByteBuffer.wrap(whole, 0, length);
      assertThatThrownBy(() -> Wire.decode(cut))
          .as("cut to %d", length)
          .isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void readsOrRefusesDamagedFramesButNeverBreaks() {
    for (int seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      byte[] bytes = bytes(Wire.encode(new Samples(random).frame()));
      for (int i = random.nextInt(4); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      decodeHostile(seed, bytes);
    }
  }

  @Test
  void readsOrRefusesNoiseButNeverBreaks() {
    for (int seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      decodeHostile(seed, bytes);
    }
  }

  @Test
  void refusesEntriesWithHolesBetweenThem() {
    Message holes =
        new Message.AppendRequest(
            1,
            2,
            7,
            new EntryId(7, 4),
            List.of(
                new Entry(7, 5, EntryType.NORMAL, Bytes.EMPTY),
                new Entry(7, 7, EntryType.NORMAL, Bytes.EMPTY)),
            0);

    assertThatThrownBy(() -> Wire.decode(Wire.encode(new Frame.Batch(List.of(holes)))))
        .isInstanceOf(MalformedException.class)
        .hasMessage("append request: entries must follow each other: expected index 6, found 7");
  }

  @Test
  void refusesIndicesBeyondTheSignedRange() {
    Frame frame = new Frame.Batch(List.of(new Message.Heartbeat(1, 2, 7, -1, 0)));

    assertThatThrownBy(() -> Wire.decode(Wire.encode(frame)))
        .isInstanceOf(MalformedException.class)
        .hasMessage("commit too large: 18446744073709551615");
  }

  @Test
  void refusesKindsItDoesNotKnow() {
    byte[] unknown =
        io.balsa.wire.proto.Frame.newBuilder()
            .setBatch(
                Batch.newBuilder()
                    .addMessages(
                        RaftMessage.newBuilder()
                            .setFrom(1)
                            .setTo(2)
                            .setUnknownFields(unknownField(99))))
            .build()
            .toByteArray();
    assertThatThrownBy(() -> Wire.decode(ByteBuffer.wrap(unknown)))
        .isInstanceOf(MalformedException.class)
        .hasMessage("peer message: unknown kind: 99");
  }

  @Test
  void refusesAPartWhoseBytesChangedOnTheWay() {
    Bytes data = Bytes.utf8("some content of a snapshot");
    byte[] bytes = bytes(Wire.encode(new Frame.Part(64, data, false)));
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("content");
    bytes[at] ^= 1;

    assertThatThrownBy(() -> Wire.decode(ByteBuffer.wrap(bytes)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("checksum mismatch at offset 64");
  }

  @Test
  void aHelloTellsWhereTheSenderIs() throws Exception {
    Frame hello = new Frame.Hello(1, 2, 3, "n1", 4, List.of("http://h:1", "http://h:2"));
    Frame many = new Frame.Hello(1, 2, 3, "n1", 4, Collections.nCopies(17, "http://h:1"));

    assertThat(Wire.decode(Wire.encode(hello))).isEqualTo(hello);
    assertThatThrownBy(() -> Wire.decode(Wire.encode(many)))
        .isInstanceOf(MalformedException.class)
        .hasMessage("hello: too many peer URLs: 17 > 16");
  }

  @Test
  void refusesNamesThatWouldForgeALogLine() {
    Frame hello = new Frame.Hello(1, 2, 3, "n1\nERROR forged", 4);

    assertThatThrownBy(() -> Wire.decode(Wire.encode(hello)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("name: must be one line");
  }

  private static void decodeHostile(int seed, byte[] bytes) {
    try {
      Wire.decode(ByteBuffer.wrap(bytes));
    } catch (MalformedException expected) {
      assertThat(expected).hasMessageMatching("\\P{Cntrl}+");
    } catch (RuntimeException e) {
      throw new AssertionError(
          "seed " + seed + " broke the reader; repeat with new Random(" + seed + ")", e);
    }
  }

  static Message[] localMessages() {
    return new Message[] {
      new Message.StorageAppend(
          1, Message.APPEND_THREAD, HardState.EMPTY, List.of(), Snapshot.EMPTY, false, List.of()),
      new Message.StorageAppendResponse(Message.APPEND_THREAD, 1, 1, EntryId.ZERO, Snapshot.EMPTY),
      new Message.StorageApply(1, Message.APPLY_THREAD, List.of(), List.of()),
      new Message.StorageApplyResponse(Message.APPLY_THREAD, 1, List.of())
    };
  }

  private static UnknownFieldSet unknownField(int number) {
    return UnknownFieldSet.newBuilder()
        .addField(
            number, UnknownFieldSet.Field.newBuilder().addLengthDelimited(ByteString.EMPTY).build())
        .build();
  }

  private static byte[] bytes(ByteBuffer buffer) {
    return Arrays.copyOfRange(
        buffer.array(),
        buffer.arrayOffset() + buffer.position(),
        buffer.arrayOffset() + buffer.limit());
  }
}
