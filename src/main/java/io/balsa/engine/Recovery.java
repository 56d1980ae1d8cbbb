package io.balsa.engine;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.mvcc.Store;
import io.balsa.mvcc.auth.Auth;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.storage.MemberStore;
import io.balsa.storage.Recovered;
import io.balsa.storage.SnapshotPart;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.StorageException;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * What a member begins with: the state of its newest snapshot, and the log behind it.
 *
 * <p>A cluster begins with a snapshot too: every founder writes the same one, at index 1 of term 1,
 * with the founders as voters and no keys. So a start is always a snapshot and a log.
 *
 * @param state as of the snapshot; the log is applied as it is found to be committed
 */
public record Recovery(Recovered recovered, StateMachine state) {
  private static final EntryId GENESIS = new EntryId(1, 1);
  private static final int PART_BYTES = 1 << 20;
  private static final int NUMBER_BITS = 20;

  /**
   * Reads the state from an open store. Waits for the disk.
   *
   * @throws StorageException if the snapshot cannot be read
   */
  public static Recovery of(MemberStore store) throws StorageException {
    Recovered recovered = store.recovered();
    Snapshot snapshot = recovered.snapshot();
    if (snapshot.isEmpty()) {
      return new Recovery(recovered, StateMachine.genesis(Snapshot.EMPTY, List.of()));
    }
    StateMachine.Loader loader = new StateMachine.Loader(snapshot);
    try {
      long offset = 0;
      SnapshotPart part;
      do {
        part = store.readSnapshot(snapshot.last(), offset, PART_BYTES);
        loader.accept(part.data());
        offset += part.data().length();
      } while (!part.end());
      return new Recovery(recovered, loader.finish());
    } catch (MalformedException e) {
      throw new DamagedException(
          "storage: snapshot at index %d cannot be read: %s"
              .formatted(snapshot.last().index(), e.getMessage()),
          "snapshot",
          0);
    }
  }

  /**
   * Under which {@code member} begins to number its proposals: behind those of earlier runs, for no
   * member proposes a million times in each millisecond. Where the clock has been set back they may
   * still be on their way, in the log or the network, and one of the same number and content could
   * pass for a new one: hence the chance.
   *
   * @param wallMillis the time of day
   */
  public long firstNumber(long member, long wallMillis, RandomGenerator random) {
    long least = Math.max(wallMillis << NUMBER_BITS, state.lastNumber(member) + 1);
    return Proposals.somewhereFrom(least, random);
  }

  /** Whether the state says who the members are: not before a joining member has caught up. */
  public boolean knowsMembers() {
    return !state.membership().members().isEmpty();
  }

  /** Whether nothing was ever stored: the member has yet to found a cluster or to join one. */
  public static boolean isBlank(MemberStore store) {
    Recovered recovered = store.recovered();
    return recovered.snapshot().isEmpty()
        && recovered.entries().isEmpty()
        && recovered.hardState().isEmpty();
  }

  /**
   * Begins a cluster in a blank store. Waits for the disk.
   *
   * @param founders the same on every founder: all of them, with their peer URLs
   */
  public static Recovery found(MemberStore store, List<MemberInfo> founders)
      throws StorageException {
    return found(store, founders, new Store(), new Auth());
  }

  /** The same, with keys and leases that were there before the cluster. */
  static Recovery found(MemberStore store, List<MemberInfo> founders, Store keys, Auth users)
      throws StorageException {
    Recovery founded = founded(founders, store.recovered().report(), keys, users);
    HardState hardState = founded.recovered().hardState();
    Snapshot genesis = founded.recovered().snapshot();
    long self = store.identity().memberId();
    write(store, self, genesis, founded.state());
    store.append(
        List.of(
            new Message.StorageAppend(
                self, Message.APPEND_THREAD, hardState, List.of(), genesis, true, List.of())));
    return founded;
  }

  /** What {@link #found} would begin with, without a disk that keeps it. */
  public static Recovery founded(List<MemberInfo> founders) {
    Recovered.Report report = new Recovered.Report(Optional.empty(), List.of(), List.of());
    return founded(founders, report, new Store(), new Auth());
  }

  private static Recovery founded(
      List<MemberInfo> founders, Recovered.Report report, Store keys, Auth users) {
    List<MemberInfo> sorted =
        founders.stream().sorted((a, b) -> Long.compareUnsigned(a.id(), b.id())).toList();
    Snapshot genesis =
        new Snapshot(GENESIS, ConfState.ofVoters(sorted.stream().map(MemberInfo::id).toList()));
    HardState hardState = new HardState(GENESIS.term(), Message.NOBODY, GENESIS.index());
    return new Recovery(
        new Recovered(hardState, genesis, List.of(), report),
        StateMachine.genesis(genesis, sorted, keys, users));
  }

  private static void write(MemberStore store, long self, Snapshot genesis, StateMachine state)
      throws StorageException {
    StateMachine.Content content = state.content();
    long offset = 0;
    while (!content.isAtEnd()) {
      Bytes part = content.nextPart(PART_BYTES);
      offset = store.writeSnapshot(self, genesis, offset, part, content.isAtEnd());
    }
    content.close();
  }
}
