package io.balsa.mvcc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.balsa.data.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many keys, so that nodes split and merge on all levels, as in the tests of the store they do not.
 */
class KeyTreeTest {
  private enum Arrival {
    ASCENDING,
    DESCENDING,
    RANDOM
  }

  private final KeyTree tree = new KeyTree();
  private final NavigableMap<Bytes, Version> model = new TreeMap<>();
  private final Random random = new Random(4711);
  private long revision = 1;

  @ParameterizedTest
  @EnumSource(Arrival.class)
  void agreesWithATreeMapWhileItGrowsAndShrinks(Arrival arrival) {
    for (int i = 0; i < 6_000; i++) {
      put(
          switch (arrival) {
            case ASCENDING -> key(i);
            case DESCENDING -> key(6_000 - i);
            case RANDOM -> key(random.nextInt(1 << 20));
          });
      if (i % 500 == 0) {
        check();
      }
    }
    for (int round = 0; round < 3; round++) {
      while (model.size() > (round == 2 ? 0 : 300)) {
        Bytes key = model.ceilingKey(key(random.nextInt(1 << 20)));
        remove(key == null ? model.firstKey() : key);
        if (model.size() % 500 == 0) {
          check();
        }
      }
      check();
      for (int i = 0; i < 2_000; i++) {
        put(key(random.nextInt(1 << 20)));
      }
      check();
    }
  }

  private void put(Bytes key) {
    revision++;
    assertSame(model.get(key), tree.locate(key));
    Version version = new Version(key, Bytes.EMPTY, revision, revision, 1, 0);
    tree.place(version);
    assertSame(model.put(key, version), version.older);
  }

  private void remove(Bytes key) {
    revision++;
    tree.locate(key);
    Version deletion = new Version(key, revision);
    tree.place(deletion);
    assertSame(deletion, tree.locate(key));
    tree.remove();
    model.remove(key);
    assertNull(tree.locate(key));
  }

  private void check() {
    assertThat(tree.live()).isEqualTo(model.size());
    check(Bytes.EMPTY, null);
    for (int i = 0; i < 20; i++) {
      Bytes low = key(random.nextInt(1 << 20));
      check(low, random.nextInt(5) == 0 ? null : key(random.nextInt(1 << 20)));
    }
  }

  private void check(Bytes low, Bytes high) {
    Map<Bytes, Version> expected =
        high == null
            ? model.tailMap(low, true)
            : low.compareTo(high) > 0 ? Map.of() : model.subMap(low, true, high, false);
    List<Version> visited = new ArrayList<>();
    tree.visit(low, high, visited::add);
    assertThat(visited).isEqualTo(List.copyOf(expected.values()));
    assertThat(tree.count(low, high, Long.MAX_VALUE)).isEqualTo(expected.size());
    long at = revision - random.nextInt(200);
    assertThat(tree.count(low, high, at))
        .isEqualTo(expected.values().stream().filter(v -> v.at(at) != null).count());
    assertThat(tree.newestRevision(low, high))
        .isGreaterThanOrEqualTo(
            expected.values().stream().mapToLong(v -> v.modRevision).max().orElse(0));
  }

  private static Bytes key(int number) {
    return Bytes.utf8(String.format("%07d", number));
  }
}
