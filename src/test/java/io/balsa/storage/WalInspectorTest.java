package io.balsa.storage;

import static io.balsa.storage.Batches.append;
import static io.balsa.storage.Batches.entries;
import static io.balsa.storage.Batches.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.raft.message.HardState;
import io.balsa.storage.WalInspector.Verdict;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.wal.WalOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WalInspectorTest {
  private static final Path ROOT = Path.of("/data");
  private static final Path SEGMENT = Path.of("/data/member/wal/0000000000000001.wal");
  private static final Path SNAPSHOT =
      Path.of("/data/member/snap/0000000000000001-0000000000000003.snap");

  private final SimulatedFileSystem files = new SimulatedFileSystem(new SplittableRandom(1));
  private MemberStore store;

  @BeforeEach
  void open() throws StorageException {
    store =
        MemberStore.open(
            DataDir.open(files, ROOT),
            new Identity(0xc1, 0xa1, "n1"),
            new WalOptions(4096, 0),
            () -> 0);
    store.append(List.of(append(new HardState(2, 0xa1, 4), entries(1, 1, 4))));
    store.writeSnapshot(1, snapshot(1, 3), 0, Bytes.utf8("state"), true);
    store.release(snapshot(1, 3), 4);
    store.append(List.of(append(entries(2, 5, 6))));
  }

  private WalInspector.Report inspect() throws StorageException {
    return WalInspector.inspect(files, ROOT);
  }

  @Test
  void explainsTheDirectoryBesideARunningMemberAndChangesNothing() throws Exception {
    byte[] before = files.content(SEGMENT);

    WalInspector.Report report = inspect();

    assertThat(report.verdict()).isEqualTo(Verdict.CLEAN);
    assertThat(report.lines())
        .containsExactly(
            "data directory /data: member a1 (n1) of cluster c1",
            "segment 0000000000000001.wal bytes=240/4096 records=4 entries=6 index=1..6"
                + " term=1..2",
            "hard state term=2 vote=a1 commit=4",
            "log first=1 last=6 lastTerm=2",
            "snapshot 0000000000000001-0000000000000003.snap term=1 index=3 bytes=5 marked",
            "clean");
    assertThat(files.content(SEGMENT)).isEqualTo(before);
    store.append(List.of(append(entries(2, 7, 7))));
  }

  @Test
  void tellsATornTail() throws Exception {
    files.flip(SEGMENT, 230, 1);

    WalInspector.Report report = inspect();

    assertThat(report.verdict()).isEqualTo(Verdict.TORN_TAIL);
    assertThat(report.log().last().index()).isEqualTo(4);
    assertThat(report.findings().get(0))
        .startsWith("torn tail in 0000000000000001.wal at byte 184: ")
        .contains("checksum mismatch: expected ");
  }

  @Test
  void tellsRotWithSegmentAndOffset() throws Exception {
    files.flip(SEGMENT, 100, 1);

    WalInspector.Report report = inspect();

    assertThat(report.verdict()).isEqualTo(Verdict.DAMAGED);
    assertThat(report.findings().get(0))
        .startsWith("damage: wal: checksum mismatch in 0000000000000001.wal at byte 64: ");
  }

  @Test
  void tellsADamagedSnapshot() throws Exception {
    files.flip(SNAPSHOT, 100, 1);

    WalInspector.Report report = inspect();

    assertThat(report.verdict()).isEqualTo(Verdict.DAMAGED);
    assertThat(report.lines())
        .contains(
            "snapshot 0000000000000001-0000000000000003.snap term=1 index=3 bytes=0 marked"
                + " damaged");
    assertThat(report.damage().get(0))
        .startsWith(
            "snapshot: checksum mismatch in 0000000000000001-0000000000000003.snap at byte ");
  }

  @Test
  void refusesADirectoryWithoutAMember() {
    assertThatThrownBy(() -> WalInspector.inspect(files, Path.of("/elsewhere")))
        .isInstanceOf(StorageException.class)
        .hasMessage("storage: no member's data in /elsewhere");
  }
}
