package io.balsa.mvcc.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.mvcc.Store;
import io.balsa.mvcc.command.Change;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.KeyValue;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.watch.Watches.Stalled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WatchesTest {
  private static final String OWNER = "owner";
  private static final long PLENTY = 1 << 20;

  private final Store store = new Store();
  private final Watches watches = new Watches(store);

  @Test
  void aWatchFromNowHearsOfLaterChangesOnly() {
    put("a", "1");
    open(1, KeyRange.ALL, 0);
    put("a", "2");
    put("b", "3");

    assertThat(revisions(1, watches.poll(PLENTY))).containsExactly(3L, 4L);
    assertThat(watches.poll(PLENTY)).isEmpty();
    assertThat(watches.hasWork()).isFalse();
  }

  @Test
  void aWatchOfThePastGetsHistoryFirstThenWhatIsNew() {
    put("a", "1");
    put("b", "2");
    put("a", "3");
    open(1, KeyRange.of(key("a")), 2);

    assertThat(revisions(1, watches.poll(PLENTY))).containsExactly(2L, 4L);
    put("a", "4");
    assertThat(revisions(1, watches.poll(PLENTY))).containsExactly(5L);
  }

  @Test
  void aWatchOfTheFutureHearsOfNothingBelowItsStart() {
    open(1, KeyRange.ALL, 4);
    put("a", "1");
    put("a", "2");
    put("a", "3");

    assertThat(revisions(1, watches.poll(PLENTY))).containsExactly(4L);
  }

  @Test
  void allMatchingChangesOfARevisionComeInOneDeliveryInTheirOrder() {
    put("x/2", "old");
    open(1, KeyRange.prefix(key("x/")), 0);
    store.apply(
        new Command.Write(
            new Op.Txn(
                List.of(),
                List.of(
                    Op.Put.of(key("x/9"), key("1"), 0),
                    Op.Put.of(key("y"), key("1"), 0),
                    new Op.DeleteRange(KeyRange.of(key("x/2")), false)),
                List.of())));

    List<Delivery> deliveries = watches.poll(PLENTY);

    assertThat(deliveries).hasSize(1);
    assertThat(((Delivery.Changed) deliveries.get(0)).changes())
        .containsExactly(
            new Change(false, new KeyValue(key("x/9"), key("1"), 3, 3, 1, 0), null),
            new Change(true, new KeyValue(key("x/2"), Bytes.EMPTY, 0, 3, 0, 0), null));
  }

  @Test
  void previousItemsComeWhereAskedAndKnown() {
    put("a", "1");
    put("a", "2");
    put("a", "3");
    store.apply(new Command.Compact(3));
    watches.open(OWNER, 1, KeyRange.ALL, 3, true, PLENTY);
    watches.open(OWNER, 2, KeyRange.ALL, 3, false, PLENTY);

    List<Delivery> deliveries = watches.poll(PLENTY);

    assertThat(previous(1, deliveries))
        .containsExactly(null, new KeyValue(key("a"), key("2"), 2, 3, 2, 0));
    assertThat(previous(2, deliveries)).containsExactly(null, null);
  }

  @Test
  void aStartBelowTheCompactRevisionEndsTheWatch() {
    put("a", "1");
    put("a", "2");
    put("a", "3");
    store.apply(new Command.Compact(3));
    open(1, KeyRange.ALL, 2);
    open(2, KeyRange.ALL, 3);

    List<Delivery> deliveries = watches.poll(PLENTY);

    assertThat(deliveries.get(0)).isEqualTo(new Delivery.Compacted(OWNER, 1, 3));
    assertThat(revisions(2, deliveries)).containsExactly(3L, 4L);
    assertThat(watches.size()).isEqualTo(1);
  }

  @Test
  void aWatchThatKeepsUpIsNotEndedByACompactionBeforeThePoll() {
    open(1, KeyRange.ALL, 0);
    for (int i = 0; i < 1000; i++) {
      put("k" + i % 3, "v");
    }
    store.apply(new Command.Compact(store.revision()));
    while (store.compactStep(1000)) {}

    assertThat(revisions(1, pollAll())).hasSize(1000).isSorted();
  }

  @Test
  void withoutCreditAWatchStallsAtTheFirstChangeItWants() {
    watches.open(OWNER, 1, KeyRange.of(key("a")), 0, false, 1);
    put("b", "1");
    put("a", "2");
    put("b", "3");
    put("a", "4");
    put("a", "5");

    assertThat(revisions(1, watches.poll(PLENTY))).containsExactly(3L); // Uses up the credit.
    assertThat(watches.stalled()).containsExactly(new Stalled(OWNER, 1, 5));
    assertThat(watches.deliveredRevision(OWNER, 1)).isEqualTo(4);
    assertThat(watches.isSynced(OWNER, 1)).isFalse();

    watches.credit(OWNER, 1, 1000);
    assertThat(watches.stalled()).isEmpty();
    assertThat(revisions(1, watches.poll(PLENTY))).containsExactly(5L, 6L);
    assertThat(watches.isSynced(OWNER, 1)).isTrue();
  }

  @Test
  void aWatchWithoutCreditStaysSyncedWhileNothingItWantsChanges() {
    watches.open(OWNER, 1, KeyRange.of(key("a")), 0, false, 0);
    put("b", "1");
    watches.poll(PLENTY);

    assertThat(watches.stalled()).isEmpty();
    assertThat(watches.isSynced(OWNER, 1)).isTrue();
  }

  @Test
  void aStalledWatchIsEndedWhenItsPlaceIsCompacted() {
    watches.open(OWNER, 1, KeyRange.ALL, 0, false, 0);
    put("a", "1");
    put("a", "2");
    assertThat(watches.poll(PLENTY)).isEmpty();
    store.apply(new Command.Compact(2));
    assertThat(watches.poll(PLENTY)).isEmpty(); // Revision 2 itself is still there.

    store.apply(new Command.Compact(3));
    assertThat(watches.hasWork()).isTrue();
    assertThat(watches.poll(PLENTY)).containsExactly(new Delivery.Compacted(OWNER, 1, 3));
    assertThat(watches.size()).isZero();
  }

  @Test
  void onePollIsBoundedAndTheNextGoesOn() {
    for (int i = 0; i < 30_000; i++) {
      put("k", "0123456789");
    }
    open(1, KeyRange.ALL, 2);
    open(2, KeyRange.prefix(key("none")), 2);

    List<Delivery> first = watches.poll(PLENTY * 100);
    assertThat(first).hasSizeBetween(1, 25_000);
    List<Delivery> all = new ArrayList<>(first);
    all.addAll(pollAll());

    assertThat(revisions(1, all)).hasSize(30_000).isSorted().doesNotHaveDuplicates();
    assertThat(watches.isSynced(OWNER, 2)).isTrue();
  }

  @Test
  void aSmallPollStopsNearItsBytes() {
    open(1, KeyRange.ALL, 0);
    for (int i = 0; i < 100; i++) {
      put("k", "x".repeat(1000));
    }

    assertThat(watches.poll(5000)).hasSizeBetween(1, 6);
    assertThat(watches.hasWork()).isTrue();
  }

  @Test
  void watchersThatAreBehindDoNotStarveThoseUpToDate() {
    for (int i = 0; i < 10_000; i++) {
      put("old", "x".repeat(50));
    }
    open(1, KeyRange.of(key("new")), 0);
    for (int i = 2; i < 50; i++) {
      open(i, KeyRange.of(key("old")), 2);
    }
    put("new", "1");

    assertThat(revisions(1, watches.poll(100_000))).hasSize(1);
  }

  @Test
  void aNumberIsUniqueForItsOwnerOnly() {
    assertThat(watches.open("one", 1, KeyRange.ALL, 0, false, PLENTY)).isTrue();
    assertThat(watches.open("one", 1, KeyRange.ALL, 0, false, PLENTY)).isFalse();
    assertThat(watches.open("two", 1, KeyRange.ALL, 0, false, PLENTY)).isTrue();
    assertThat(watches.size()).isEqualTo(2);
  }

  @Test
  void closedWatchesHearOfNothing() {
    open(1, KeyRange.ALL, 0);
    open(2, KeyRange.of(key("a")), 0);
    watches.open("other", 1, KeyRange.ALL, 1, false, PLENTY);
    put("a", "1");

    assertThat(watches.close(OWNER, 1)).isTrue();
    assertThat(watches.close(OWNER, 1)).isFalse();
    assertThat(watches.closeAll("other")).isEqualTo(1);
    watches.credit(OWNER, 1, 5);

    List<Delivery> deliveries = watches.poll(PLENTY);
    assertThat(deliveries).hasSize(1).allMatch(delivery -> delivery.watch() == 2);
    assertThat(watches.deliveredRevision(OWNER, 1)).isEqualTo(-1);
  }

  @Test
  void manyWatchesOfManyKindsEachGetTheirOwn() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    List<KeyRange> ranges = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      Bytes low = key(Integer.toString(random.nextInt(1000)));
      Bytes high = key(Integer.toString(random.nextInt(1000)));
      ranges.add(
          switch (random.nextInt(4)) {
            case 0 -> KeyRange.of(low);
            case 1 -> KeyRange.prefix(low);
            case 2 -> new KeyRange(low, KeyRange.UNBOUNDED);
            default -> new KeyRange(low, high);
          });
      open(i, ranges.get(i), 0);
    }
    for (int i = 0; i < 2000; i += 3) {
      watches.close(OWNER, i);
    }
    for (int i = 0; i < 50; i++) {
      Bytes key = key(Integer.toString(random.nextInt(1000)));
      store.apply(new Command.Write(Op.Put.of(key, key, 0)));
      List<Long> told = new ArrayList<>();
      for (Delivery delivery : pollAll()) {
        told.add(delivery.watch());
      }
      List<Long> expected = new ArrayList<>();
      for (int watch = 0; watch < ranges.size(); watch++) {
        if (watch % 3 != 0 && ranges.get(watch).contains(key)) {
          expected.add((long) watch);
        }
      }
      assertThat(told)
          .as("seed %s; repeat: mvn test -Dtest=WatchesTest -Dseed=%s", seed, seed)
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  private void open(long watch, KeyRange keys, long start) {
    assertThat(watches.open(OWNER, watch, keys, start, false, Long.MAX_VALUE)).isTrue();
  }

  private void put(String key, String value) {
    store.apply(new Command.Write(Op.Put.of(key(key), key(value), 0)));
  }

  private List<Delivery> pollAll() {
    List<Delivery> all = new ArrayList<>();
    while (watches.hasWork()) {
      all.addAll(watches.poll(PLENTY));
    }
    return all;
  }

  private static List<Long> revisions(long watch, List<Delivery> deliveries) {
    List<Long> revisions = new ArrayList<>();
    for (Delivery delivery : deliveries) {
      if (delivery.watch() == watch && delivery instanceof Delivery.Changed changed) {
        revisions.add(changed.revision());
      }
    }
    return revisions;
  }

  private static List<KeyValue> previous(long watch, List<Delivery> deliveries) {
    List<KeyValue> previous = new ArrayList<>();
    for (Delivery delivery : deliveries) {
      if (delivery.watch() == watch) {
        previous.add(((Delivery.Changed) delivery).changes().get(0).previous());
      }
    }
    return previous;
  }

  private static Bytes key(String text) {
    return Bytes.utf8(text);
  }
}
