package io.balsa.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.balsa.data.Bytes;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message.StorageAppend;
import io.balsa.raft.message.Snapshot;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.wal.WalOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Random work on a store against a model of what it must remember, while the power goes, or a call
 * fails, at every single call to the file system: all that was acknowledged is there afterwards,
 * and nothing that was never asked for.
 *
 * <p>A failure names its seed and call; {@code -Dstorage.seed=N} runs that seed alone.
 */
class CrashTest {
  private static final Path ROOT = Path.of("/data");
  private static final WalOptions OPTIONS = new WalOptions(4096, 0);
  private static final Identity IDENTITY = new Identity(7, 1, "n1");
  private static final int STEPS = 25;

  private static List<Long> seeds(int count) {
    Long only = Long.getLong("storage.seed");
    List<Long> seeds = new ArrayList<>();
    for (long seed = 1; seed <= count; seed++) {
      seeds.add(only == null ? seed : only);
    }
    return only == null ? seeds : List.of(only);
  }

  @Test
  void losesNothingAcknowledgedWhenThePowerGoesAtAnyCall() {
    for (long seed : seeds(2)) {
      long calls = runWithoutFault(seed);
      for (long call = 1; call <= calls; call++) {
        run(seed, call, false, call % 3 / 2.0);
      }
    }
  }

  @Test
  void losesNothingAcknowledgedWhenAnyCallFails() {
    for (long seed : seeds(2)) {
      long calls = runWithoutFault(seed);
      for (long call = 1; call <= calls; call++) {
        run(seed, call, true, call % 3 / 2.0);
      }
    }
  }

  @Test
  void whatIsFoundAfterTheEndOfAProcessSurvivesALossOfPower() {
    for (long seed : seeds(2)) {
      long calls = runWithoutFault(seed);
      for (long call = 1; call <= calls; call++) {
        runTwice(seed, call, false);
        runTwice(seed, call, true);
      }
    }
  }

  /** The process ends before a call, or because it failed; the machine goes on until later. */
  private static void runTwice(long seed, long call, boolean failing) {
    Scenario scenario = new Scenario(seed);
    if (failing) {
      scenario.files.failCall(call);
    } else {
      scenario.files.losePowerAtCall(call);
    }
    try {
      scenario.workUntilFault(2 * STEPS);
      scenario.files.clearFaults();
      scenario.files.killProcess();
      scenario.recover();
      scenario.work((int) (call % 4)); // Too little to sync everything by the way.
      scenario.files.restart(0);
      scenario.recover();
    } catch (StorageException | RuntimeException | AssertionError e) {
      fail(
          "seed %d failed at call %d, %s; repeat: mvn test -Dtest=CrashTest -Dstorage.seed=%d"
              .formatted(seed, call, failing ? "failing" : "killed", seed),
          e);
    }
  }

  private static long runWithoutFault(long seed) {
    Scenario scenario = new Scenario(seed);
    try {
      scenario.work(2 * STEPS);
      long calls = scenario.files.calls();
      scenario.store.close();
      scenario.files.restart(0);
      scenario.recover();
      return calls;
    } catch (StorageException | RuntimeException | AssertionError e) {
      return fail("seed " + seed + " failed without a fault; -Dstorage.seed=" + seed, e);
    }
  }

  private static void run(long seed, long call, boolean failing, double survival) {
    Scenario scenario = new Scenario(seed);
    if (failing) {
      scenario.files.failCall(call);
    } else {
      scenario.files.losePowerAtCall(call);
    }
    try {
      scenario.workUntilFault(2 * STEPS);
      scenario.files.restart(survival);
      // The power goes once more while the member recovers.
      scenario.files.losePowerAtCall(1 + scenario.random.nextInt(40));
      scenario.recoverOrFail();
      scenario.files.restart(survival);
      scenario.recover();
      scenario.work(STEPS);
      scenario.files.restart(0);
      scenario.recover();
    } catch (StorageException | RuntimeException | AssertionError e) {
      fail(
          "seed %d failed at call %d, %s, survival %.1f; repeat: mvn test -Dtest=CrashTest -Dstorage.seed=%d"
              .formatted(seed, call, failing ? "failing" : "power lost", survival, seed),
          e);
    }
  }

  /** What a member must remember after some batch. */
  private record State(HardState hardState, Snapshot snapshot, long base, List<Entry> log) {
    static final State EMPTY = new State(HardState.EMPTY, Snapshot.EMPTY, 0, List.of());

    State {
      log = List.copyOf(log);
    }

    long last() {
      return base + log.size();
    }

    long term(long index) {
      return index > base ? log.get((int) (index - base - 1)).term() : snapshot.last().term();
    }

    State after(StorageAppend batch) {
      List<Entry> entries = new ArrayList<>(log);
      long newBase = base;
      Snapshot newSnapshot = snapshot;
      if (!batch.snapshot().isEmpty()) {
        newSnapshot = batch.snapshot();
        newBase = newSnapshot.last().index();
        entries.clear();
      }
      if (!batch.entries().isEmpty()) {
        int keep = (int) (batch.entries().get(0).index() - newBase - 1);
        entries.subList(keep, entries.size()).clear();
        entries.addAll(batch.entries());
      }
      HardState newHardState = batch.hardState().isEmpty() ? hardState : batch.hardState();
      return new State(newHardState, newSnapshot, newBase, entries);
    }

    State withSnapshot(Snapshot taken) {
      return new State(hardState, taken, base, log);
    }

    boolean matches(Recovered found) {
      long index = snapshot.last().index();
      HardState expected =
          new HardState(hardState.term(), hardState.vote(), Math.max(hardState.commit(), index));
      return found.snapshot().equals(snapshot)
          && found.hardState().equals(expected)
          && found.entries().equals(log.subList((int) (index - base), log.size()));
    }
  }

  private static final class Scenario {
    final SplittableRandom random;
    final SimulatedFileSystem files;
    MemberStore store;
    // The states that recovery may find: the first is the last one known to be durable.
    final List<State> possible = new ArrayList<>(List.of(State.EMPTY));

    Scenario(long seed) {
      random = new SplittableRandom(seed);
      files = new SimulatedFileSystem(random.split());
    }

    private State now() {
      return possible.get(possible.size() - 1);
    }

    private void allDurable() {
      State now = now();
      possible.clear();
      possible.add(now);
    }

    void open() throws StorageException {
      DataDir dir = DataDir.open(files, ROOT);
      try {
        store = MemberStore.open(dir, IDENTITY, OPTIONS, () -> 0);
      } catch (StorageException e) {
        try {
          dir.close();
        } catch (StorageException ignored) {
          e.addSuppressed(ignored);
        }
        throw e;
      }
    }

    void recover() throws StorageException {
      open();
      Recovered found = store.recovered();
      for (State state : possible) {
        if (state.matches(found)) {
          possible.clear();
          possible.add(state);
          checkSnapshot(found.snapshot());
          return;
        }
      }
      fail("recovered %s, expected one of %s".formatted(found, possible));
    }

    void recoverOrFail() {
      try {
        recover();
      } catch (StorageException e) {
        assertThat(files.hasLostPower()).as("%s", e).isTrue();
      }
    }

    private void checkSnapshot(Snapshot snapshot) throws StorageException {
      if (!snapshot.isEmpty()) {
        Bytes content = content(snapshot.last());
        SnapshotPart part = store.readSnapshot(snapshot.last(), 0, content.length() + 1);
        assertThat(part.data()).isEqualTo(content);
        assertThat(part.snapshot()).isEqualTo(snapshot);
      }
    }

    void work(int steps) throws StorageException {
      if (store == null) {
        open();
      }
      for (int i = 0; i < steps; i++) {
        step();
      }
    }

    /** Works on until the store refuses for good, or the steps are done. */
    void workUntilFault(int steps) {
      try {
        work(steps);
      } catch (StorageException e) {
        if (e.getMessage().contains("closed for good") && store != null) {
          assertThatThrownBy(
                  () -> store.append(List.of(Batches.append(new HardState(99, 0, 0), List.of()))))
              .isInstanceOf(StorageException.class)
              .hasMessageStartingWith("wal: refused: ");
        }
      }
    }

    private void step() throws StorageException {
      switch (random.nextInt(12)) {
        case 0 -> takeSnapshot();
        case 1 -> installSnapshot();
        case 2 -> prepare();
        case 3 -> reopen();
        case 4 -> append(List.of(commitOnly(now())));
        default -> append(batches());
      }
    }

    private List<StorageAppend> batches() {
      List<StorageAppend> batches = new ArrayList<>();
      State state = now();
      int count = 1 + random.nextInt(3);
      for (int i = 0; i < count; i++) {
        StorageAppend batch = random.nextInt(4) == 0 ? commitOnly(state) : entries(state);
        batches.add(batch);
        state = state.after(batch);
      }
      return batches;
    }

    private StorageAppend commitOnly(State state) {
      HardState old = state.hardState();
      long commit = old.commit() + random.nextInt((int) (state.last() - old.commit()) + 1);
      return Batches.commit(new HardState(Math.max(1, old.term()), old.vote(), commit));
    }

    private StorageAppend entries(State state) {
      HardState old = state.hardState();
      boolean newTerm = random.nextInt(5) == 0;
      long term = Math.max(1, old.term()) + (newTerm ? 1 : 0);
      long replaced = newTerm ? random.nextInt((int) (state.last() - old.commit()) + 1) : 0;
      long first = state.last() + 1 - replaced;
      int count = 1 + random.nextInt(8);
      List<Entry> entries = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String data = random.nextLong() + "x".repeat(random.nextInt(120));
        entries.add(Batches.entry(term, first + i, data));
      }
      long vote = newTerm ? random.nextInt(3) : old.vote();
      return Batches.append(new HardState(term, vote, old.commit()), entries);
    }

    private void append(List<StorageAppend> batches) throws StorageException {
      boolean durable = batches.stream().anyMatch(StorageAppend::mustSync);
      for (StorageAppend batch : batches) {
        possible.add(now().after(batch));
      }
      store.append(batches);
      if (durable) {
        allDurable();
      }
      if (random.nextBoolean()) {
        store.vouch();
      }
    }

    private void takeSnapshot() throws StorageException {
      State state = now();
      long index = state.hardState().commit();
      if (index <= Math.max(state.base(), state.snapshot().last().index())) {
        return;
      }
      Snapshot snapshot = Batches.snapshot(state.term(index), index);
      if (write(1, snapshot)) {
        possible.add(state.withSnapshot(snapshot));
        store.release(snapshot, index + 1 - random.nextInt(2));
        allDurable();
      }
    }

    private void installSnapshot() throws StorageException {
      State state = now();
      long index = state.hardState().commit() + 1 + random.nextInt(20);
      long term = state.hardState().term() + 1;
      Snapshot snapshot = Batches.snapshot(term, index);
      if (write(2, snapshot)) {
        append(List.of(Batches.install(new HardState(term, 0, index), snapshot)));
      }
    }

    /** Writing a snapshot may fail without harm. */
    private boolean write(long origin, Snapshot snapshot) throws StorageException {
      Bytes content = content(snapshot.last());
      int half = content.length() / 2;
      try {
        store.writeSnapshot(origin, snapshot, 0, part(content, 0, half), false);
        store.writeSnapshot(origin, snapshot, half, part(content, half, content.length()), true);
        return true;
      } catch (StorageException e) {
        if (files.hasLostPower()) {
          throw e;
        }
        return false;
      }
    }

    private void prepare() throws StorageException {
      try {
        store.prepare();
      } catch (StorageException e) {
        if (files.hasLostPower()) {
          throw e;
        }
      }
    }

    private void reopen() throws StorageException {
      if (random.nextBoolean()) {
        store.close();
        allDurable();
      } else {
        files.killProcess();
      }
      store = null;
      recover();
      allDurable();
    }

    private static Bytes content(EntryId id) {
      return Bytes.utf8(("state " + id + " ").repeat(id.index() % 5 == 0 ? 2000 : 3));
    }

    private static Bytes part(Bytes content, int from, int to) {
      return content.slice(from, to - from);
    }
  }
}
