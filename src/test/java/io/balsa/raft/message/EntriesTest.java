package io.balsa.raft.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntriesTest {
  private final Entry first = new Entry(1, 1, EntryType.NORMAL, Bytes.utf8("a"));
  private final Entry second = new Entry(1, 2, EntryType.NORMAL, Bytes.utf8("b"));
  private final Entry third = new Entry(2, 3, EntryType.NORMAL, Bytes.utf8("c"));

  @Test
  void doNotSeeLaterChangesOfTheArray() {
    Entry[] array = {first, second, third};

    List<Entry> entries = Entries.copyOf(array, 1, 3);
    array[1] = first;

    assertThat(entries).containsExactly(second, third);
  }

  @Test
  void doNotSeeLaterChangesOfTheList() {
    List<Entry> list = new ArrayList<>(List.of(first, second));

    List<Entry> entries = Entries.copyOf(list);
    list.set(0, third);

    assertThat(entries).containsExactly(first, second);
  }

  @Test
  void areNotCopiedAgain() {
    List<Entry> entries = Entries.copyOf(new Entry[] {first, second}, 0, 2);

    assertThat(Entries.copyOf(entries)).isSameAs(entries);
    assertThat(new Message.Propose(1, 2, 0, entries).entries()).isSameAs(entries);
  }

  @Test
  void areChangedByNobody() {
    List<Entry> entries = Entries.copyOf(new Entry[] {first, second}, 0, 2);

    assertThatThrownBy(() -> entries.set(0, third))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> entries.add(third)).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> entries.remove(0)).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void areEqualToAnyListOfTheSameEntries() {
    assertThat(Entries.copyOf(new Entry[] {first, second}, 0, 2)).isEqualTo(List.of(first, second));
  }

  @Test
  void standBehindEachOther() {
    assertThat(Entries.concat(List.of(first), List.of(second, third)))
        .containsExactly(first, second, third);
  }
}
