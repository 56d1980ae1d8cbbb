package io.balsa.raft.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryType;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What {@link MemoryStorageTest} does not see from outside: what the queue costs and what it keeps.
 */
class EntryQueueTest {
  private final EntryQueue queue = new EntryQueue();
  private long appended;

  private static Entry entry(long index) {
    return new Entry(1, index, EntryType.NORMAL, Bytes.EMPTY);
  }

  private void append(int count) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(entry(++appended));
    }
    queue.append(entries, 0);
  }

  private List<Long> indexes() {
    return queue.slice(0, queue.size(), Long.MAX_VALUE).stream().map(Entry::index).toList();
  }

  /** Weak references to all that is in the queue, so that the test itself holds nothing. */
  private List<WeakReference<Entry>> watched() {
    List<WeakReference<Entry>> watched = new ArrayList<>();
    for (int i = 0; i < queue.size(); i++) {
      watched.add(new WeakReference<>(queue.get(i)));
    }
    return watched;
  }

  private void assertCollected(List<WeakReference<Entry>> watched) {
    for (int i = 0; i < 20 && watched.stream().anyMatch(w -> w.get() != null); i++) {
      System.gc();
    }
    assertThat(watched).allMatch(w -> w.get() == null);
    Reference.reachabilityFence(queue);
  }

  @Test
  void growsWhereShiftingWouldNotMakeEnoughRoom() {
    append(10);
    queue.dropFirst(8);
    append(15);
    assertThat(indexes()).hasSize(17).startsWith(9L, 10L, 11L).endsWith(25L);
  }

  @Test
  void listThatFillsTheArrayExactlyFits() {
    append(16);
    assertThat(indexes()).hasSize(16);
    queue.dropFirst(15);
    append(15);
    assertThat(indexes()).hasSize(16).startsWith(16L).endsWith(31L);
    append(100);
    assertThat(indexes()).hasSize(116).startsWith(16L).endsWith(131L);
  }

  @Test
  void droppedEntriesAreNotKeptInMemory() {
    append(10);
    List<WeakReference<Entry>> dropped = watched().subList(0, 4);
    queue.dropFirst(4);
    assertCollected(dropped);
    assertThat(indexes()).containsExactly(5L, 6L, 7L, 8L, 9L, 10L);
  }

  @Test
  void truncatedEntriesAreNotKeptInMemory() {
    append(10);
    List<WeakReference<Entry>> truncated = watched().subList(4, 10);
    queue.truncate(4);
    assertCollected(truncated);
    assertThat(indexes()).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void entriesThatWereShiftedAreNotKeptWhereTheyStoodBefore() {
    append(16);
    queue.dropFirst(15);
    append(1);
    List<WeakReference<Entry>> all = watched();
    assertThat(all).hasSize(2);
    queue.dropFirst(2);
    assertCollected(all);
  }

  @Test
  @Timeout(20)
  void appendingCostsTheSameHoweverLongTheLogIs() {
    List<Entry> one = new ArrayList<>(1);
    for (int i = 1; i <= 500_000; i++) {
      one.clear();
      one.add(entry(i));
      queue.append(one, 0);
    }
    assertThat(queue.size()).isEqualTo(500_000);
  }

  @Test
  @Timeout(20)
  void droppingCostsTheSameHoweverLongTheLogIs() {
    int length = (1 << 18) - 1;
    append(length);
    for (int i = 0; i < 200_000; i++) {
      queue.dropFirst(1);
      queue.append(List.of(entry(++appended)), 0);
    }
    assertThat(queue.size()).isEqualTo(length);
    assertThat(queue.get(0).index()).isEqualTo(200_001);
  }
}
