package io.balsa.mvcc.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.balsa.data.ByteReader;
import io.balsa.data.ByteWriter;
import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.mvcc.RandomCommands;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CommandCodecTest {
  private final long seed = Long.getLong("seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final RandomCommands commands = new RandomCommands(random, 20);

  @Test
  void everyCommandComesBack() throws MalformedException {
    for (int i = 0; i < 20_000; i++) {
      Command command = commands.command(random.nextInt(1000));
      assertEquals(command, CommandCodec.decode(CommandCodec.encode(command)), this::way);
    }
    for (Command command :
        List.of(
            new Command.LeaseExpire(Long.MIN_VALUE, Long.MAX_VALUE),
            new Command.WriteOnce(
                new Once(Long.MIN_VALUE, Long.MAX_VALUE), new Op.DeleteRange(KeyRange.ALL, true)),
            new Command.LeaseGrant(-1, 9_000_000_000L),
            new Command.LeaseCheckpoint(List.of()),
            new Command.LeaseCheckpoint(
                List.of(
                    new Command.Remaining(-1, Long.MAX_VALUE, 9_000_000_000L),
                    new Command.Remaining(1, 2, 3))),
            new Command.Compact(Long.MAX_VALUE))) {
      assertThat(CommandCodec.decode(CommandCodec.encode(command))).isEqualTo(command);
    }
  }

  @Test
  void commandsMayStandInARow() throws MalformedException {
    ByteWriter writer = new ByteWriter(16);
    CommandCodec.encode(new Command.Compact(5), writer);
    CommandCodec.encode(new Command.LeaseRevoke(6), writer);

    ByteReader reader = new ByteReader(writer.toBytes());
    assertThat(CommandCodec.decode(reader)).isEqualTo(new Command.Compact(5));
    assertThat(CommandCodec.decode(reader)).isEqualTo(new Command.LeaseRevoke(6));
  }

  /** The log of an older version must stay readable: these bytes may not change. */
  @Test
  void theFormatIsTheOneInOldLogs() {
    assertThat(hex(new Command.Write(Op.Put.of(Bytes.utf8("k"), Bytes.utf8("v"), 0))))
        .isEqualTo("0200016b0176");
    assertThat(
            hex(new Command.Write(new Op.Put(Bytes.utf8("k"), Bytes.EMPTY, 9, true, true, false))))
        .isEqualTo("020b016b0009");
    assertThat(hex(new Command.Write(new Op.DeleteRange(KeyRange.ALL, true))))
        .isEqualTo("030101000100");
    assertThat(hex(new Command.Write(Op.Range.of(KeyRange.of(Bytes.utf8("k")), 3, 4, true))))
        .isEqualTo("0101016b00030400");
    assertThat(
            hex(
                new Command.Write(
                    new Op.Txn(
                        List.of(
                            Compare.number(
                                Bytes.utf8("k"),
                                Compare.Target.MOD_REVISION,
                                Compare.Operator.EQUAL,
                                5)),
                        List.of(),
                        List.of()))))
        .isEqualTo("040108016b00050000");
    assertThat(hex(new Command.Compact(300))).isEqualTo("10ac02");
    assertThat(hex(new Command.LeaseGrant(1, 2))).isEqualTo("110102");
    assertThat(hex(new Command.LeaseRevoke(1))).isEqualTo("1201");
    assertThat(hex(new Command.LeaseKeepAlive(1))).isEqualTo("1301");
    assertThat(hex(new Command.LeaseExpire(1, 2))).isEqualTo("140102");
    assertThat(
            hex(
                new Command.LeaseCheckpoint(
                    List.of(new Command.Remaining(1, 2, 300), new Command.Remaining(4, 5, 6)))))
        .isEqualTo("16020102ac02040506");
    assertThat(
            hex(
                new Command.WriteOnce(
                    new Once(9, 300), Op.Put.of(Bytes.utf8("k"), Bytes.utf8("v"), 0))))
        .isEqualTo("1509ac020200016b0176");
  }

  @Test
  void aCommandCutAnywhereIsRefused() {
    for (int i = 0; i < 50; i++) {
      Bytes whole = CommandCodec.encode(commands.command(1000));
      for (int length = 0; length < whole.length(); length++) {
        Bytes cut = whole.slice(0, length);
        assertThatThrownBy(() -> CommandCodec.decode(cut))
            .as(way())
            .isInstanceOf(MalformedException.class);
      }
      assertThatThrownBy(() -> CommandCodec.decode(whole.append(0)))
          .isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void hostileBytesEndInAMalformedExceptionOrACommand() {
    int refused = 0;
    for (int i = 0; i < 60_000; i++) {
      byte[] bytes;
      if (random.nextInt(4) == 0) {
        bytes = new byte[random.nextInt(60)];
        random.nextBytes(bytes);
        if (bytes.length > 0) {
          bytes[0] = (byte) (1 + random.nextInt(4));
        }
      } else {
        bytes = CommandCodec.encode(commands.command(1000)).toArray();
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
      }
      try {
        Command command = CommandCodec.decode(Bytes.wrap(bytes));
        assertEquals(command, CommandCodec.decode(CommandCodec.encode(command)), this::way);
      } catch (MalformedException e) {
        refused++;
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        throw new AssertionError(way(), e);
      }
    }
    assertThat(refused).isGreaterThan(10_000);
  }

  @Test
  void aWriteOfNoSessionOrNoSequenceIsRefused() {
    for (Once once : List.of(new Once(0, 1), new Once(9, 0), new Once(9, -1))) {
      Bytes bytes =
          CommandCodec.encode(new Command.WriteOnce(once, new Op.DeleteRange(KeyRange.ALL, false)));
      assertThatThrownBy(() -> CommandCodec.decode(bytes))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("session must not be 0, sequence must be 1 or more: " + once);
    }
  }

  @Test
  void deepNestingIsRefusedWithoutADeepStack() {
    byte[] nested = new byte[400_000];
    for (int i = 0; i + 2 < nested.length; i += 3) {
      nested[i] = 4; // A transaction without conditions whose first operation is the next one.
      nested[i + 1] = 0;
      nested[i + 2] = 1;
    }

    assertThatThrownBy(() -> CommandCodec.decode(Bytes.wrap(nested)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("nested deeper than 32");
  }

  @Test
  void whatMayBeProposedCanBeDecoded() throws MalformedException {
    Op op = Op.Put.of(Bytes.utf8("k"), Bytes.EMPTY, 0);
    for (int depth = 0; depth < Ops.TXN_DEPTH_MAX; depth++) {
      op = new Op.Txn(List.of(), List.of(op), List.of());
    }
    assertThat(Ops.check(op, 128)).isEmpty();
    Command command = new Command.Write(op);
    assertThat(CommandCodec.decode(CommandCodec.encode(command))).isEqualTo(command);

    Op deeper = new Op.Txn(List.of(), List.of(op), List.of());
    assertThat(Ops.check(deeper, 128).orElseThrow().rule()).isEqualTo(Ops.Rule.NESTED_TOO_DEEP);
  }

  private String way() {
    return "seed " + seed + "; repeat: mvn test -Dtest=CommandCodecTest -Dseed=" + seed;
  }

  private static String hex(Command command) {
    return HexFormat.of().formatHex(CommandCodec.encode(command).toArray());
  }
}
