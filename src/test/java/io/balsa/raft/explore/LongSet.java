package io.balsa.raft.explore;

/** Numbers, without an object for each: open addressing. 0 must not be one of them. */
final class LongSet {
  private long[] table = new long[1 << 16];
  private int size;

  int size() {
    return size;
  }

  /** Adds a number; returns whether it is new. */
  boolean add(long number) {
    int place = LongMap.place(table, number);
    if (table[place] == number) {
      return false;
    }
    table[place] = number;
    size++;
    if (size > table.length / 8 * 5) {
      grow();
    }
    return true;
  }

  private void grow() {
    long[] larger = new long[table.length * 2];
    for (long number : table) {
      if (number != 0) {
        larger[LongMap.place(larger, number)] = number;
      }
    }
    table = larger;
  }
}
