package io.balsa.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Op;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What can be read makes the hash, and nothing else. */
class StoreHashTest {
  private final Store store = new Store();

  private static Command put(String key, String value) {
    return new Command.Write(Op.Put.of(Bytes.utf8(key), Bytes.utf8(value), 0));
  }

  private static Command delete(String key) {
    return new Command.Write(new Op.DeleteRange(KeyRange.of(Bytes.utf8(key)), false));
  }

  private static int hash(Store store, long revision, int stepVersions) {
    try (StoreHash hash = store.hash(revision)) {
      while (hash.step(stepVersions)) {
        assertThat(hash.revision()).isEqualTo(revision);
      }
      return hash.value();
    }
  }

  @Test
  void everyPartOfAVersionCounts() {
    store.apply(put("a", "1"));
    int before = hash(store, store.revision(), 10);
    Store otherValue = new Store();
    otherValue.apply(put("a", "2"));
    Store otherKey = new Store();
    otherKey.apply(put("b", "1"));
    Store deleted = new Store();
    deleted.apply(put("a", "1"));
    deleted.apply(delete("a"));

    assertThat(hash(otherValue, 2, 10)).isNotEqualTo(before);
    assertThat(hash(otherKey, 2, 10)).isNotEqualTo(before);
    assertThat(hash(deleted, 3, 10)).isNotEqualTo(before);
    assertThat(hash(deleted, 2, 10)).isEqualTo(before);
  }

  @Test
  void aRevisionKeepsItsHashWhateverIsWrittenBehindIt() {
    for (int i = 0; i < 200; i++) {
      store.apply(put("k" + i % 37, "v" + i));
    }
    long revision = store.revision();
    int expected = hash(store, revision, 1_000);
    StoreHash stepped = store.hash(revision);
    int steps = 0;
    while (stepped.step(3)) {
      store.apply(put("k" + steps % 50, "later"));
      store.apply(delete("k" + steps % 7));
      store.apply(new Command.Compact(store.revision() - 1));
      store.compactStep(1_000);
      steps++;
    }

    assertThat(steps).isGreaterThan(60);
    assertThat(stepped.value()).isEqualTo(expected);
  }

  @Test
  void aKeyOfManyVersionsIsHashedInStepsToo() {
    for (int i = 0; i < 100; i++) {
      store.apply(put("a", "v" + i));
    }
    store.apply(put("b", "last"));
    StoreHash hash = store.hash(store.revision());
    int steps = 1;
    while (hash.step(10)) {
      steps++;
    }

    assertThat(steps).isGreaterThanOrEqualTo(10);
    assertThat(hash.value()).isEqualTo(hash(store, store.revision(), 1_000));
  }

  @Test
  void whatIsSweptAndHowTheStateCameDoesNotCount() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    RandomCommands commands = new RandomCommands(random, 30);
    Store swept = new Store();
    for (int i = 0; i < 2_000; i++) {
      Command command = commands.command(store.revision());
      store.apply(command);
      swept.apply(command);
      swept.compactStep(1_000);
    }
    StoreLoader loader = new StoreLoader();
    StoreSnapshot snapshot = swept.snapshot();
    for (Bytes slice = snapshot.next(500); slice != null; slice = snapshot.next(500)) {
      loader.accept(slice);
    }
    Store loaded = loader.finish();

    assertThat(store.compactRevision()).as("seed %d", seed).isPositive();
    for (long at = store.compactRevision() + 1; at <= store.revision(); at++) {
      int expected = hash(store, at, 1 + random.nextInt(100));
      assertThat(hash(swept, at, 1_000)).as("seed %d", seed).isEqualTo(expected);
      assertThat(hash(loaded, at, 1_000)).as("seed %d", seed).isEqualTo(expected);
    }
  }
}
