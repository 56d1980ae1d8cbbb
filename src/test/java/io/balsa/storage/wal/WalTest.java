package io.balsa.storage.wal;

import static io.balsa.storage.Batches.append;
import static io.balsa.storage.Batches.commit;
import static io.balsa.storage.Batches.entries;
import static io.balsa.storage.Batches.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.data.InvariantException;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message.StorageAppend;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.DiskFullException;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.SimulatedFileSystem.Call;
import io.balsa.storage.file.StorageException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WalTest {
  private SimulatedFileSystem files;
  private Wal wal;

  @BeforeEach
  void open() throws Exception {
    files = WalHarness.disk();
    wal = WalHarness.open(files).wal();
  }

  @Test
  void manyBatchesAreOneWriteAndOneSync() throws Exception {
    WalOptions options = new WalOptions(1 << 20, 0);
    files = WalHarness.disk(options);
    wal = WalHarness.open(files, options).wal();
    List<StorageAppend> batches = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      batches.add(append(entries(1, 1 + 10 * i, 10 + 10 * i)));
    }
    long calls = files.calls();
    long writes = files.calls(Call.WRITE);
    long forces = files.calls(Call.FORCE);

    wal.append(batches);

    assertThat(files.calls(Call.WRITE) - writes).isEqualTo(1);
    assertThat(files.calls(Call.FORCE) - forces).isEqualTo(1);
    assertThat(files.calls() - calls).isEqualTo(2);
  }

  @Test
  void aCommitIndexAloneIsNotSynced() throws Exception {
    wal.append(List.of(append(new HardState(1, 1, 0), entries(1, 1, 3))));
    long forces = files.calls(Call.FORCE);

    wal.append(List.of(commit(new HardState(1, 1, 2))));

    assertThat(files.calls(Call.FORCE)).isEqualTo(forces);
  }

  @Test
  void aBatchThatSaysNothingCostsNothing() throws Exception {
    long calls = files.calls();

    wal.append(List.of(commit(HardState.EMPTY)));

    assertThat(files.calls()).isEqualTo(calls);
  }

  @Test
  void aFailedSyncIsFinal() throws Exception {
    wal.append(List.of(append(entries(1, 1, 1))));
    files.failCall(2); // The write succeeds, the sync fails.

    assertThatThrownBy(() -> wal.append(List.of(append(entries(1, 2, 2)))))
        .isInstanceOf(StorageException.class)
        .hasMessageStartingWith("wal: append failed, the log is closed for good: ");
    long calls = files.calls();
    assertThatThrownBy(() -> wal.append(List.of(append(entries(1, 2, 2)))))
        .isInstanceOf(StorageException.class)
        .hasMessageStartingWith("wal: refused: wal: append failed")
        .hasMessageContaining("simulated failure of FORCE 0000000000000001.wal");
    assertThatThrownBy(() -> wal.mark(new EntryId(1, 1))).isInstanceOf(StorageException.class);
    assertThatThrownBy(() -> wal.release(1)).isInstanceOf(StorageException.class);
    assertThat(files.calls()).isEqualTo(calls);

    files.restart(1);
    assertThat(WalHarness.open(files).recovery().entries()).isEqualTo(entries(1, 1, 1));
  }

  @Test
  void whatIsReadAfterAFailedSyncIsDurableThen() throws Exception {
    wal.append(List.of(append(entries(1, 1, 1))));
    files.failCall(2);
    assertThatThrownBy(() -> wal.append(List.of(append(entries(1, 2, 2)))))
        .isInstanceOf(StorageException.class);
    files.killProcess(); // The machine still shows what it no longer means to write.

    List<Entry> read = WalHarness.open(files).recovery().entries();

    files.restart(0);
    assertThat(read).isEqualTo(entries(1, 1, 2));
    assertThat(WalHarness.open(files).recovery().entries()).isEqualTo(read);
  }

  @Test
  void aFailedWriteIsFinal() {
    files.failCall(1);

    assertThatThrownBy(() -> wal.append(List.of(append(entries(1, 1, 1)))))
        .isInstanceOf(StorageException.class);
    assertThatThrownBy(() -> wal.append(List.of(append(entries(1, 1, 1)))))
        .isInstanceOf(StorageException.class)
        .hasMessageStartingWith("wal: refused: ");
  }

  @Test
  void refusesAGapBeforeItWritesAnything() throws Exception {
    wal.append(List.of(append(entries(1, 1, 3))));
    long calls = files.calls();

    assertThatThrownBy(() -> wal.append(List.of(append(entries(1, 5, 6)))))
        .isInstanceOf(InvariantException.class)
        .hasMessage("wal: entry does not follow the log: 5, 3");
    assertThatThrownBy(() -> wal.append(List.of(commit(new HardState(1, 1, 4)))))
        .isInstanceOf(InvariantException.class)
        .hasMessage("wal: commit index beyond the last entry: 4, 3");
    assertThat(files.calls()).isEqualTo(calls);
    wal.append(List.of(append(entries(1, 4, 4))));
  }

  @Test
  void usesThePreparedSegmentWithoutZeroingInTheAppend() throws Exception {
    while (!wal.prepare()) {
      assertThat(wal.isPrepared()).isFalse();
    }
    assertThat(wal.isPrepared()).isTrue();
    fillSegment();
    long writes = files.calls(Call.WRITE);

    wal.append(List.of(append(entries(1, wal.last().index() + 1, wal.last().index() + 9))));

    assertThat(files.exists(WalHarness.segment(2))).isTrue();
    assertThat(files.calls(Call.WRITE) - writes).as("head and batch").isEqualTo(2);
  }

  @Test
  void givesBackSegmentsThatAreNotNeededAndWritesThemAgain() throws Exception {
    for (int index = 1; index <= 600; index++) {
      wal.append(List.of(append(entries(1, index, index))));
    }
    List<SegmentInfo> before = LogReport.read(files, WalHarness.DIRECTORY).segments();
    long needed = before.get(3).firstIndex();

    wal.release(needed);

    List<SegmentInfo> after = LogReport.read(files, WalHarness.DIRECTORY).segments();
    assertThat(after).isEqualTo(before.subList(3, before.size()));
    assertThat(files.list(WalHarness.DIRECTORY))
        .as("one is kept for writing over")
        .hasSize(after.size() + 1)
        .contains(SpareSegment.NAME);
    files.restart(0); // Undoes the deletion of two of them.
    Wal.Opened opened = WalHarness.open(files);
    assertThat(opened.recovery().firstIndex()).isLessThan(needed);
    assertThat(opened.recovery().last()).isEqualTo(new EntryId(1, 600));
    opened.wal().release(needed);
    assertThat(LogReport.read(files, WalHarness.DIRECTORY).segments()).isEqualTo(after);
  }

  @Test
  void aCrashDoesNotBringBackASegmentHalfWrittenOver() throws Exception {
    for (int index = 1; index <= 300; index++) {
      wal.append(List.of(append(entries(1, index, index))));
    }
    List<SegmentInfo> before = LogReport.read(files, WalHarness.DIRECTORY).segments();
    wal.release(before.get(1).firstIndex());
    wal.prepare();

    files.restart(0);

    assertThat(WalHarness.open(files).recovery().last()).isEqualTo(new EntryId(1, 300));
  }

  @Test
  void aRecordThatFollowedAnotherOneIsNotRead() throws Exception {
    SimulatedFileSystem others = files.copy();
    Wal other = WalHarness.open(others).wal();
    wal.append(List.of(append(List.of(entry(1, 1, "one")))));
    other.append(List.of(append(List.of(entry(1, 1, "uno")))));
    long from = WalHarness.OPTIONS.segmentBytes() - wal.roomBytes();
    wal.append(List.of(append(List.of(entry(1, 2, "two")))));
    other.append(List.of(append(List.of(entry(1, 2, "due")))));
    byte[] mine = files.content(WalHarness.segment(1));
    byte[] theirs = others.content(WalHarness.segment(1));
    files.killProcess();
    for (int at = (int) from; at < mine.length; at++) {
      files.flip(WalHarness.segment(1), at, mine[at] ^ theirs[at]);
    }

    WalRecovery recovery = WalHarness.open(files).recovery();

    assertThat(recovery.entries()).containsExactly(entry(1, 1, "one"));
    assertThat(recovery.tornTail().get().reason())
        .startsWith("record that does not follow the one before it: expected its checksum ");
  }

  @Test
  void staleRecordsInARecycledSegmentAreNeverRead() throws Exception {
    // Segment 2 filled up with what segment 1 holds at the same positions.
    fillSegment();
    byte[] old = files.content(WalHarness.segment(1));
    wal.append(List.of(append(entries(1, wal.last().index() + 1, wal.last().index() + 9))));
    EntryId last = wal.last();
    long used = WalHarness.OPTIONS.segmentBytes() - wal.roomBytes();
    files.killProcess();
    for (long at = used; at < old.length; at++) {
      files.flip(WalHarness.segment(2), at, old[(int) at]);
    }

    WalRecovery recovery = WalHarness.open(files).recovery();

    assertThat(recovery.last()).isEqualTo(last);
    assertThat(recovery.tornTail().get().segment()).isEqualTo("0000000000000002.wal");
  }

  @Test
  void refusesASegmentUnderAnothersName() throws Exception {
    for (int index = 1; index <= 300; index++) {
      wal.append(List.of(append(entries(1, index, index))));
    }
    wal.close();
    files.rename(WalHarness.segment(1), WalHarness.DIRECTORY.resolve("x"));
    files.rename(WalHarness.segment(2), WalHarness.segment(1));
    files.rename(WalHarness.DIRECTORY.resolve("x"), WalHarness.segment(2));

    assertThatThrownBy(() -> WalHarness.open(files))
        .isInstanceOf(DamagedException.class)
        .hasMessageContaining("in 0000000000000001.wal at byte 0");
  }

  @Test
  void refusesTheLogOfAnother() {
    assertThatThrownBy(
            () ->
                Wal.open(
                    files,
                    WalHarness.DIRECTORY,
                    new LogOwner(0xc1, 0xa2),
                    WalHarness.OPTIONS,
                    EntryId.ZERO,
                    () -> 0))
        .isInstanceOf(StorageException.class)
        .hasMessage(
            "wal: log of another member in /wal: expected member a2 of cluster c1, found member a1"
                + " of cluster c1");
  }

  @Test
  void aFullDiskRefusesBeforeWritingAndServiceResumes() throws Exception {
    WalOptions options = new WalOptions(4096, 1000);
    files = WalHarness.disk(options);
    wal = WalHarness.open(files, options).wal();
    files.capacity(4096 + 4096 + 999);
    assertThatThrownBy(wal::prepare)
        .isInstanceOf(DiskFullException.class)
        .hasMessage("disk full: 4096 bytes needed and 1000 kept in reserve, 5095 usable in /wal");
    fillSegment(); // What is prepared can be used up.
    long writes = files.calls(Call.WRITE);
    List<StorageAppend> more =
        List.of(append(entries(1, wal.last().index() + 1, wal.last().index() + 9)));
    EntryId last = wal.last();

    assertThatThrownBy(() -> wal.append(more)).isInstanceOf(DiskFullException.class);
    assertThatThrownBy(() -> wal.append(more)).isInstanceOf(DiskFullException.class);
    assertThat(files.calls(Call.WRITE)).isEqualTo(writes);
    assertThat(wal.last()).isEqualTo(last);

    files.capacity(4096 + 4096 + 1000);
    wal.append(more);
    files.restart(0);
    assertThat(WalHarness.open(files, options).recovery().last().index())
        .isEqualTo(last.index() + 9);
  }

  @Test
  void aDiskThatFailsWhilePreparingIsTriedAgain() throws Exception {
    files.failCall(4);
    assertThatThrownBy(wal::prepare)
        .isInstanceOf(StorageException.class)
        .hasMessageStartingWith("wal: cannot prepare the next segment: ");

    assertThat(wal.prepare()).isTrue();
    wal.append(List.of(append(entries(1, 1, 1))));
  }

  @Test
  void entriesKeepTypeAndData() throws Exception {
    Entry change = new Entry(1, 1, EntryType.CONF_CHANGE_V2, Bytes.copyOf(new byte[] {0, -1, 7}));
    Entry empty = entry(Long.MAX_VALUE, 2, "");

    wal.append(List.of(append(new HardState(Long.MAX_VALUE, -7, 2), List.of(change, empty))));

    files.restart(0);
    WalRecovery recovery = WalHarness.open(files).recovery();
    assertThat(recovery.entries()).containsExactly(change, empty);
    assertThat(recovery.hardState()).isEqualTo(new HardState(Long.MAX_VALUE, -7, 2));
  }

  /** Appends until the next batch of nine entries needs another segment. */
  private void fillSegment() throws StorageException {
    while (wal.roomBytes() >= 380) {
      long next = wal.last().index() + 1;
      wal.append(List.of(append(entries(1, next, next))));
    }
  }
}
