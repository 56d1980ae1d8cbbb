package io.balsa.mvcc.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.mvcc.RandomCommands;
import io.balsa.mvcc.Store;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OpResultCodecTest {
  private static final KeyValue ITEM = new KeyValue(Bytes.utf8("k"), Bytes.utf8("v"), 2, 300, 4, 5);

  private final long seed = Long.getLong("seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void everyResultOfAStoreComesBackAndTakesNoMoreThanWasSaid() throws MalformedException {
    for (OpResult result : results(3_000)) {
      Bytes bytes = OpResultCodec.encode(result);
      assertEquals(result, OpResultCodec.decode(bytes), this::way);
      assertThat((long) bytes.length()).isBetween(1L, OpResultCodec.bytesMax(result));
    }
  }

  @Test
  void extremesComeBackAndTakeNoMoreThanWasSaid() throws MalformedException {
    KeyValue item = new KeyValue(Bytes.EMPTY, Bytes.EMPTY, -1, -1, -1, -1);
    for (OpResult result :
        List.of(
            new OpResult.Put(-1, -1, item),
            new OpResult.Deleted(-1, List.of(item, item)),
            new OpResult.Ranged(List.of(item), -1, true),
            new OpResult.Txn(true, List.of()))) {
      Bytes bytes = OpResultCodec.encode(result);
      assertThat(OpResultCodec.decode(bytes)).isEqualTo(result);
      assertThat((long) bytes.length()).isLessThanOrEqualTo(OpResultCodec.bytesMax(result));
    }
  }

  /** They stand in snapshots: these bytes may not change. */
  @Test
  void theFormatIsTheOneInOldSnapshots() {
    assertThat(hex(new OpResult.Put(2, 1, null))).isEqualTo("02000201");
    assertThat(hex(new OpResult.Put(2, 1, ITEM))).isEqualTo("02010201016b017602ac020405");
    assertThat(hex(new OpResult.Deleted(3, List.of()))).isEqualTo("030300");
    assertThat(hex(new OpResult.Deleted(1, List.of(ITEM)))).isEqualTo("030101016b017602ac020405");
    assertThat(hex(new OpResult.Ranged(List.of(ITEM), 300, true)))
        .isEqualTo("0101ac0201016b017602ac020405");
    assertThat(hex(new OpResult.Txn(true, List.of(new OpResult.Put(2, 1, null)))))
        .isEqualTo("04010102000201");
  }

  @Test
  void aResultCutAnywhereIsRefused() {
    for (OpResult result : results(50)) {
      Bytes whole = OpResultCodec.encode(result);
      for (int length = 0; length < whole.length(); length++) {
        Bytes cut = whole.slice(0, length);
        assertThatThrownBy(() -> OpResultCodec.decode(cut))
            .as(way())
            .isInstanceOf(MalformedException.class);
      }
      assertThatThrownBy(() -> OpResultCodec.decode(whole.append(0)))
          .isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void hostileBytesEndInAMalformedExceptionOrAResult() {
    List<OpResult> results = results(2_000);
    int refused = 0;
    for (int i = 0; i < 30_000; i++) {
      byte[] bytes = OpResultCodec.encode(results.get(i % results.size())).toArray();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        OpResultCodec.decode(Bytes.wrap(bytes));
      } catch (MalformedException e) {
        refused++;
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        throw new AssertionError(way(), e);
      }
    }
    assertThat(refused).isGreaterThan(5_000);
  }

  @Test
  void deepNestingIsRefusedWithoutADeepStack() {
    byte[] nested = new byte[300_000];
    for (int i = 0; i < nested.length; i += 3) {
      nested[i] = 4; // A transaction whose one result is the next one.
      nested[i + 1] = 1;
      nested[i + 2] = 1;
    }
    assertThatThrownBy(() -> OpResultCodec.decode(Bytes.wrap(nested)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("nested deeper than 32");
    byte[] many = Arrays.copyOf(new byte[] {4, 1, (byte) 0xff, (byte) 0xff, 0x7f}, 100);
    assertThatThrownBy(() -> OpResultCodec.decode(Bytes.wrap(many)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("count larger than the input");
  }

  /** What a store answers to random operations. */
  private List<OpResult> results(int count) {
    RandomCommands commands = new RandomCommands(random, 20);
    Store store = new Store();
    List<OpResult> results = new ArrayList<>();
    while (results.size() < count) {
      Command command = commands.command(store.revision());
      if (store.apply(command) instanceof Result.Written written) {
        results.add(written.result());
      }
    }
    return results;
  }

  private String way() {
    return "seed " + seed + "; repeat: mvn test -Dtest=OpResultCodecTest -Dseed=" + seed;
  }

  private static String hex(OpResult result) {
    return HexFormat.of().formatHex(OpResultCodec.encode(result).toArray());
  }
}
