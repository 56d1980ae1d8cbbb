package io.balsa.mvcc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.mvcc.command.Change;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Once;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import io.balsa.mvcc.command.Result;
import io.balsa.mvcc.lease.Lease;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StoreSnapshotTest {
  private static final Bytes KEY = Bytes.utf8("o");

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
  void keysThatOneRevisionChangedTwiceAreLoadedAsTheyWere() throws MalformedException {
    store.apply(put("a", "0"));
    store.apply(put("b", "0"));
    Op all = new Op.DeleteRange(KeyRange.ALL, false);
    List<Op> ops = List.of(all, putOp("a", "1"), putOp("c", "1"), all, nested(putOp("d", "1")));
    store.apply(new Command.Write(new Op.Txn(List.of(), ops, List.of())));
    store.apply(put("c", "2"));
    store.apply(
        new Command.Write(
            new Op.Txn(
                List.of(),
                List.of(
                    nested(putOp("c", "3")),
                    nested(new Op.DeleteRange(KeyRange.prefix(Bytes.utf8("c")), false))),
                List.of())));
    store.apply(new Command.Write(new Op.Txn(List.of(), List.of(all, putOp("d", "2")), List.of())));
    store.apply(put("e", "1"));

    for (long compactRevision : new long[] {0, 3, 4, 5, 6, 7, 8}) {
      if (compactRevision > 0) {
        store.apply(new Command.Compact(compactRevision));
      }
      for (int sweep = 0; sweep < 2; sweep++) {
        List<Bytes> slices = slices(store.snapshot(), 10_000);
        Store loaded = load(slices);
        assertThat(slices(loaded.snapshot(), 10_000)).isEqualTo(slices);
        assertThat(loaded.historyBytes()).isEqualTo(store.historyBytes());
        assertThat(loaded.liveBytes()).isEqualTo(store.liveBytes());
        assertThat(changes(loaded)).isEqualTo(changes(store));
        while (store.compactStep(100)) {}
      }
    }
  }

  /** What a watch can see. */
  private static List<Change> changes(Store store) {
    List<Change> changes = new ArrayList<>();
    ChangeReader reader = store.changesAfter(Math.max(1, store.compactRevision()) - 1);
    while (reader.hasNext()) {
      reader.next();
      for (int i = 0; i < reader.size(); i++) {
        changes.add(reader.change(i, false));
      }
    }
    return changes;
  }

  private static Op nested(Op op) {
    return new Op.Txn(List.of(), List.of(op), List.of());
  }

  private static Op putOp(String key, String value) {
    return Op.Put.of(Bytes.utf8(key), Bytes.utf8(value), 0);
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
  void answersOfSessionsAreCutWithTheRestAndAreLoadedWhole() throws MalformedException {
    store.apply(new Command.LeaseGrant(7, 10));
    store.apply(new Command.LeaseGrant(8, 10));
    store.apply(new Command.LeaseGrant(9, 10));
    for (int i = 1; i <= 200; i++) {
      once(8, i);
    }
    once(9, Long.MAX_VALUE);
    StoreSnapshot snapshot = store.snapshot();
    List<Bytes> slices = new ArrayList<>();
    for (Bytes slice = snapshot.next(100); slice != null; slice = snapshot.next(100)) {
      slices.add(slice);
      once(8, 200 + slices.size());
      once(7, slices.size());
    }
    assertThat(slices).hasSizeGreaterThan(20);

    Store loaded = load(slices);

    assertThat(loaded.revision()).isEqualTo(202);
    assertThat(loaded.apply(onceCommand(8, 72))).isInstanceOf(Result.Failed.class);
    assertThat(loaded.apply(onceCommand(8, 73)))
        .isEqualTo(new Result.Written(74, new OpResult.Put(74, 73, null)));
    assertThat(loaded.apply(onceCommand(9, Long.MAX_VALUE)))
        .isEqualTo(new Result.Written(202, new OpResult.Put(202, 201, null)));
    assertThat(loaded.apply(onceCommand(7, 1)))
        .isEqualTo(new Result.Written(203, new OpResult.Put(203, 202, null)));
  }

  @Test
  void equalStoresHaveEqualBytesInWhateverOrderTheirAnswersCame() {
    Store other = new Store();
    for (Store each : List.of(store, other)) {
      each.apply(new Command.LeaseGrant(8, 10));
    }
    // Reads take no revision and so may change places.
    Op read = Op.Range.of(KeyRange.ALL, 0, 0, false);
    for (long sequence : new long[] {5, 4, 9}) {
      store.apply(new Command.WriteOnce(new Once(8, sequence), read));
    }
    for (long sequence : new long[] {9, 5, 4}) {
      other.apply(new Command.WriteOnce(new Once(8, sequence), read));
    }

    List<Bytes> slices = slices(store.snapshot(), 10_000);
    List<Bytes> others = slices(other.snapshot(), 10_000);
    assertThat(store.stateHash()).as("the order is an effect").isNotEqualTo(other.stateHash());
    assertThat(afterHash(slices)).isEqualTo(afterHash(others));
  }

  @Test
  void answersThatNoStoreHasAreRefused() throws MalformedException {
    // A lease of id 8 with one answer: sequence 3 at revision 2, a put.
    assertThat(loadLease("0b 08 0a 01 01 0c 03 02 04 02 00 02 01").sessions().copy())
        .containsOnlyKeys(8L);
    for (String hostile :
        List.of(
            "0b 08 0a 01 00", // No answer.
            "0b 08 0a 01 81 01", // More than there can be.
            "0b 08 0a 01 02 0c 03 02 04 02 00 02 01", // One of two is missing.
            "0b 08 0a 01 01 0c 03 02 04 02 00 02 01 0c 04 02 04 02 00 02 01", // One too many.
            "0b 08 0a 01 02 0c 03 02 04 02 00 02 01 0c 03 02 04 02 00 02 01", // Twice the same.
            "0b 08 0a 01 01 0c 00 02 04 02 00 02 01", // Sequence 0.
            "0b 08 0a 01 01 0c 03 00 04 02 00 02 01", // Revision 0.
            "0b 08 0a 01 01 0c 03 03 04 02 00 02 01", // A revision in the future.
            "0b 08 0a 01 01 0c 03 02 04 02 02 02 01", // A result that is none.
            "02 08 0a 01 0c 03 02 04 02 00 02 01")) { // Of no session.
      assertThatThrownBy(() -> loadLease(hostile))
          .as(hostile)
          .isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void whatIsRecordedOfLeasesIsLoadedAndOldSnapshotsWithoutItToo() throws MalformedException {
    store.apply(new Command.LeaseGrant(7, 600));
    store.apply(new Command.LeaseGrant(8, 600));
    store.apply(new Command.LeaseGrant(9, 600));
    once(8, 1);
    store.apply(
        new Command.LeaseCheckpoint(
            List.of(new Command.Remaining(8, 2, 299), new Command.Remaining(9, 3, 301))));
    for (int bytesMax : new int[] {1, 10_000}) {
      List<Bytes> slices = slices(store.snapshot(), bytesMax);
      Store loaded = load(slices);
      assertThat(loaded.leases())
          .containsExactly(
              new Lease(7, 600, 1), new Lease(8, 600, 2, 299), new Lease(9, 600, 3, 301));
      assertThat(slices(loaded.snapshot(), bytesMax)).isEqualTo(slices);
    }

    assertThat(loadLease("02 08 0a 01").lease(8)).contains(new Lease(8, 10, 1));
    assertThat(loadLease("0d 03 02 08 0a 01").lease(8)).contains(new Lease(8, 10, 1, 3));
    for (String hostile :
        List.of(
            "0d 00 02 08 0a 01", // Nothing left.
            "0d 0a 02 08 0a 01", // All of it.
            "0d 0b 02 08 0a 01", // More than that.
            "0d 03 0d 03 02 08 0a 01", // Twice.
            "02 08 0a 01 0d 03", // Of no lease.
            "0b 08 0a 01 01 0d 03 0c 03 02 04 02 00 02 01")) { // Of an answer.
      assertThatThrownBy(() -> loadLease(hostile))
          .as(hostile)
          .isInstanceOf(MalformedException.class);
    }
  }

  /** A store at revision 2 with one key and the lease that {@code hex} is. */
  private static Store loadLease(String hex) throws MalformedException {
    String head = "01 01 02 00 0000000000000000 01 01";
    String tail = "07 01 6b 01 76 00 0a 01 01";
    String all = (head + hex + tail).replace(" ", "");
    return load(List.of(Bytes.wrap(HexFormat.of().parseHex(all))));
  }

  private static Bytes afterHash(List<Bytes> slices) {
    return Bytes.copyOf(slices.get(0).toArray(), 12, slices.get(0).length() - 12);
  }

  private void once(long session, long sequence) {
    assertThat(store.apply(onceCommand(session, sequence))).isInstanceOf(Result.Written.class);
  }

  private static Command onceCommand(long session, long sequence) {
    return new Command.WriteOnce(new Once(session, sequence), Op.Put.of(KEY, KEY, 0));
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
    for (int i = 0; i < 12; i++) {
      store.apply(new Command.WriteOnce(new Once(8, 3 + i), Op.Put.of(Bytes.utf8("o"), KEY, 0)));
    }
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
