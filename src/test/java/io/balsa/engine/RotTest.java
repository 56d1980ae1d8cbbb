package io.balsa.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.data.InvariantException;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.Op;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.storage.DataDir;
import io.balsa.storage.Identity;
import io.balsa.storage.MemberStore;
import io.balsa.storage.Recovered;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.file.StoreFile;
import io.balsa.storage.wal.WalOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Bits flip on the disk of one member of three at a time: in its log, its snapshots and its
 * identity, used bytes and unused ones, while it is down and while it runs. The cluster never
 * answers wrongly, and the member starts with all that was durable, or says which file is damaged
 * where and does not start.
 *
 * <p>{@code -Drot.places=N} flips that many bits instead of 500.
 */
class RotTest {
  private static final long SEED = Long.getLong("seed", System.nanoTime());
  private static final int PLACES = Integer.getInteger("rot.places", 500);
  private static final int PLACES_PER_CLUSTER = 50;
  private static final Path ROOT = Path.of("/balsa");
  private static final Path WAL = ROOT.resolve("member/wal");
  private static final Path SNAPSHOTS = ROOT.resolve("member/snap");
  private static final int TAIL_BYTES = 300;

  /** What became of a member with a flipped bit, by where the bit was. */
  private final Map<String, Integer> outcomes = new TreeMap<>();

  private Random random;
  private EngineCluster cluster;
  private final Map<String, String> acknowledged = new TreeMap<>();
  private int written;

  /** A bit that was flipped. */
  private record Flip(Path file, long offset, int bit, byte before) {
    byte after() {
      return (byte) (before ^ bit);
    }

    @Override
    public String toString() {
      return "bit %02x of byte %d of %s".formatted(bit, offset, file);
    }
  }

  @Test
  void noAnswerIsWrongAndNothingDurableIsMissedInSilence() throws Exception {
    System.out.println("RotTest seed; repeat: mvn test -Dtest=RotTest -Dseed=" + SEED);
    Random seeds = new Random(SEED);
    for (int done = 0; done < PLACES; done += PLACES_PER_CLUSTER) {
      random = new Random(seeds.nextLong());
      begin(40);
      for (int i = 0; i < PLACES_PER_CLUSTER; i++) {
        flipOne(random.nextInt(3) == 0);
      }
      end();
    }
    outcomes.forEach((what, count) -> System.out.printf("%6d  %s%n", count, what));
    assertThat(outcomes.values().stream().mapToInt(Integer::intValue).sum())
        .isGreaterThanOrEqualTo(PLACES);
    assertThat(outcomes.keySet()).noneMatch(what -> what.contains("killed: forgot"));
  }

  /** The only one who has it is the leader, and nobody writes: only a snapshot helps. */
  @Test
  void aSnapshotThatRotsWhileItsLeaderRunsIsTakenAnew() throws Exception {
    System.out.println("RotTest seed; repeat: mvn test -Dtest=RotTest -Dseed=" + SEED);
    Random seeds = new Random(SEED);
    for (int run = 0; run < 20; run++) {
      random = new Random(seeds.nextLong());
      begin(run % 2 == 0 ? 1 : 40); // With 1, nothing has happened since the newest.
      EngineMember behind = cluster.follower();
      behind.crash(1);
      write(80 + random.nextInt(80));
      cluster.ticks(3);
      EngineMember leader = cluster.leader();
      Path newest = newest(leader.files, SNAPSHOTS, ".snap");
      int offset = random.nextInt(leader.files.content(newest).length);
      leader.files.flip(newest, offset, 1 << random.nextInt(8));
      // As the transport reads it.
      leader.toDisk(
          new DiskInput.ReadSnapshot(
              DiskInput.REPLICA, Long.MIN_VALUE, id(newest.getFileName().toString()), 0, 1 << 28));

      behind.start();

      awaitCaughtUp(behind);
      end();
    }
  }

  /** All that is left: the last batch, with nothing behind it because the power went. */
  @Test
  void aMemberThatForgotWhatItAcknowledgedIsStoppedByItsLeader() throws Exception {
    random = new Random(SEED);
    begin(1_000_000);
    EngineMember member = cluster.follower();
    write(1);
    cluster.ticks(3);
    member.crash(0);
    Path log = newest(member.files, WAL, ".wal");
    member.files.flip(log, used(member.files.content(log)) - 9, 1);

    member.start();

    assertThat(member.store.recovered().report().tornTail()).isPresent();
    assertThatThrownBy(() -> cluster.ticks(30))
        .isInstanceOf(InvariantException.class)
        .hasMessageContaining("commit is beyond the last entry, was the log lost or truncated");
  }

  private void begin(int snapshotEntries) throws StorageException {
    cluster = new EngineCluster(random.nextLong());
    cluster.snapshotEntries = snapshotEntries;
    cluster.founders(3);
    acknowledged.clear();
    write(150);
  }

  private void end() throws StorageException {
    for (Map.Entry<String, String> each : acknowledged.entrySet()) {
      assertThat(cluster.value(cluster.leader(), each.getKey(), false)).isEqualTo(each.getValue());
    }
    cluster.ticks(10);
    cluster.until("all to apply the same", () -> appliedIndexes().distinct().count() == 1);
    List<Long> hashes = new ArrayList<>();
    for (EngineMember member : cluster.members.values()) {
      Reply.Status status = (Reply.Status) cluster.call(member, new Request.Status());
      hashes.add(status.status().stateHash());
    }
    assertThat(hashes.stream().distinct()).as("state hashes %s", hashes).hasSize(1);
  }

  private java.util.stream.LongStream appliedIndexes() {
    return cluster.members.values().stream().mapToLong(member -> member.replica.appliedIndex());
  }

  private void flipOne(boolean whileItRuns) throws StorageException, IOException {
    write(1 + random.nextInt(6));
    EngineMember member = cluster.members.get(1L + random.nextInt(3));
    Flip flip = null;
    if (whileItRuns) {
      flip = flip(member.files);
      write(random.nextInt(60));
    }
    boolean powerLost = random.nextInt(3) == 0;
    member.crash(powerLost ? random.nextDouble() : 1);
    Recovered expected;
    if (whileItRuns) {
      expected = withoutFlip(member, flip);
    } else {
      expected = open(member.files.copy(), member);
      flip = flip(member.files);
    }
    String where = where(flip) + (whileItRuns ? ", while it ran" : "");
    try {
      restart(member, flip, expected, where, powerLost);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "%s of member %d, %s; repeat: mvn test -Dtest=RotTest -Dseed=%d"
              .formatted(flip, member.id, where, SEED),
          e);
    }
    String key = "key" + random.nextInt(written);
    if (acknowledged.containsKey(key)) {
      EngineMember any = cluster.members.get(1L + random.nextInt(3));
      assertThat(cluster.value(any, key, false))
          .as("%s at %d", key, any.id)
          .isEqualTo(acknowledged.get(key));
    }
  }

  private void restart(
      EngineMember member, Flip flip, Recovered expected, String where, boolean powerLost)
      throws StorageException, IOException {
    SimulatedFileSystem before = member.files.copy();
    try {
      member.start();
    } catch (DamagedException e) {
      count(where, "stopped");
      String file = flip.file().getFileName().toString();
      assertThat(e.file()).isIn(file, "identity");
      assertThat(e.getMessage()).contains(file);
      assertThat(e.offset()).isLessThanOrEqualTo(flip.offset() + 24);
      write(1 + random.nextInt(3)); // The others go on.
      repair(member, before, flip);
      member.start();
      assertRecovered(member.store.recovered(), expected);
      awaitCaughtUp(member);
      return;
    }
    Recovered found = member.store.recovered();
    boolean torn = found.report().tornTail().isPresent();
    if (last(found).equals(last(expected)) && samePromises(found, expected)) {
      assertRecovered(found, expected);
      boolean sameCommit = found.hardState().equals(expected.hardState());
      boolean repaired = !found.report().quarantined().isEmpty();
      // A snapshot that was set aside may have known a later commit index than the log.
      assertThat(torn || repaired || sameCommit).isTrue();
      String tail = sameCommit ? "unused bytes cleared" : "a commit index that was not forced lost";
      count(where, repaired ? "repaired" : torn ? tail : "no harm");
      flipBack(member, flip);
      awaitCaughtUp(member);
      return;
    }
    // The last write before the power went cannot be told from a torn one; that is said.
    assertThat(torn).isTrue();
    assertThat(found.entries()).isEqualTo(expected.entries().subList(0, found.entries().size()));
    count(where, powerLost ? "power lost: forgot the last write, and said so" : "killed: forgot");
    repair(member, before, flip);
    member.start();
    awaitCaughtUp(member);
  }

  private void count(String where, String outcome) {
    outcomes.merge(where + ": " + outcome, 1, Integer::sum);
  }

  private static EntryId last(Recovered recovered) {
    List<Entry> entries = recovered.entries();
    return entries.isEmpty() ? recovered.snapshot().last() : entries.get(entries.size() - 1).id();
  }

  /** The commit index is none: it need not be forced. */
  private static boolean samePromises(Recovered found, Recovered expected) {
    return found.hardState().term() == expected.hardState().term()
        && found.hardState().vote() == expected.hardState().vote();
  }

  /** The same, but that it may begin earlier. */
  private static void assertRecovered(Recovered found, Recovered expected) {
    assertThat(samePromises(found, expected)).isTrue();
    assertThat(last(found)).isEqualTo(last(expected));
    int more = found.entries().size() - expected.entries().size();
    assertThat(more).isNotNegative();
    assertThat(found.entries().subList(more, found.entries().size())).isEqualTo(expected.entries());
    assertThat(expected.snapshot().last().index() - found.snapshot().last().index())
        .isEqualTo(more);
  }

  /** As it was before it was started, and without the flip. */
  private static void repair(EngineMember member, SimulatedFileSystem before, Flip flip)
      throws IOException {
    member.crash(1);
    SimulatedFileSystem files = member.files;
    for (Path directory : List.of(WAL, SNAPSHOTS)) {
      for (String name : files.list(directory)) {
        files.delete(directory.resolve(name));
      }
      for (String name : before.list(directory)) {
        try (StoreFile file = files.create(directory.resolve(name))) {
          file.write(ByteBuffer.wrap(before.content(directory.resolve(name))), 0);
          file.force(true);
        }
      }
      files.syncDirectory(directory);
    }
    files.flip(flip.file(), flip.offset(), flip.bit());
  }

  // ---- Flips

  private Flip flip(SimulatedFileSystem files) throws IOException {
    Path file;
    long offset;
    switch (random.nextInt(8)) {
      case 0 -> {
        file = ROOT.resolve("member/identity");
        offset = random.nextInt(files.content(file).length);
      }
      case 1, 2, 3 -> {
        file = any(files, SNAPSHOTS, ".snap");
        offset = random.nextInt(files.content(file).length);
      }
      default -> {
        file = any(files, WAL, ".wal");
        byte[] content = files.content(file);
        int used = used(content);
        offset =
            switch (random.nextInt(4)) {
              case 0 -> random.nextInt(content.length);
              case 1 -> used - 1 - random.nextInt(Math.min(used, TAIL_BYTES));
              default -> random.nextInt(used);
            };
      }
    }
    Flip flip = new Flip(file, offset, 1 << random.nextInt(8), files.content(file)[(int) offset]);
    files.flip(file, offset, flip.bit());
    return flip;
  }

  private Path any(SimulatedFileSystem files, Path directory, String ending) throws IOException {
    List<String> names = names(files, directory, ending);
    return directory.resolve(names.get(random.nextInt(names.size())));
  }

  /** Where the last byte that is not zero ends. */
  private static int used(byte[] content) {
    int used = content.length;
    while (used > 1 && content[used - 1] == 0) {
      used--;
    }
    return used;
  }

  private static String where(Flip flip) {
    String name = flip.file().getFileName().toString();
    return name.endsWith(".wal") ? "log" : name.endsWith(".snap") ? "snapshot" : "identity";
  }

  private static Path newest(SimulatedFileSystem files, Path directory, String ending)
      throws IOException {
    List<String> names = names(files, directory, ending);
    return directory.resolve(names.get(names.size() - 1));
  }

  private static List<String> names(SimulatedFileSystem files, Path directory, String ending)
      throws IOException {
    return files.list(directory).stream().filter(name -> name.endsWith(ending)).toList();
  }

  /** What a member would have recovered had the bit not been flipped some time ago. */
  private static Recovered withoutFlip(EngineMember member, Flip flip)
      throws StorageException, IOException {
    SimulatedFileSystem copy = member.files.copy();
    if (copy.exists(flip.file()) && byteAt(copy, flip) == flip.after()) {
      copy.flip(flip.file(), flip.offset(), flip.bit());
      try {
        return open(copy, member);
      } catch (DamagedException e) {
        // The place was written again meanwhile, and the same bit is right now.
      }
    }
    return open(member.files.copy(), member);
  }

  /** Where it is left in what is not written any more: one bit at a time is flipped. */
  private void flipBack(EngineMember member, Flip flip) throws IOException {
    Path newest = newest(member.files, WAL, ".wal");
    if (!flip.file().equals(newest)
        && member.files.exists(flip.file())
        && byteAt(member.files, flip) == flip.after()) {
      member.files.flip(flip.file(), flip.offset(), flip.bit());
    }
  }

  private static byte byteAt(SimulatedFileSystem files, Flip flip) throws IOException {
    byte[] content = files.content(flip.file());
    return flip.offset() < content.length ? content[(int) flip.offset()] : 0;
  }

  private static Recovered open(SimulatedFileSystem files, EngineMember member)
      throws StorageException {
    Identity identity = new Identity(EngineCluster.CLUSTER, member.id, "m" + member.id);
    try (MemberStore store =
        MemberStore.open(
            DataDir.open(files, ROOT), identity, new WalOptions(64 << 10, 0), () -> 0)) {
      return store.recovered();
    }
  }

  // ---- The cluster

  private static EntryId id(String name) {
    return new EntryId(
        Long.parseLong(name.substring(0, 16), 16), Long.parseLong(name.substring(17, 33), 16));
  }

  private void awaitCaughtUp(EngineMember member) throws StorageException {
    long applied =
        cluster.members.values().stream()
            .filter(each -> each.alive && each != member)
            .mapToLong(each -> each.replica.appliedIndex())
            .max()
            .orElseThrow();
    cluster.until("member " + member.id + " to catch up", () -> caughtUp(member, applied));
  }

  private static boolean caughtUp(EngineMember member, long applied) {
    return member.replica.appliedIndex() >= applied;
  }

  private void write(int count) throws StorageException {
    for (int i = 0; i < count; i++) {
      String key = "key" + (random.nextInt(4) == 0 ? random.nextInt(written + 1) : written++);
      String value = "value " + random.nextLong() + "x".repeat(random.nextInt(80));
      Reply reply = cluster.call(cluster.leader(), put(key, value));
      if (random.nextInt(4) == 0) {
        cluster.ticks(1); // Or nobody would see that it is time for a snapshot.
      }
      if (reply instanceof Reply.Written) {
        acknowledged.put(key, value);
      } else { // It may be either value now.
        acknowledged.remove(key);
      }
    }
  }

  private static Request put(String key, String value) {
    return new Request.Write(Op.Put.of(Bytes.utf8(key), Bytes.utf8(value), 0));
  }
}
