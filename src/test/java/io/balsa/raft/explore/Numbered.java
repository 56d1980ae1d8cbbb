package io.balsa.raft.explore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Values by number, equal ones under the same, with a fingerprint under each renaming. */
final class Numbered<T> {
  private static final long SEED = 4;

  private final Symmetry symmetry;
  private final List<T> values = new ArrayList<>();
  private final List<long[]> hashes = new ArrayList<>();
  private final Map<T, Integer> numberOf = new HashMap<>();

  Numbered(Symmetry symmetry) {
    this.symmetry = symmetry;
  }

  /** The number of a value, a new one if it was not seen before. */
  int number(T value) {
    return numberOf.computeIfAbsent(
        value,
        added -> {
          values.add(added);
          hashes.add(hashes(added));
          return values.size() - 1;
        });
  }

  T value(int number) {
    return values.get(number);
  }

  long hash(int number, int renaming) {
    return hashes.get(number)[renaming];
  }

  private long[] hashes(T value) {
    long[] result = new long[symmetry.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = new Fingerprint(symmetry.renaming(i), SEED).of(value);
    }
    return result;
  }
}
