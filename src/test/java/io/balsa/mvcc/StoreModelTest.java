package io.balsa.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.CommandCodec;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.KeyValue;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import io.balsa.mvcc.command.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Random puts, deletions and compactions against maps kept whole for every revision. */
class StoreModelTest {
  private static final int ROUNDS = 4000;

  private final long seed = Long.getLong("seed", 1);
  private final SplittableRandom random = new SplittableRandom(seed);
  private final List<TreeMap<Bytes, KeyValue>> past = new ArrayList<>();
  private long compacted;

  @Test
  void agreesWithTheModelAtEveryRevision() throws MalformedException {
    Store store = new Store();
    Store twin = new Store();
    past.add(new TreeMap<>());
    past.add(new TreeMap<>()); // The empty store is at revision 1.
    for (int round = 0; round < ROUNDS; round++) {
      Command command = command(store.revision());
      Result result = store.apply(command);
      twin.apply(CommandCodec.decode(CommandCodec.encode(command)));
      assertThat(result).as("seed %d round %d", seed, round).isNotInstanceOf(Result.Failed.class);
      assertThat(twin.stateHash()).as("seed %d round %d", seed, round).isEqualTo(store.stateHash());
      assertThat(store.revision()).isEqualTo(past.size() - 1L);
      check(store, round);
      if (round % 500 == 499) {
        Store loaded = reload(store);
        assertThat(loaded.stateHash()).isEqualTo(store.stateHash());
        assertThat(loaded.revision()).isEqualTo(store.revision());
        store = loaded;
      }
    }
  }

  private Command command(long revision) {
    Bytes key = Bytes.utf8("k" + random.nextInt(30));
    TreeMap<Bytes, KeyValue> now = new TreeMap<>(past.get(past.size() - 1));
    int dice = random.nextInt(100);
    if (dice < 2 && revision > compacted + 1) {
      compacted = compacted + 1 + random.nextLong(revision - compacted);
      return new Command.Compact(compacted);
    }
    if (dice < 70) {
      Bytes value = Bytes.utf8("v" + random.nextInt());
      KeyValue old = now.get(key);
      long next = revision + 1;
      now.put(
          key,
          old == null
              ? new KeyValue(key, value, next, next, 1, 0)
              : new KeyValue(key, value, old.createRevision(), next, old.version() + 1, 0));
      past.add(now);
      return new Command.Write(Op.Put.of(key, value, 0));
    }
    KeyRange range = random.nextBoolean() ? KeyRange.of(key) : KeyRange.prefix(key);
    if (now.keySet().removeIf(range::contains)) {
      past.add(now);
    }
    return new Command.Write(new Op.DeleteRange(range, false));
  }

  private void check(Store store, int round) {
    long at =
        compacted >= store.revision()
            ? store.revision()
            : Math.max(1, compacted)
                + random.nextLong(store.revision() - Math.max(1, compacted) + 1);
    KeyRange range = random.nextBoolean() ? KeyRange.ALL : KeyRange.prefix(Bytes.utf8("k1"));
    Result result = store.read(Op.Range.of(range, at, 0, false));
    List<KeyValue> expected =
        past.get((int) at).values().stream().filter(item -> range.contains(item.key())).toList();
    assertThat(result)
        .as("seed %d round %d revision %d compacted %d", seed, round, at, compacted)
        .isEqualTo(new Result.Written(new OpResult.Ranged(expected, expected.size(), false)));
    if (compacted > 1) {
      assertThat(store.read(Op.Range.of(range, compacted - 1, 0, false)))
          .isInstanceOfSatisfying(
              Result.Failed.class,
              failed -> assertThat(failed.fault()).isEqualTo(Result.Fault.COMPACTED));
    }
    assertThat(store.read(Op.Range.of(range, store.revision() + 1, 0, false)))
        .isInstanceOfSatisfying(
            Result.Failed.class,
            failed -> assertThat(failed.fault()).isEqualTo(Result.Fault.FUTURE_REVISION));
  }

  /** A cut that is read while writes go on holds exactly what was there when it was made. */
  private Store reload(Store store) throws MalformedException {
    StoreSnapshot cut = store.snapshot();
    StoreLoader loader = new StoreLoader();
    for (Bytes slice = cut.next(300); slice != null; slice = cut.next(300)) {
      loader.accept(slice);
    }
    return loader.finish();
  }
}
