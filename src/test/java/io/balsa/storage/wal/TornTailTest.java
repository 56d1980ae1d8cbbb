package io.balsa.storage.wal;

import static io.balsa.storage.Batches.append;
import static io.balsa.storage.Batches.commit;
import static io.balsa.storage.Batches.entries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.balsa.raft.message.HardState;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.StorageException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Damage at every byte of a log: torn where nobody was told, rot where it was durable. */
class TornTailTest {
  private static final String FIRST = "0000000000000001.wal";
  private static final HardState STATE = new HardState(2, 3, 4);

  private SimulatedFileSystem files;
  // Where the records of the last append begin and end.
  private long lastFrom;
  private long lastTo;

  /** Entries 1 to 4, then 5 and 6 as the last append, in one segment. */
  @BeforeEach
  void write() throws IOException, StorageException {
    files = WalHarness.disk();
    Wal wal = WalHarness.open(files).wal();
    wal.append(List.of(append(entries(1, 1, 2))));
    wal.append(List.of(append(STATE, entries(2, 3, 4))));
    lastFrom = WalHarness.OPTIONS.segmentBytes() - wal.roomBytes();
    wal.append(List.of(append(entries(2, 5, 6))));
    lastTo = WalHarness.OPTIONS.segmentBytes() - wal.roomBytes();
    files.killProcess();
  }

  @Test
  void aFlipAnywhereInTheLastRecordLosesThatRecordOnly() throws Exception {
    for (long offset = lastFrom; offset < lastTo; offset++) {
      for (int bits : new int[] {0x01, 0x80, 0xff}) {
        SimulatedFileSystem damaged = files.copy();
        damaged.flip(WalHarness.segment(1), offset, bits);

        Wal.Opened opened = WalHarness.open(damaged);

        assertRecoveredToEntry4(opened, offset);
        assertThat(opened.recovery().tornTail().get().offset()).isEqualTo(lastFrom);
        assertGoesOn(damaged, opened.wal());
      }
    }
  }

  @Test
  void aCutAnywhereInTheLastRecordLosesThatRecordOnly() throws Exception {
    for (long offset = lastFrom; offset < lastTo; offset++) {
      SimulatedFileSystem damaged = files.copy();
      damaged.truncate(WalHarness.segment(1), offset);

      Wal.Opened opened = WalHarness.open(damaged);

      assertRecoveredToEntry4(opened, offset);
      assertThat(damaged.content(WalHarness.segment(1)))
          .hasSize((int) WalHarness.OPTIONS.segmentBytes());
      assertGoesOn(damaged, opened.wal());
    }
  }

  @Test
  void zerosFromAnywhereInTheLastRecordLoseThatRecordOnly() throws Exception {
    byte[] content = files.content(WalHarness.segment(1));
    for (long offset = lastFrom; offset < lastTo; offset++) {
      if (content[(int) offset] == 0 && restIsZero(content, offset)) {
        continue;
      }
      SimulatedFileSystem damaged = files.copy();
      for (long at = offset; at < lastTo; at++) {
        damaged.flip(WalHarness.segment(1), at, content[(int) at]);
      }

      Wal.Opened opened = WalHarness.open(damaged);

      assertRecoveredToEntry4(opened, offset);
    }
  }

  private static boolean restIsZero(byte[] content, long offset) {
    for (int i = (int) offset; i < content.length; i++) {
      if (content[i] != 0) {
        return false;
      }
    }
    return true;
  }

  @Test
  void aFlipAnywhereBeforeTheLastAppendIsRot() throws Exception {
    for (long offset = 0; offset < lastFrom; offset++) {
      SimulatedFileSystem damaged = files.copy();
      damaged.flip(WalHarness.segment(1), offset, 0x10);

      DamagedException refusal =
          catchThrowableOfType(DamagedException.class, () -> WalHarness.open(damaged));

      assertThat(refusal).as("offset %d", offset).isNotNull();
      assertThat(refusal.file()).isEqualTo(FIRST);
      assertThat(refusal.offset()).isLessThanOrEqualTo(offset);
      assertThat(refusal)
          .hasMessageContaining("in " + FIRST + " at byte " + refusal.offset() + ":");
      assertThat(damaged.content(WalHarness.segment(1)))
          .as("refusing changes nothing")
          .isEqualTo(flipped(files.content(WalHarness.segment(1)), offset));
    }
  }

  private static byte[] flipped(byte[] content, long offset) {
    content[(int) offset] ^= 0x10;
    return content;
  }

  @Test
  void theTextNamesSegmentByteAndBothChecksums() throws Exception {
    files.flip(WalHarness.segment(1), lastFrom - 9, 0x10);

    assertThatThrownBy(() -> WalHarness.open(files))
        .hasMessageMatching(
            "wal: checksum mismatch in 0000000000000001\\.wal at byte \\d+: expected [0-9a-f]{8},"
                + " found [0-9a-f]{8}; it was durable when the record at byte "
                + lastFrom
                + " was written");
  }

  @Test
  void damageInTheLastRecordOfALogClosedInOrderIsRot() throws Exception {
    WalHarness.open(files).wal().close();
    for (long offset = lastFrom; offset < lastTo; offset++) {
      SimulatedFileSystem damaged = files.copy();
      damaged.flip(WalHarness.segment(1), offset, 0x10);

      assertThatThrownBy(() -> WalHarness.open(damaged))
          .isInstanceOf(DamagedException.class)
          .hasMessageContaining(FIRST + " at byte " + lastFrom);
    }
  }

  @Test
  void aFlipAnywhereInWhatWasVouchedForIsRot() throws Exception {
    Wal wal = WalHarness.open(files).wal();
    wal.append(List.of(append(entries(2, 7, 8))));
    long from = lastTo;
    long to = WalHarness.OPTIONS.segmentBytes() - wal.roomBytes();
    wal.vouch();
    wal.vouch(); // Once is enough.
    long end = WalHarness.OPTIONS.segmentBytes() - wal.roomBytes();
    files.killProcess();
    for (long offset = from; offset < WalHarness.OPTIONS.segmentBytes(); offset++) {
      SimulatedFileSystem damaged = files.copy();
      damaged.flip(WalHarness.segment(1), offset, 0x10);

      if (offset < to) {
        assertThatThrownBy(() -> WalHarness.open(damaged))
            .as("offset %d", offset)
            .isInstanceOf(DamagedException.class)
            .hasMessageContaining(FIRST + " at byte " + from);
      } else {
        WalRecovery recovery = WalHarness.open(damaged).recovery();
        assertThat(recovery.last().index()).as("offset %d", offset).isEqualTo(8);
        assertThat(recovery.tornTail()).as("offset %d", offset).isPresent();
      }
    }
    assertThat(end).isEqualTo(to + Frame.sizeOf(1));
  }

  @Test
  void theLogGoesOnBehindAWordThatWasVouched() throws Exception {
    Wal wal = WalHarness.open(files).wal();
    for (int index = 7; index < 300; index++) {
      wal.append(List.of(append(entries(2, index, index))));
      wal.vouch();
    }
    files.restart(0);

    WalRecovery recovery = WalHarness.open(files).recovery();

    assertThat(recovery.last().index()).isEqualTo(299);
    assertThat(recovery.entries()).hasSize(299);
    assertThat(recovery.tornTail()).isEmpty();
  }

  @Test
  void nothingIsVouchedForThatIsNotForced() throws Exception {
    Wal wal = WalHarness.open(files).wal();
    wal.append(List.of(commit(new HardState(2, 3, 5))));
    wal.vouch();
    files.killProcess();
    files.flip(WalHarness.segment(1), lastTo + 30, 0x10);

    assertThat(WalHarness.open(files).recovery().hardState()).isEqualTo(STATE);
  }

  @Test
  void anUnsyncedRecordTornBeforeAWholeOneIsTorn() throws Exception {
    Wal wal = WalHarness.open(files).wal();
    wal.append(List.of(commit(new HardState(2, 3, 5))));
    wal.append(List.of(commit(new HardState(2, 3, 6))));
    files.killProcess();
    files.flip(WalHarness.segment(1), lastTo + 30, 0x10); // In the first of the two.

    WalRecovery recovery = WalHarness.open(files).recovery();

    assertThat(recovery.entries()).hasSize(6);
    assertThat(recovery.hardState()).isEqualTo(STATE);
    assertThat(recovery.tornTail().get().offset()).isEqualTo(lastTo);
  }

  @Test
  void aBatchIsRecoveredWholeOrNotAtAll() throws Exception {
    Wal wal = WalHarness.open(files).wal();
    wal.append(
        List.of(append(entries(2, 7, 7)), append(entries(2, 8, 9)), append(entries(2, 10, 10))));
    long end = WalHarness.OPTIONS.segmentBytes() - wal.roomBytes();
    files.killProcess();
    for (long offset = lastTo; offset < end; offset++) {
      SimulatedFileSystem damaged = files.copy();
      damaged.truncate(WalHarness.segment(1), offset);

      assertThat(WalHarness.open(damaged).recovery().last().index()).isIn(6L, 7L, 9L);
    }
  }

  @Test
  void aFlipAnywhereInASealedSegmentIsRotOrHarmless() throws Exception {
    Wal wal = WalHarness.open(files).wal();
    for (int index = 7; index < 200; index++) {
      wal.append(List.of(append(entries(2, index, index))));
    }
    wal.close();
    long used = LogReport.read(files, WalHarness.DIRECTORY).segments().get(0).bytesUsed();
    for (long offset = 0; offset < WalHarness.OPTIONS.segmentBytes(); offset++) {
      SimulatedFileSystem damaged = files.copy();
      damaged.flip(WalHarness.segment(1), offset, 0x10);

      if (offset < used) {
        assertThatThrownBy(() -> WalHarness.open(damaged))
            .isInstanceOf(DamagedException.class)
            .hasMessageContaining("in " + FIRST + " at byte ");
      } else {
        assertThat(WalHarness.open(damaged).recovery().last().index()).isEqualTo(199);
      }
    }
  }

  private static void assertRecoveredToEntry4(Wal.Opened opened, long offset) {
    WalRecovery recovery = opened.recovery();
    assertThat(recovery.entries().subList(0, 2)).as("%d", offset).isEqualTo(entries(1, 1, 2));
    assertThat(recovery.entries().subList(2, recovery.entries().size()))
        .as("%d", offset)
        .isEqualTo(entries(2, 3, 4));
    assertThat(recovery.hardState()).as("%d", offset).isEqualTo(STATE);
    if (offset > 0 && recovery.tornTail().isPresent()) {
      assertThat(recovery.tornTail().get().segment()).isEqualTo(FIRST);
    }
  }

  /** The log takes entries after the cut, and has them after the next start. */
  private static void assertGoesOn(SimulatedFileSystem files, Wal wal) throws StorageException {
    wal.append(List.of(append(entries(3, 5, 5))));
    files.restart(0);
    WalRecovery again = WalHarness.open(files).recovery();
    assertThat(again.tornTail()).isEmpty();
    assertThat(again.entries()).hasSize(5).endsWith(entries(3, 5, 5).get(0));
    assertThat(Arrays.asList(again.hardState())).containsExactly(STATE);
  }
}
