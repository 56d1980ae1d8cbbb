package io.balsa.raft.message;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;

/**
 * A list of entries that never changes. The lists of the JDK would copy each part of the log twice:
 * they do not take an array over.
 */
public final class Entries extends AbstractList<Entry> implements RandomAccess {
  private final Entry[] array;

  private Entries(Entry[] array) {
    this.array = array;
  }

  /** A copy of the entries of {@code array} from {@code from} inclusive to {@code to} exclusive. */
  public static List<Entry> copyOf(Entry[] array, int from, int to) {
    return new Entries(Arrays.copyOfRange(array, from, to));
  }

  /** The list itself if it never changes, otherwise a copy. */
  public static List<Entry> copyOf(List<Entry> entries) {
    return entries instanceof Entries ? entries : List.copyOf(entries);
  }

  /** All of {@code first}, then all of {@code second}. */
  public static List<Entry> concat(List<Entry> first, List<Entry> second) {
    Entry[] both = new Entry[first.size() + second.size()];
    for (int i = 0; i < both.length; i++) {
      both[i] = i < first.size() ? first.get(i) : second.get(i - first.size());
    }
    return new Entries(both);
  }

  /** The size of the entries' data together, in bytes. */
  public static long dataBytes(List<Entry> entries) {
    long bytes = 0;
    for (int i = 0; i < entries.size(); i++) {
      bytes += entries.get(i).data().length();
    }
    return bytes;
  }

  @Override
  public Entry get(int place) {
    return array[place];
  }

  @Override
  public int size() {
    return array.length;
  }
}
