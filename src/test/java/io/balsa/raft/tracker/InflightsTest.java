package io.balsa.raft.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InflightsTest {
  @Test
  void isFullByCount() {
    Inflights inflights = new Inflights(2, Long.MAX_VALUE);
    inflights.add(1, 10);
    assertThat(inflights.isFull()).isFalse();
    inflights.add(2, 10);
    assertThat(inflights.isFull()).isTrue();
    assertThatThrownBy(() -> inflights.add(3, 10)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void isFullByBytesOfWhichTheLastAppendMayOvershoot() {
    Inflights inflights = new Inflights(100, 50);
    inflights.add(1, 49);
    assertThat(inflights.isFull()).isFalse();
    inflights.add(2, 1000);
    assertThat(inflights.isFull()).isTrue();
    inflights.freeTo(1);
    assertThat(inflights.isFull()).isTrue();
    inflights.freeTo(2);
    assertThat(inflights.isFull()).isFalse();
    assertThat(inflights.bytes()).isZero();
  }

  @Test
  void isFullWhenTheBytesJustReachTheLimit() {
    Inflights inflights = new Inflights(100, 50);
    inflights.add(1, 50);
    assertThat(inflights.isFull()).isTrue();
  }

  @Test
  void resetForgetsCountAndBytes() {
    Inflights inflights = new Inflights(100, 50);
    inflights.add(1, 60);
    inflights.reset();
    assertThat(inflights.count()).isZero();
    assertThat(inflights.bytes()).isZero();
    assertThat(inflights.isFull()).isFalse();
  }

  @Test
  void ringBehavesAsAQueue() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    Inflights inflights = new Inflights(37, Long.MAX_VALUE);
    ArrayDeque<Long> expected = new ArrayDeque<>();
    long index = 0;
    for (int i = 0; i < 10_000; i++) {
      if (random.nextInt(5) < 3 && !inflights.isFull()) {
        index += 1 + random.nextInt(3);
        inflights.add(index, 1);
        expected.add(index);
      } else {
        long acknowledged = index - random.nextInt(20);
        inflights.freeTo(acknowledged);
        while (!expected.isEmpty() && expected.peek() <= acknowledged) {
          expected.poll();
        }
      }
      assertThat(inflights.count())
          .as("seed %d; repeat: -Dseed=%d", seed, seed)
          .isEqualTo(expected.size());
      assertThat(inflights.bytes()).isEqualTo(expected.size());
    }
  }
}
