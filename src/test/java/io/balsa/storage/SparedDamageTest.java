package io.balsa.storage;

import static io.balsa.storage.Batches.append;
import static io.balsa.storage.Batches.entries;
import static io.balsa.storage.Batches.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.raft.message.HardState;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Damage in the part of the log that is kept only for the case that the newest snapshot is lost: a
 * start does not need it, as long as that snapshot is whole.
 */
class SparedDamageTest {
  private static final Path ROOT = Path.of("/data");
  private static final WalOptions OPTIONS = new WalOptions(4096, 0);
  private static final Identity IDENTITY = new Identity(7, 1, "n1");
  private static final HardState STATE = new HardState(3, 2, 400);
  private static final String NEWEST = "0000000000000001-000000000000012c.snap";

  private final SimulatedFileSystem files = new SimulatedFileSystem(new SplittableRandom(1));

  /** Snapshots at 100 and at 300, entries to 500, the log since 100. */
  @BeforeEach
  void write() throws StorageException {
    try (MemberStore store = open(files)) {
      for (long index = 1; index <= 500; index += 10) {
        store.append(List.of(append(entries(1, index, index + 9))));
      }
      store.append(List.of(append(STATE, List.of())));
      for (long index : new long[] {100, 300}) {
        store.writeSnapshot(1, snapshot(1, index), 0, Bytes.utf8("state at " + index), true);
        store.release(snapshot(1, index), index + 1);
      }
    }
  }

  private static MemberStore open(SimulatedFileSystem files) throws StorageException {
    return MemberStore.open(DataDir.open(files, ROOT), IDENTITY, OPTIONS, () -> 0);
  }

  private List<String> segments() throws IOException {
    return files.list(ROOT.resolve("member/wal")).stream()
        .filter(name -> name.endsWith(".wal"))
        .toList();
  }

  @Test
  void aStartNeedsNoSegmentThatASnapshotStandsFor() throws Exception {
    int spared = 0;
    int refused = 0;
    for (String name : segments()) {
      for (int offset = 0; offset < 3_000; offset += 7) {
        SimulatedFileSystem damaged = files.copy();
        damaged.flip(ROOT.resolve("member/wal").resolve(name), offset, 0x04);
        try (MemberStore store = open(damaged)) {
          Recovered recovered = store.recovered();
          assertThat(recovered.snapshot()).isEqualTo(snapshot(1, 300));
          assertThat(recovered.entries()).isEqualTo(entries(1, 301, 500));
          assertThat(recovered.hardState()).isEqualTo(STATE);
          if (!recovered.report().quarantined().isEmpty()) {
            assertThat(recovered.report().quarantined())
                .singleElement()
                .asString()
                .contains("in " + name + " at byte ")
                .endsWith("; not needed: the snapshot at index 300 stands for it");
            spared++;
          }
        } catch (DamagedException e) {
          assertThat(e.file()).isEqualTo(name);
          refused++;
        }
      }
    }
    System.out.printf("flips spared=%d refused=%d%n", spared, refused);
    assertThat(spared).isPositive();
    assertThat(refused).isPositive();
  }

  @Test
  void whatIsDamagedThereGoesWithTheNextRelease() throws Exception {
    String oldest = segments().get(0);
    files.flip(ROOT.resolve("member/wal").resolve(oldest), 200, 0x04);
    try (MemberStore store = open(files)) {
      store.append(List.of(append(entries(3, 501, 510))));
      store.writeSnapshot(1, snapshot(1, 400), 0, Bytes.utf8("state at 400"), true);
      store.release(snapshot(1, 400), 401);
    }

    assertThat(segments()).doesNotContain(oldest);
    try (MemberStore store = open(files)) {
      assertThat(store.recovered().report().quarantined()).isEmpty();
      assertThat(store.recovered().entries()).hasSize(110);
    }
  }

  @Test
  void withTheNewestSnapshotDamagedTooTheMemberDoesNotStart() throws Exception {
    String oldest = segments().get(0);
    files.flip(ROOT.resolve("member/wal").resolve(oldest), 200, 0x04);
    files.flip(ROOT.resolve("member/snap").resolve(NEWEST), 70, 0x04);

    assertThatThrownBy(() -> open(files))
        .isInstanceOf(DamagedException.class)
        .hasMessageContaining("in " + oldest + " at byte ");
  }
}
