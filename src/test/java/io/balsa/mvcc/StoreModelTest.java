package io.balsa.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.ByteWriter;
import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.mvcc.command.Change;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.CommandCodec;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.KeyValue;
import io.balsa.mvcc.command.Once;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResultCodec;
import io.balsa.mvcc.command.Ops;
import io.balsa.mvcc.command.Result;
import io.balsa.mvcc.lease.Lease;
import io.balsa.mvcc.watch.Delivery;
import io.balsa.mvcc.watch.Watches;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random programs run on the store and on {@link StoreModel}: every answer, every read of the past,
 * every watch, every snapshot must agree. One seed again: {@code -Dmvcc.seed=N}.
 */
class StoreModelTest {
  private static final int COMMANDS = 800;

  static Stream<Long> seeds() {
    Long seed = Long.getLong("mvcc.seed");
    if (seed != null) {
      return Stream.of(seed);
    }
    long fresh = System.nanoTime();
    return LongStream.concat(LongStream.range(1, 13), LongStream.of(fresh, fresh + 1)).boxed();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everythingThatCanBeSeenAgreesWithTheModel(long seed) throws MalformedException {
    try {
      new Program(seed).run();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "seed " + seed + " failed; repeat: mvn test -Dtest=StoreModelTest -Dmvcc.seed=" + seed,
          e);
    }
  }

  private static final class Program {
    private final Random random;
    private final RandomCommands commands;
    private final StoreModel model = new StoreModel();
    private Store store = new Store();
    // Applies the same log, and is never swept, nor loaded, nor polled.
    private final Store twin = new Store();
    private final Watches watches = new Watches(store);
    private final Map<Long, WatchModel> open = new TreeMap<>();
    private long watchNumber;
    private final List<Cut> cuts = new ArrayList<>();

    Program(long seed) {
      random = new Random(seed);
      commands = new RandomCommands(random, new int[] {3, 20, 300}[random.nextInt(3)]);
    }

    void run() throws MalformedException {
      for (int i = 0; i < COMMANDS; i++) {
        apply(command());
        read();
        if (random.nextInt(4) == 0) {
          store.compactStep(1 + random.nextInt(20));
        }
        watch();
        snapshot();
        if (i % 100 == 0) {
          checkEverything(store, model);
        }
      }
      finish();
    }

    private Command command() {
      if (random.nextInt(40) == 0) {
        long id = commands.lease();
        Lease lease = model.leases.get(id);
        long renewals = lease == null ? 0 : lease.renewals() - random.nextInt(2);
        return new Command.LeaseExpire(id, renewals);
      }
      if (random.nextInt(20) == 0) {
        return new Command.LeaseCheckpoint(List.of(remaining(), remaining()));
      }
      return commands.command(model.revision());
    }

    private Command.Remaining remaining() {
      long id = commands.lease();
      Lease lease = model.leases.get(id);
      return lease == null
          ? new Command.Remaining(id, 1, 1)
          : new Command.Remaining(
              id,
              lease.renewals() - random.nextInt(5) / 4,
              lease.remainingSeconds() + 1 - random.nextInt(4));
    }

    private void apply(Command command) throws MalformedException {
      Bytes encoded = CommandCodec.encode(command);
      Command decoded = CommandCodec.decode(encoded);
      assertThat(decoded).isEqualTo(command);
      if (command instanceof Command.Compact) {
        poll(Long.MAX_VALUE); // So that what is delivered has its previous items.
      }
      long hash = store.stateHash();
      boolean repeated =
          command instanceof Command.WriteOnce write
              && model.answers.containsKey(write.once().session())
              && model.answers.get(write.once().session()).containsKey(write.once().sequence());
      Result result = store.apply(decoded);
      Object expected = model.apply(command);
      check(result, expected);
      if (repeated || expected instanceof Result.Fault) {
        assertThat(store.stateHash()).isEqualTo(hash);
      }
      if (command instanceof Command.Write write) {
        assertThat(Ops.check(write.op(), 100).isPresent())
            .isEqualTo(expected == Result.Fault.DUPLICATE_KEY);
      }
      twin.apply(command);
      assertThat(store.stateHash()).isEqualTo(twin.stateHash());
      assertThat(store.revision()).isEqualTo(model.revision());
      assertThat(store.compactRevision()).isEqualTo(model.compactRevision);
      assertThat(store.keys()).isEqualTo(model.state().size());
    }

    private void read() {
      Op op = random.nextInt(3) > 0 ? commands.range(model.revision()) : readOnly();
      check(store.read(op), model.read(op));
    }

    private Op readOnly() {
      while (true) {
        Op op = commands.op(model.revision(), 2);
        if (Ops.isReadOnly(op)) {
          return op;
        }
      }
    }

    private static void check(Result result, Object expected) {
      if (result instanceof Result.Failed failed) {
        assertThat(failed.fault()).as(failed.detail()).isEqualTo(expected);
      } else {
        assertThat(result).isEqualTo(expected);
      }
    }

    private void watch() {
      if (random.nextInt(20) == 0) {
        long start = Math.max(0, model.revision() - random.nextInt(100) + 20);
        start = random.nextInt(3) == 0 ? 0 : start;
        WatchModel watch =
            new WatchModel(
                commands.range(),
                start == 0 ? model.revision() + 1 : start,
                random.nextBoolean(),
                random.nextInt(2000));
        watchNumber++;
        assertThat(
                watches.open(
                    owner(watchNumber),
                    watchNumber,
                    watch.keys,
                    start,
                    watch.previous,
                    watch.credit))
            .isTrue();
        open.put(watchNumber, watch);
      }
      if (random.nextInt(60) == 0 && !open.isEmpty()) {
        long number = open.keySet().iterator().next();
        assertThat(watches.close(owner(number), number)).isTrue();
        open.remove(number);
      }
      if (random.nextInt(4) == 0 && !open.isEmpty()) {
        List<Long> numbers = List.copyOf(open.keySet());
        long number = numbers.get(random.nextInt(numbers.size()));
        long bytes = random.nextInt(1000);
        watches.credit(owner(number), number, bytes);
        open.get(number).credit += bytes;
      }
      if (random.nextInt(3) == 0) {
        poll(1 + random.nextInt(5000));
      }
    }

    private static String owner(long number) {
      return "owner " + number % 3;
    }

    private void poll(long bytesMax) {
      for (Delivery delivery : watches.poll(bytesMax)) {
        assertThat(delivery.owner()).isEqualTo(owner(delivery.watch()));
        WatchModel watch = open.get(delivery.watch());
        if (delivery instanceof Delivery.Changed changed) {
          watch.take(changed, model);
        } else {
          assertThat(watch.next).isLessThan(model.compactRevision);
          open.remove(delivery.watch());
        }
      }
      if (bytesMax == Long.MAX_VALUE && watches.hasWork()) {
        poll(bytesMax);
      }
    }

    private void snapshot() throws MalformedException {
      if (random.nextInt(60) == 0) {
        cuts.add(new Cut(store.snapshot(), model.copy()));
      }
      if (random.nextInt(200) == 0 && !cuts.isEmpty()) {
        cuts.remove(0).snapshot.close();
      }
      for (Cut cut : List.copyOf(cuts)) {
        if (random.nextInt(3) == 0 && !cut.readOn(1 + random.nextInt(400))) {
          cuts.remove(cut);
          Store loaded = cut.load();
          checkEverything(loaded, cut.model);
          assertThat(allSlices(loaded.snapshot(), 100)).isEqualTo(cut.allBytes());
        }
      }
      if (random.nextInt(300) == 0) {
        restart();
      }
    }

    /** Goes on with a copy, as a member does that got a snapshot. */
    private void restart() throws MalformedException {
      cuts.forEach(cut -> cut.snapshot.close());
      cuts.clear();
      Cut cut = new Cut(store.snapshot(), model.copy());
      while (cut.readOn(1000)) {}
      store = cut.load();
      watches.moveTo(store);
    }

    private void finish() throws MalformedException {
      for (Map.Entry<Long, WatchModel> entry : open.entrySet()) {
        watches.credit(owner(entry.getKey()), entry.getKey(), Long.MAX_VALUE);
        entry.getValue().credit = Long.MAX_VALUE;
      }
      poll(Long.MAX_VALUE);
      for (Map.Entry<Long, WatchModel> entry : open.entrySet()) {
        entry.getValue().checkComplete(model);
        assertThat(watches.isSynced(owner(entry.getKey()), entry.getKey())).isTrue();
      }
      checkEverything(store, model);
      checkEverything(twin, model);
      assertThat(allSlices(store.snapshot(), 77)).isEqualTo(allSlices(twin.snapshot(), 10_000));
      while (store.compactStep(7)) {}
      checkEverything(store, model);
    }
  }

  /** A snapshot that is being read, and what it must hold. */
  private static final class Cut {
    final StoreSnapshot snapshot;
    final StoreModel model;
    final List<Bytes> slices = new ArrayList<>();

    Cut(StoreSnapshot snapshot, StoreModel model) {
      this.snapshot = snapshot;
      this.model = model;
    }

    boolean readOn(int bytesMax) {
      Bytes slice = snapshot.next(bytesMax);
      if (slice != null) {
        assertThat(slice.length()).isPositive();
        slices.add(slice);
      }
      return slice != null;
    }

    Store load() throws MalformedException {
      StoreLoader loader = new StoreLoader();
      for (Bytes slice : slices) {
        loader.accept(slice);
      }
      return loader.finish();
    }

    Bytes allBytes() {
      return concat(slices);
    }
  }

  /** What a watch has been told, and has yet to be told. */
  private static final class WatchModel {
    final KeyRange keys;
    final boolean previous;
    long next;
    long credit;

    WatchModel(KeyRange keys, long start, boolean previous, long credit) {
      this.keys = keys;
      this.next = start;
      this.previous = previous;
      this.credit = credit;
    }

    void take(Delivery.Changed changed, StoreModel model) {
      assertThat(credit).as("credit").isPositive();
      credit -= changed.bytes();
      assertThat(changed.revision()).isGreaterThanOrEqualTo(next);
      for (long revision = next; revision < changed.revision(); revision++) {
        assertThat(matching(model, revision)).as("changes left out").isEmpty();
      }
      assertThat(changed.changes()).isEqualTo(matching(model, changed.revision()));
      next = changed.revision() + 1;
    }

    void checkComplete(StoreModel model) {
      for (long revision = next; revision <= model.revision(); revision++) {
        assertThat(matching(model, revision)).as("changes not delivered").isEmpty();
      }
    }

    private List<Change> matching(StoreModel model, long revision) {
      boolean known = previous && revision > model.compactRevision;
      return model.changes.get((int) revision).stream()
          .filter(change -> keys.contains(change.item().key()))
          .map(change -> known ? change : new Change(change.deletion(), change.item(), null))
          .toList();
    }
  }

  private static void checkEverything(Store store, StoreModel model) {
    assertThat(store.revision()).isEqualTo(model.revision());
    assertThat(store.compactRevision()).isEqualTo(model.compactRevision);
    assertThat(store.keys()).isEqualTo(model.state().size());
    assertThat(store.leases()).isEqualTo(List.copyOf(model.leases.values()));
    for (long id : model.leases.keySet()) {
      assertThat(store.leaseKeys(id)).isEqualTo(model.leaseKeys(id));
    }
    assertThat(store.sessions().copy().keySet()).isEqualTo(model.answers.keySet());
    model.answers.forEach(
        (session, answers) -> {
          assertThat(store.sessions().copy().get(session)).hasSize(answers.size());
          answers.forEach(
              (sequence, answer) ->
                  Program.check(store.sessions().answer(new Once(session, sequence)), answer));
        });
    long first = Math.max(1, model.compactRevision);
    for (long revision = first; revision <= model.revision(); revision++) {
      Result all = store.read(Op.Range.of(KeyRange.ALL, revision, 0, false));
      assertThat(all).isEqualTo(model.read(Op.Range.of(KeyRange.ALL, revision, 0, false)));
    }
    ChangeReader reader = store.changesAfter(first - 1);
    while (reader.hasNext()) {
      reader.next();
      List<Change> changes = new ArrayList<>();
      boolean known = reader.revision() > model.compactRevision;
      for (int i = 0; i < reader.size(); i++) {
        changes.add(reader.change(i, known));
      }
      List<Change> expected = model.changes.get((int) reader.revision());
      assertThat(changes)
          .isEqualTo(
              known
                  ? expected
                  : expected.stream()
                      .map(change -> new Change(change.deletion(), change.item(), null))
                      .toList());
    }
    assertThat(reader.revision()).isEqualTo(model.revision());
    checkSizes(store, model);
  }

  private static void checkSizes(Store store, StoreModel model) {
    assertThat(store.revisions()).isEqualTo(model.versions(model.compactRevision));
    long liveBytes = 0;
    for (KeyValue item : model.state().values()) {
      liveBytes += itemBytes(item) + heapBytes(item.key());
    }
    for (Map<Long, Object> answers : model.answers.values()) {
      liveBytes += 80;
      for (Object answer : answers.values()) {
        Bytes kept =
            answer instanceof Result.Written written
                ? OpResultCodec.encode(written.result())
                : Bytes.EMPTY;
        liveBytes += 40 + heapBytes(kept);
      }
    }
    assertThat(store.liveBytes()).isEqualTo(liveBytes);
    long historyBytes = historyBytes(model, model.compactRevision);
    assertThat(store.historyBytes()).isEqualTo(historyBytes);
    for (long missing : new long[] {1, historyBytes / 3, historyBytes}) {
      long to = store.revisionFreeing(missing);
      if (to < model.revision()) {
        assertThat(historyBytes - historyBytes(model, to)).isGreaterThanOrEqualTo(missing);
      }
      if (to > model.compactRevision) {
        assertThat(historyBytes - historyBytes(model, to - 1)).isLessThan(missing);
      }
    }
  }

  private static long historyBytes(StoreModel model, long compactedTo) {
    long bytes = 0;
    for (Change change : model.kept(compactedTo)) {
      if (change.deletion()) {
        bytes += 56 + heapBytes(change.item().key());
      } else if (!change.item().equals(model.state().get(change.item().key()))) {
        bytes += itemBytes(change.item());
      }
    }
    return bytes;
  }

  private static long itemBytes(KeyValue item) {
    return 56 + heapBytes(item.value());
  }

  private static long heapBytes(Bytes bytes) {
    return 40 + (bytes.length() + 7) / 8 * 8;
  }

  private static Bytes allSlices(StoreSnapshot snapshot, int bytesMax) {
    List<Bytes> slices = new ArrayList<>();
    for (Bytes slice = snapshot.next(bytesMax); slice != null; slice = snapshot.next(bytesMax)) {
      slices.add(slice);
    }
    return concat(slices);
  }

  private static Bytes concat(List<Bytes> slices) {
    ByteWriter writer = new ByteWriter(1024);
    for (Bytes slice : slices) {
      writer.raw(slice);
    }
    return writer.toBytes();
  }
}
