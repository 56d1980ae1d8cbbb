package io.balsa.raft.explore;

/** Numbers by numbers, without an object for each: open addressing. The key 0 must not occur. */
final class LongMap {
  static final int NONE = -1;

  private long[] keys = new long[1 << 16];
  private int[] values = new int[1 << 16];
  private int size;

  /** The value, {@link #NONE} if there is none. */
  int get(long key) {
    int place = place(keys, key);
    return keys[place] == key ? values[place] : NONE;
  }

  /** Adds a pair, or replaces the value of its key. */
  void put(long key, int value) {
    int place = place(keys, key);
    if (keys[place] == key) {
      values[place] = value;
      return;
    }
    keys[place] = key;
    values[place] = value;
    size++;
    if (size > keys.length / 8 * 5) {
      grow();
    }
  }

  private void grow() {
    long[] newKeys = new long[keys.length * 2];
    int[] newValues = new int[keys.length * 2];
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] != 0) {
        int place = place(newKeys, keys[i]);
        newKeys[place] = keys[i];
        newValues[place] = values[i];
      }
    }
    keys = newKeys;
    values = newValues;
  }

  /** Where the key is in the table, or belongs. */
  static int place(long[] keys, long key) {
    int mask = keys.length - 1;
    int place = (int) (Fingerprint.mix(0, key) >>> 20) & mask;
    while (keys[place] != 0 && keys[place] != key) {
      place = place + 1 & mask;
    }
    return place;
  }
}
