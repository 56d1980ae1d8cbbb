package io.balsa.raft.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.data.InvariantException;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemoryStorageTest {
  private static final ConfState VOTERS = ConfState.ofVoters(List.of(1L, 2L, 3L));

  private final MemoryStorage storage = new MemoryStorage();

  private static Entry entry(long term, long index) {
    return new Entry(term, index, EntryType.NORMAL, Bytes.EMPTY);
  }

  private List<Long> terms() {
    return storage.entries(storage.firstIndex(), storage.lastIndex() + 1, Long.MAX_VALUE).stream()
        .map(Entry::term)
        .toList();
  }

  /** Entries 4 to 6 with terms 4, 5, 6 after a snapshot at 3. */
  @BeforeEach
  void fill() {
    storage.applySnapshot(new Snapshot(new EntryId(3, 3), VOTERS));
    storage.append(List.of(entry(4, 4), entry(5, 5), entry(6, 6)));
  }

  @Test
  void termIsKnownFromJustBeforeTheFirstEntryToTheLast() {
    assertThat(storage.term(3)).isEqualTo(3);
    assertThat(storage.term(6)).isEqualTo(6);
    assertThatThrownBy(() -> storage.term(2))
        .isInstanceOfSatisfying(
            EntryUnavailableException.class, e -> assertThat(e.isCompacted()).isTrue())
        .hasMessage("log: entry is compacted: 2 < 4");
    assertThatThrownBy(() -> storage.term(7))
        .isInstanceOfSatisfying(
            EntryUnavailableException.class, e -> assertThat(e.isCompacted()).isFalse())
        .hasMessage("log: entry is beyond the last: 7 > 6");
  }

  @Test
  void entriesAreCutAtTheLimitButAtLeastOneIsGiven() {
    long one = entry(4, 4).encodedBytes();
    assertThat(storage.entries(4, 7, 0)).containsExactly(entry(4, 4));
    assertThat(storage.entries(4, 7, 2 * one)).containsExactly(entry(4, 4), entry(5, 5));
    assertThat(storage.entries(4, 7, 3 * one - 1)).hasSize(2);
    assertThat(storage.entries(4, 7, 3 * one)).hasSize(3);
    assertThat(storage.entries(5, 5, one)).isEmpty();
    assertThatThrownBy(() -> storage.entries(3, 5, one))
        .isInstanceOf(EntryUnavailableException.class);
    assertThatThrownBy(() -> storage.entries(4, 8, one))
        .isInstanceOf(EntryUnavailableException.class)
        .hasMessage("log: entry is beyond the last: 7 > 6");
  }

  @Test
  void appendReplacesFromItsFirstEntryOn() {
    storage.append(List.of(entry(7, 5)));
    assertThat(terms()).containsExactly(4L, 7L);
    storage.append(List.of(entry(7, 6), entry(7, 7)));
    assertThat(terms()).containsExactly(4L, 7L, 7L, 7L);
  }

  @Test
  void appendLeavesOutWhatIsCompacted() {
    storage.append(List.of(entry(2, 2), entry(3, 3)));
    assertThat(terms()).containsExactly(4L, 5L, 6L);
    storage.append(List.of(entry(3, 3), entry(8, 4)));
    assertThat(terms()).containsExactly(8L);
  }

  @Test
  void appendRefusesAGap() {
    assertThatThrownBy(() -> storage.append(List.of(entry(8, 8))))
        .isInstanceOf(InvariantException.class)
        .hasMessage("storage: entries are missing between: 6, 8");
  }

  @Test
  void appendRefusesAGapWithinTheList() {
    assertThatThrownBy(() -> storage.append(List.of(entry(7, 7), entry(7, 9))))
        .isInstanceOf(InvariantException.class)
        .hasMessage("log: entries have a gap before index: 9, 7");
  }

  @Test
  void compactDropsUpToItsIndexOnceAndKeepsTheTermThere() {
    assertThat(storage.compact(5)).isTrue();
    assertThat(storage.firstIndex()).isEqualTo(6);
    assertThat(storage.term(5)).isEqualTo(5);
    assertThat(terms()).containsExactly(6L);
    assertThat(storage.compact(5)).isFalse();
    assertThat(storage.compact(6)).isTrue();
    assertThat(storage.lastIndex()).isEqualTo(6);
    assertThat(storage.firstIndex()).isEqualTo(7);
    assertThatThrownBy(() -> storage.compact(7)).isInstanceOf(EntryUnavailableException.class);
  }

  @Test
  void newestSnapshotIsKept() {
    assertThat(storage.createSnapshot(5, VOTERS).last()).isEqualTo(new EntryId(5, 5));
    assertThat(storage.createSnapshot(4, VOTERS).last()).isEqualTo(new EntryId(5, 5));
    assertThat(terms()).hasSize(3);
    assertThatThrownBy(() -> storage.applySnapshot(new Snapshot(new EntryId(5, 5), VOTERS)))
        .isInstanceOf(InvariantException.class);
    storage.applySnapshot(new Snapshot(new EntryId(9, 9), VOTERS));
    assertThat(storage.firstIndex()).isEqualTo(10);
    assertThat(storage.lastIndex()).isEqualTo(9);
  }

  @Test
  void snapshotIsGivenAgainAfterItsEntryIsCompacted() {
    Snapshot snapshot = storage.createSnapshot(5, VOTERS);
    storage.compact(6);
    assertThat(storage.createSnapshot(5, VOTERS)).isEqualTo(snapshot);
  }

  @Test
  void emptyStorageHasNoSnapshotToSend() {
    assertThat(new MemoryStorage().snapshot()).isEmpty();
    assertThat(new MemoryStorage().term(0)).isZero();
  }

  @Test
  void anyOrderOfAppendsAndCompactionsKeepsTheSameEntriesAsAPlainList() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    List<Entry> expected = new ArrayList<>(List.of(entry(4, 4), entry(5, 5), entry(6, 6)));
    for (int i = 0; i < 20_000; i++) {
      if (random.nextInt(10) < 8) {
        long last = storage.lastIndex();
        long first = Math.max(storage.firstIndex(), last + 1 - random.nextInt(4));
        List<Entry> added = new ArrayList<>();
        for (int n = random.nextInt(5); n >= 0; n--) {
          added.add(entry(i, first + added.size()));
        }
        storage.append(added);
        expected.removeIf(e -> e.index() >= first);
        expected.addAll(added);
      } else if (!expected.isEmpty()) {
        long index = storage.firstIndex() + random.nextInt(expected.size());
        storage.compact(index);
        expected.removeIf(e -> e.index() <= index);
      }
      assertThat(storage.lastIndex() - storage.firstIndex() + 1).isEqualTo(expected.size());
      if (i % 10 == 0) {
        assertThat(storage.entries(storage.firstIndex(), storage.lastIndex() + 1, Long.MAX_VALUE))
            .as("seed %d, step %d; repeat: -Dseed=%d", seed, i, seed)
            .isEqualTo(expected);
      }
    }
  }
}
