package io.balsa.storage;

import static io.balsa.storage.Batches.append;
import static io.balsa.storage.Batches.entries;
import static io.balsa.storage.Batches.entry;
import static io.balsa.storage.Batches.install;
import static io.balsa.storage.Batches.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.data.InvariantException;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Snapshot;
import io.balsa.storage.file.LocalFileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.wal.WalOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real files. */
class MemberStoreTest {
  private static final Identity IDENTITY = new Identity(0xc1, 0xa1, "n1");
  private static final WalOptions SMALL = new WalOptions(8192, 0);

  @TempDir Path root;
  private MemberStore store;

  @BeforeEach
  void open() throws StorageException {
    store = openAs(IDENTITY);
  }

  @AfterEach
  void close() throws StorageException {
    if (store != null) {
      store.close();
    }
  }

  private MemberStore openAs(Identity identity) throws StorageException {
    DataDir dir = DataDir.open(new LocalFileSystem(), root.resolve("data"));
    try {
      return MemberStore.open(dir, identity, SMALL, System::nanoTime);
    } catch (StorageException | RuntimeException e) {
      dir.close();
      throw e;
    }
  }

  private void reopen() throws StorageException {
    store.close();
    open();
  }

  @Test
  void startsEmptyInAFreshDirectory() throws StorageException {
    assertThat(store.isFresh()).isTrue();
    assertThat(store.recovered().hardState()).isEqualTo(HardState.EMPTY);
    assertThat(store.recovered().snapshot()).isEqualTo(Snapshot.EMPTY);
    assertThat(store.recovered().entries()).isEmpty();

    reopen();

    assertThat(store.isFresh()).isFalse();
    assertThat(store.recovered().hardState()).isEqualTo(HardState.EMPTY);
    assertThat(store.recovered().report().tornTail()).isEmpty();
  }

  @Test
  void recoversWhatWasAppendedOverManySegments() throws StorageException {
    for (long index = 1; index <= 1000; index += 10) {
      store.append(List.of(append(entries(2, index, index + 9))));
    }
    store.append(List.of(append(new HardState(3, -5, 990), List.of())));

    reopen();

    assertThat(store.recovered().entries()).isEqualTo(entries(2, 1, 1000));
    assertThat(store.recovered().hardState()).isEqualTo(new HardState(3, -5, 990));
    assertThat(walFiles()).hasSize(3);
  }

  @Test
  void anEntryReplacesTheOneAtItsIndexAndAllAfterIt() throws StorageException {
    store.append(List.of(append(entries(1, 1, 300))));
    store.append(List.of(append(entries(2, 100, 101)), append(entries(3, 101, 103))));

    reopen();

    assertThat(store.recovered().entries()).hasSize(103);
    assertThat(store.recovered().entries().subList(98, 103))
        .containsExactly(
            entry(1, 99, "value 1/99"),
            entry(2, 100, "value 2/100"),
            entry(3, 101, "value 3/101"),
            entry(3, 102, "value 3/102"),
            entry(3, 103, "value 3/103"));
  }

  @Test
  void keepsAnAppendLargerThanASegment() throws StorageException {
    String large = "x".repeat(50_000);
    store.append(List.of(append(List.of(entry(1, 1, large)))));
    store.append(List.of(append(List.of(entry(1, 2, "small")))));

    reopen();

    assertThat(store.recovered().entries())
        .containsExactly(entry(1, 1, large), entry(1, 2, "small"));
  }

  @Test
  void startsFromTheNewestSnapshotAndTheEntriesAfterIt() throws StorageException {
    store.append(List.of(append(new HardState(1, 1, 100), entries(1, 1, 100))));
    writeSnapshot(1, snapshot(1, 60), "state at 60");
    store.release(snapshot(1, 60), 61);

    reopen();

    assertThat(store.recovered().snapshot()).isEqualTo(snapshot(1, 60));
    assertThat(store.recovered().entries()).isEqualTo(entries(1, 61, 100));
    assertThat(readSnapshot(new EntryId(1, 60))).isEqualTo("state at 60");
  }

  @Test
  void anInstalledSnapshotReplacesTheLog() throws StorageException {
    store.append(List.of(append(new HardState(1, 1, 3), entries(1, 1, 50))));
    writeSnapshot(2, snapshot(2, 40), "state of the leader at 40");
    store.append(
        List.of(install(new HardState(2, 0, 40), snapshot(2, 40)), append(entries(2, 41, 42))));

    reopen();

    assertThat(store.recovered().snapshot()).isEqualTo(snapshot(2, 40));
    assertThat(store.recovered().entries()).isEqualTo(entries(2, 41, 42));
    assertThat(store.recovered().hardState()).isEqualTo(new HardState(2, 0, 40));
  }

  @Test
  void refusesToInstallASnapshotWithoutAFile() {
    assertThatThrownBy(
            () -> store.append(List.of(install(new HardState(2, 0, 40), snapshot(2, 40)))))
        .isInstanceOf(InvariantException.class)
        .hasMessageContaining("no durable file");
  }

  @Test
  void keepsTwoSnapshotsAndTheLogSinceTheOlder() throws StorageException {
    for (long index = 1; index <= 4000; index += 100) {
      store.append(List.of(append(entries(1, index, index + 99))));
    }
    int before = walFiles().size();
    for (long index : new long[] {1000, 2000, 3000}) {
      writeSnapshot(1, snapshot(1, index), "state at " + index);
      store.release(snapshot(1, index), index + 1);
    }

    assertThat(files("snap"))
        .containsExactly(
            "0000000000000001-00000000000007d0.snap", "0000000000000001-0000000000000bb8.snap");
    assertThat(walFiles()).hasSizeBetween(before / 3, before * 2 / 3);
    reopen();
    assertThat(store.recovered().snapshot()).isEqualTo(snapshot(1, 3000));
    assertThat(store.recovered().entries()).isEqualTo(entries(1, 3001, 4000));
  }

  @Test
  void fallsBackToTheOlderSnapshotWhenTheNewerIsDamaged() throws Exception {
    for (long index = 1; index <= 3000; index += 100) {
      store.append(List.of(append(entries(1, index, index + 99))));
    }
    writeSnapshot(1, snapshot(1, 1000), "state at 1000");
    store.release(snapshot(1, 1000), 1001);
    writeSnapshot(1, snapshot(1, 2000), "state at 2000");
    store.release(snapshot(1, 2000), 2001);
    store.close();
    Path newest = root.resolve("data/member/snap/0000000000000001-00000000000007d0.snap");
    byte[] bytes = Files.readAllBytes(newest);
    bytes[bytes.length / 2] ^= 1;
    Files.write(newest, bytes);

    open();

    assertThat(store.recovered().snapshot()).isEqualTo(snapshot(1, 1000));
    assertThat(store.recovered().entries()).isEqualTo(entries(1, 1001, 3000));
    assertThat(store.recovered().report().quarantined()).hasSize(1);
    assertThat(files("snap")).contains("0000000000000001-00000000000007d0.snap.broken");
  }

  @Test
  void fallsBackAgainAfterANewSnapshotCameInThePlaceOfADamagedOne() throws Exception {
    for (long index = 1; index <= 3000; index += 100) {
      store.append(List.of(append(new HardState(1, 1, index), entries(1, index, index + 99))));
    }
    for (long index : new long[] {1000, 2000}) {
      writeSnapshot(1, snapshot(1, index), "state at " + index);
      store.release(snapshot(1, index), index + 1);
    }
    damage("0000000000000001-00000000000007d0.snap");
    writeSnapshot(1, snapshot(1, 2900), "state at 2900");
    store.release(snapshot(1, 2900), 2901);
    damage("0000000000000001-0000000000000b54.snap");

    assertThat(store.recovered().snapshot()).isEqualTo(snapshot(1, 1000));
    assertThat(store.recovered().entries()).isEqualTo(entries(1, 1001, 3000));
    reopen();
    assertThat(store.recovered().snapshot()).isEqualTo(snapshot(1, 1000));
    assertThat(WalInspector.inspect(new LocalFileSystem(), root.resolve("data")).verdict())
        .isEqualTo(WalInspector.Verdict.CLEAN);
  }

  private void damage(String snapshot) throws Exception {
    store.close();
    Path file = root.resolve("data/member/snap").resolve(snapshot);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    open();
  }

  @Test
  void refusesToFallBackBehindAnInstalledSnapshot() throws Exception {
    store.append(List.of(append(new HardState(1, 1, 3), entries(1, 1, 50))));
    writeSnapshot(2, snapshot(2, 40), "state of the leader at 40");
    store.append(List.of(install(new HardState(2, 0, 40), snapshot(2, 40))));
    store.close();
    store = null;
    Files.delete(root.resolve("data/member/snap/0000000000000002-0000000000000028.snap"));

    assertThatThrownBy(this::open)
        .isInstanceOf(StorageException.class)
        .hasMessage(
            "storage: 0000000000000002-0000000000000028.snap is damaged or missing: the log"
                + " begins at entry 41, the last good snapshot ends at 0");
  }

  @Test
  void aPartOutOfOrderEndsTheWriting() throws StorageException {
    store.writeSnapshot(1, snapshot(1, 5), 0, Bytes.utf8("abc"), false);

    assertThatThrownBy(() -> store.writeSnapshot(1, snapshot(1, 5), 4, Bytes.utf8("e"), true))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("expected the one at 3");
    assertThatThrownBy(() -> store.writeSnapshot(1, snapshot(1, 5), 3, Bytes.utf8("d"), true))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("it was not begun");
    assertThat(files("snap")).isEmpty();
  }

  @Test
  void readsASnapshotFromAnyOffset() throws StorageException {
    byte[] content = new byte[200_000];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i * 31 / 7);
    }
    store.writeSnapshot(1, snapshot(1, 5), 0, Bytes.copyOf(content, 0, 70_000), false);
    store.writeSnapshot(1, snapshot(1, 5), 70_000, Bytes.copyOf(content, 70_000, 130_000), true);

    for (int offset = 0; offset <= content.length; offset += 12_345) {
      SnapshotPart part = store.readSnapshot(new EntryId(1, 5), offset, 100_000);
      int length = Math.min(100_000, content.length - offset);
      assertThat(part.data()).isEqualTo(Bytes.copyOf(content, offset, length));
      assertThat(part.end()).isEqualTo(offset >= 100_000);
      assertThat(part.snapshot()).isEqualTo(snapshot(1, 5));
    }
  }

  @Test
  void refusesTheDirectoryOfAnotherMember() throws StorageException {
    store.close();
    store = null;

    assertThatThrownBy(() -> openAs(new Identity(0xc1, 0xa2, "n2")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(
            "expected member a2 (n2) of cluster c1, found member a1 (n1) of cluster c1");
  }

  @Test
  void aDirectoryIsHeldByOneStore() {
    assertThatThrownBy(() -> DataDir.open(new LocalFileSystem(), root.resolve("data")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("held by this process");
  }

  @Test
  void refusesADirectoryWhoseIdentityIsGone() throws Exception {
    store.close();
    store = null;
    Files.delete(root.resolve("data/member/identity"));

    assertThatThrownBy(this::open)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("no identity file");
  }

  @Test
  void countsSyncsEntriesAndBytes() throws StorageException {
    store.append(List.of(append(entries(1, 1, 3)), append(entries(1, 4, 5))));

    assertThat(store.stats().fsyncs()).isEqualTo(1);
    assertThat(store.stats().entries()).isEqualTo(5);
    assertThat(store.stats().bytes()).isPositive();
    assertThat(store.stats().syncNanosMax()).isPositive();
  }

  private void writeSnapshot(long origin, Snapshot snapshot, String content)
      throws StorageException {
    store.writeSnapshot(origin, snapshot, 0, Bytes.utf8(content), true);
  }

  private String readSnapshot(EntryId last) throws StorageException {
    return store.readSnapshot(last, 0, 1000).data().asUtf8().orElseThrow();
  }

  private List<String> walFiles() {
    return files("wal").stream().filter(name -> name.endsWith(".wal")).toList();
  }

  private List<String> files(String directory) {
    List<String> names = new ArrayList<>();
    try (Stream<Path> paths = Files.list(root.resolve("data/member").resolve(directory))) {
      paths.map(path -> path.getFileName().toString()).sorted().forEach(names::add);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return names;
  }
}
