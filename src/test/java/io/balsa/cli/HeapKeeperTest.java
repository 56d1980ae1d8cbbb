package io.balsa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapKeeperTest {
  private static final long LEAST = 50;

  private final HeapKeeper keeper = new HeapKeeper(new FakeJvm());
  private long collections;
  private long cycles;
  private long committed = 100;
  private boolean muchFree;
  private int asked;
  private int settled;

  private final class FakeJvm implements HeapKeeper.Jvm {
    @Override
    public long collections() {
      return collections;
    }

    @Override
    public long cycles() {
      return cycles;
    }

    @Override
    public long committedBytes() {
      return committed;
    }

    @Override
    public long leastBytes() {
      return LEAST;
    }

    @Override
    public boolean isMuchFree() {
      return muchFree;
    }

    @Override
    public void giveBack() {
      asked++;
    }

    @Override
    public void settle() {
      settled++;
    }
  }

  private void look(long collections, long committed) {
    this.collections = collections;
    this.committed = committed;
    keeper.look();
  }

  @Test
  void heapIsGivenBackOnceABusyTimeIsOver() {
    look(4, 100);
    look(4, 100);
    assertThat(asked).as("it was not busy").isZero();
    look(5, 100);
    assertThat(asked).as("it is busy still").isZero();

    look(5, 100);
    assertThat(asked).isEqualTo(1);
    look(6, 100);
    assertThat(settled).as("nothing has come of it yet").isZero();
    look(6, 60);
    assertThat(settled).isEqualTo(1);
  }

  @Test
  void asLongAsItDoesNotGrowNothingIsAsked() {
    look(5, 100);
    look(5, 100);
    look(6, 60);
    look(100, 75);
    look(100, 75);
    assertThat(asked).isEqualTo(1);

    look(101, 76);
    look(101, 76);
    assertThat(asked).isEqualTo(2);
  }

  @Test
  void whatShrankUnderLoadOnlyIsAskedForAgain() {
    look(5, 200);
    look(5, 200);
    look(6, 110);
    assertThat(settled).isEqualTo(1);

    muchFree = true;
    look(8, 110);
    assertThat(asked).as("it is busy again").isEqualTo(1);
    look(8, 110);
    assertThat(asked).isEqualTo(2);
    muchFree = false;
    look(9, 85);
    look(9, 85);
    assertThat(settled).isEqualTo(2);
    assertThat(asked).as("there is not much left to give").isEqualTo(2);
  }

  @Test
  void whatBroughtNothingIsAskedForAgainAfterTheNextBusyTime() {
    look(5, 200);
    look(5, 200);
    cycles++;
    look(9, 200);
    assertThat(settled).isEqualTo(1);
    look(9, 200);
    look(13, 200);
    look(13, 200);
    assertThat(asked).as("not for a little").isEqualTo(1);

    look(14, 200);
    look(14, 200);
    assertThat(asked).isEqualTo(2);
  }

  @Test
  void whatTheNextBusyTimeForestalledIsAskedForAgainAfterIt() {
    look(5, 200);
    look(5, 200);
    look(8, 200);
    assertThat(settled).as("it may come yet").isZero();
    look(9, 200);
    assertThat(settled).isEqualTo(1);

    look(9, 200);
    assertThat(asked).isEqualTo(2);
  }

  @Test
  void theHeapThatTheOperatorGaveItIsNotAskedFor() {
    look(100, LEAST);
    look(100, LEAST);
    assertThat(asked).isZero();
  }

  @Test
  void whatDoesNotShrinkIsLetAloneInTheEnd() {
    for (int i = 0; i < 100; i++) {
      look(5, 110);
    }
    assertThat(asked).isEqualTo(1);
    assertThat(settled).isEqualTo(1);
  }
}
