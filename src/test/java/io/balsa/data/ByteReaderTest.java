package io.balsa.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ByteReaderTest {
  @Test
  void readsBackEverythingThatWasWritten() throws MalformedException {
    byte[] written =
        new ByteWriter(1)
            .u8(255)
            .bool(true)
            .fixed32(-2)
            .fixed64(Long.MIN_VALUE)
            .varint(0)
            .varint(127)
            .varint(128)
            .varint(-1)
            .bytes(Bytes.wrap(new byte[] {0, -1}))
            .text("raft: é")
            .toArray();

    ByteReader reader = new ByteReader(Bytes.wrap(written));

    assertThat(reader.u8()).isEqualTo(255);
    assertThat(reader.bool()).isTrue();
    assertThat(reader.fixed32()).isEqualTo(-2);
    assertThat(reader.fixed64()).isEqualTo(Long.MIN_VALUE);
    assertThat(reader.varint()).isZero();
    assertThat(reader.varint()).isEqualTo(127);
    assertThat(reader.varint()).isEqualTo(128);
    assertThat(reader.varint()).isEqualTo(-1);
    assertThat(reader.bytes()).isEqualTo(Bytes.wrap(new byte[] {0, -1}));
    assertThat(reader.text()).isEqualTo("raft: é");
    reader.expectEnd();
  }

  @Test
  void refusesACountThatTheInputCannotHold() {
    byte[] hostile = new ByteWriter(16).varint(Integer.MAX_VALUE).toArray();

    assertThatThrownBy(() -> new ByteReader(Bytes.wrap(hostile)).bytes())
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("2147483647");
    assertThatThrownBy(() -> new ByteReader(Bytes.wrap(hostile)).count(8))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void refusesAVarintWithoutEnd() {
    byte[] endless = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};

    assertThatThrownBy(() -> new ByteReader(Bytes.wrap(endless)).varint())
        .isInstanceOf(MalformedException.class)
        .hasMessage("varint longer than ten bytes");
  }

  @Test
  void refusesBytesLeftOver() {
    assertThatThrownBy(() -> new ByteReader(Bytes.utf8("x")).expectEnd())
        .isInstanceOf(MalformedException.class)
        .hasMessage("bytes left over: 1");
  }

  @Test
  void hostileInputNeverEndsInAnotherException() {
    long seed = Long.getLong("seed", 1);
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 20_000; round++) {
      byte[] input = new byte[random.nextInt(40)];
      random.nextBytes(input);
      ByteReader reader = new ByteReader(Bytes.wrap(input));
      try {
        while (reader.remaining() > 0) {
          switch (random.nextInt(7)) {
            case 0 -> reader.u8();
            case 1 -> reader.bool();
            case 2 -> reader.fixed32();
            case 3 -> reader.fixed64();
            case 4 -> reader.varint();
            case 5 -> reader.bytes();
            default -> reader.text();
          }
        }
      } catch (MalformedException expected) {
        assertThat(expected).hasMessageNotContaining("null");
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + " failed; repeat: -Dseed=" + seed, e);
      }
    }
  }
}
