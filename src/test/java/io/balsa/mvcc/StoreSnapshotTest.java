package io.balsa.mvcc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StoreSnapshotTest {
  private final Store store = new Store();

  @Test
  void anEmptyStoreHasASnapshotToo() throws MalformedException {
    Store loaded = load(slices(store.snapshot(), 100));

    assertThat(loaded.revision()).isEqualTo(1);
    assertThat(loaded.apply(put("a", "1"))).isEqualTo(store.apply(put("a", "1")));
  }

  @Test
  void slicesKeepToTheirSizeUnlessOneRecordIsLarger() {
    for (int i = 0; i < 100; i++) {
      store.apply(put("key" + i, "x".repeat(50)));
    }
    store.apply(put("large", "x".repeat(5000)));

    List<Bytes> slices = slices(store.snapshot(), 1000);

    assertThat(slices).filteredOn(slice -> slice.length() > 1000).hasSize(1);
    assertThat(slices).hasSizeGreaterThan(8).allMatch(slice -> !slice.isEmpty());
  }

  @Test
  void theCutStaysWhileEverythingIsOverwrittenCompactedAndSwept() throws MalformedException {
    for (int i = 0; i < 300; i++) {
      store.apply(put("key" + i % 100, "old " + i));
    }
    store.apply(new Command.Compact(250));
    Op all = Op.Range.of(KeyRange.ALL, 250, 0, false);
    Object expected = store.read(all);
    StoreSnapshot snapshot = store.snapshot();

    List<Bytes> slices = new ArrayList<>();
    for (Bytes slice = snapshot.next(200); slice != null; slice = snapshot.next(200)) {
      slices.add(slice);
      store.apply(put("key" + slices.size() % 100, "new"));
      store.apply(
          new Command.Write(new Op.DeleteRange(KeyRange.prefix(Bytes.utf8("key5")), false)));
      store.apply(new Command.Compact(store.revision()));
      while (store.compactStep(100)) {}
    }

    Store loaded = load(slices);
    assertThat(loaded.revision()).isEqualTo(301);
    assertThat(loaded.read(all)).isEqualTo(expected);
  }

  @Test
  void aClosedSnapshotKeepsNothingBack() {
    StoreSnapshot snapshot = store.snapshot();
    store.apply(put("a", "1"));
    store.apply(new Command.Write(new Op.DeleteRange(KeyRange.ALL, false)));
    store.apply(put("b", "1"));
    store.apply(new Command.Compact(4));
    while (store.compactStep(100)) {}
    assertThat(store.tree().locate(Bytes.utf8("a"))).isNotNull();

    snapshot.close();
    while (store.compactStep(100)) {}

    assertThat(store.tree().locate(Bytes.utf8("a"))).isNull();
    assertThat(snapshot.next(100)).isNull();
  }

  @Test
  void missingOrRepeatedOrSwappedSlicesAreRefused() throws MalformedException {
    List<Bytes> slices = someSlices();
    assertThat(slices).hasSizeGreaterThan(5);
    for (int i = 0; i < slices.size(); i++) {
      List<Bytes> missing = new ArrayList<>(slices);
      missing.remove(i);
      assertThatThrownBy(() -> load(missing)).isInstanceOf(MalformedException.class);
      List<Bytes> repeated = new ArrayList<>(slices);
      repeated.add(i, slices.get(i));
      assertThatThrownBy(() -> load(repeated)).isInstanceOf(MalformedException.class);
    }
    assertThat(load(slices).stateHash()).isEqualTo(store.stateHash());
  }

  @Test
  void hostileSlicesEndInAMalformedExceptionOrAStore() {
    List<Bytes> slices = someSlices();
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int refused = 0;
    for (int i = 0; i < 4_000; i++) {
      List<Bytes> changed = new ArrayList<>(slices);
      int at = random.nextInt(slices.size());
      byte[] bytes = slices.get(at).toArray();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      changed.set(at, Bytes.copyOf(bytes, 0, 1 + random.nextInt(bytes.length)));
      try {
        load(changed);
      } catch (MalformedException e) {
        refused++;
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        throw new AssertionError("seed " + seed + " round " + i, e);
      }
    }
    assertThat(refused).isGreaterThan(2_000);
  }

  private List<Bytes> someSlices() {
    store.apply(new Command.LeaseGrant(7, 10));
    store.apply(new Command.LeaseGrant(8, 10));
    for (int i = 0; i < 60; i++) {
      store.apply(new Command.Write(Op.Put.of(Bytes.utf8("k" + i), Bytes.utf8("v"), i % 2 * 7)));
      if (i % 7 == 0) {
        store.apply(new Command.Write(new Op.DeleteRange(KeyRange.of(Bytes.utf8("k" + i)), false)));
      }
    }
    store.apply(new Command.Compact(40));
    return slices(store.snapshot(), 150);
  }

  private static Command put(String key, String value) {
    return new Command.Write(Op.Put.of(Bytes.utf8(key), Bytes.utf8(value), 0));
  }

  private static List<Bytes> slices(StoreSnapshot snapshot, int bytesMax) {
    List<Bytes> slices = new ArrayList<>();
    for (Bytes slice = snapshot.next(bytesMax); slice != null; slice = snapshot.next(bytesMax)) {
      slices.add(slice);
    }
    return slices;
  }

  private static Store load(List<Bytes> slices) throws MalformedException {
    StoreLoader loader = new StoreLoader();
    for (Bytes slice : slices) {
      loader.accept(slice);
    }
    return loader.finish();
  }
}
