package io.balsa.storage.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Snapshot;
import io.balsa.storage.Batches;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.DiskFullException;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.StorageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SnapshotStoreTest {
  private static final Path DIRECTORY = Path.of("/snap");
  private static final Snapshot OLD = Batches.snapshot(1, 10);
  private static final Snapshot NEW = Batches.snapshot(2, 20);
  private static final Bytes CONTENT = Bytes.utf8("0123456789".repeat(7000));

  private final SimulatedFileSystem files = new SimulatedFileSystem(new SplittableRandom(1));
  private SnapshotStore store;

  @BeforeEach
  void open() throws Exception {
    files.createDirectories(DIRECTORY);
    files.syncDirectory(Path.of("/"));
    store = new SnapshotStore(files, DIRECTORY, 7, 0);
    write(store, OLD);
  }

  private static void write(SnapshotStore store, Snapshot snapshot) throws StorageException {
    SnapshotWriter writer = store.write(snapshot, 1);
    long next = writer.append(0, CONTENT.slice(0, 100));
    writer.append(next, CONTENT.slice(100, CONTENT.length() - 100));
    writer.finish();
  }

  @Test
  void afterACrashAtAnyCallTheNewOneIsWholeOrNotThere() throws Exception {
    long before = files.calls();
    SimulatedFileSystem trial = files.copy();
    write(new SnapshotStore(trial, DIRECTORY, 7, 0), NEW);
    long calls = trial.calls();
    assertThat(before).isPositive();
    for (double survival : new double[] {0, 0.5, 1}) {
      for (long call = 1; call <= calls + 1; call++) {
        SimulatedFileSystem crashing = files.copy();
        crashing.losePowerAtCall(call);
        boolean acknowledged = false;
        try {
          write(new SnapshotStore(crashing, DIRECTORY, 7, 0), NEW);
          acknowledged = true;
        } catch (StorageException e) {
          assertThat(crashing.hasLostPower()).isTrue();
        }
        crashing.restart(survival);
        SnapshotStore after = new SnapshotStore(crashing, DIRECTORY, 7, 0);
        after.deleteTemporary();

        List<EntryId> left = after.list();
        if (acknowledged) {
          assertThat(left).containsExactly(OLD.last(), NEW.last());
        }
        for (EntryId id : left) {
          assertThat(after.verify(id).last()).isEqualTo(id);
        }
        assertThat(left).startsWith(OLD.last());
        assertThat(crashing.list(DIRECTORY)).hasSameSizeAs(left);
      }
    }
  }

  @Test
  void aFlipOfAnyByteIsFound() throws Exception {
    Path small = DIRECTORY.resolve("0000000000000003-000000000000001e.snap");
    SnapshotWriter writer = store.write(Batches.snapshot(3, 30), 1);
    writer.append(0, Bytes.utf8("small content"));
    writer.finish();
    int size = files.content(small).length;
    for (int offset = 0; offset < size; offset++) {
      files.flip(small, offset, 0x20);
      assertThatThrownBy(() -> store.verify(new EntryId(3, 30)))
          .as("offset %d", offset)
          .isInstanceOf(DamagedException.class)
          .hasMessageContaining("0000000000000003-000000000000001e.snap");
      files.flip(small, offset, 0x20);
    }
    for (int length = 0; length < size; length++) {
      SimulatedFileSystem cut = files.copy();
      cut.truncate(small, length);
      assertThatThrownBy(() -> new SnapshotStore(cut, DIRECTORY, 7, 0).verify(new EntryId(3, 30)))
          .isInstanceOf(DamagedException.class);
    }
    assertThat(store.verify(new EntryId(3, 30))).isEqualTo(Batches.snapshot(3, 30));
  }

  @Test
  void aDamagedOneIsSetAside() throws Exception {
    write(store, NEW);
    files.flip(DIRECTORY.resolve("0000000000000002-0000000000000014.snap"), 50_000, 1);
    List<String> quarantined = new ArrayList<>();

    assertThat(store.verifyOrQuarantine(NEW.last(), quarantined)).isEmpty();

    assertThat(quarantined).hasSize(1);
    assertThat(store.list()).containsExactly(OLD.last());
    assertThat(files.list(DIRECTORY)).contains("0000000000000002-0000000000000014.snap.broken");
  }

  @Test
  void refusesAFileOfAnotherCluster() {
    assertThatThrownBy(() -> new SnapshotStore(files, DIRECTORY, 8, 0).verify(OLD.last()))
        .isInstanceOf(DamagedException.class)
        .hasMessageContaining("cluster 7, expected 8");
  }

  @Test
  void anEmptyStateIsASnapshotToo() throws Exception {
    SnapshotWriter writer = store.write(NEW, 1);
    writer.append(0, Bytes.EMPTY);
    writer.finish();

    assertThat(store.verify(NEW.last())).isEqualTo(NEW);
    try (SnapshotReader reader = store.read(NEW.last())) {
      assertThat(reader.read(0, 10)).isEqualTo(Bytes.EMPTY);
    }
  }

  @Test
  void aFullDiskEndsTheWritingAndLeavesNothing() throws Exception {
    files.capacity(210_000);
    SnapshotWriter writer = store.write(NEW, 1);
    writer.append(0, CONTENT);

    assertThatThrownBy(() -> writer.append(CONTENT.length(), CONTENT))
        .isInstanceOf(DiskFullException.class);

    assertThat(files.list(DIRECTORY)).containsExactly(SnapshotStore.nameOf(OLD.last()));
  }

  @Test
  void readsOnWhileTheFileIsDeleted() throws Exception {
    try (SnapshotReader reader = store.read(OLD.last())) {
      store.delete(OLD.last());

      assertThat(reader.read(0, CONTENT.length())).isEqualTo(CONTENT);
    }
  }
}
