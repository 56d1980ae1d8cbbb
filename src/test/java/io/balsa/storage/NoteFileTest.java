package io.balsa.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.StorageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NoteFileTest {
  private static final Path DIRECTORY = Path.of("/data");
  private static final List<String> OLD = List.of("a b", "c");
  private static final List<String> NEW = List.of("d", "", "e".repeat(5_000));

  private final SimulatedFileSystem files = new SimulatedFileSystem(new Random(1));

  @Test
  void keepsWhatWasWrittenLast() throws Exception {
    NoteFile note = note();
    assertThat(note.read()).isEmpty();

    note.write(OLD);
    assertThat(note.read()).contains(OLD);
    note.write(NEW);
    assertThat(note.read()).contains(NEW);
    note.write(List.of());
    assertThat(note().read()).contains(List.of());
  }

  @Test
  void powerLostAtAnyCallLeavesTheOldOrTheNew() throws Exception {
    note().write(OLD);
    long before = files.calls();
    files.copy(); // No call of its own.
    NoteFile counted = note();
    counted.write(NEW);
    long calls = files.calls() - before;
    counted.write(OLD);

    for (long call = 1; call <= calls; call++) {
      for (double survival : new double[] {0, 0.5, 1}) {
        SimulatedFileSystem crashing = files.copy();
        crashing.losePowerAtCall(call);
        NoteFile note = new NoteFile(crashing, DIRECTORY.resolve("note"));
        try {
          note.write(NEW);
        } catch (StorageException lost) {
          // As it should.
        }
        crashing.restart(survival);

        assertThat(note.read().orElseThrow()).as("call %d of %d", call, calls).isIn(OLD, NEW);
        note.write(NEW); // Whatever is left over is in nobody's way.
        assertThat(note.read()).contains(NEW);
      }
    }
  }

  @Test
  void noByteChangesUnnoticed() throws Exception {
    NoteFile note = note();
    note.write(OLD);
    Path path = DIRECTORY.resolve("note");
    int size = files.content(path).length;

    for (int offset = 0; offset < size - 1; offset++) { // The last is the end of the last line.
      files.flip(path, offset, 4);
      assertThatThrownBy(note::read)
          .as("offset %d", offset)
          .isInstanceOf(DamagedException.class)
          .hasMessageContaining("storage: damaged file " + path + ": expected checksum ");
      files.flip(path, offset, 4);
    }
    files.truncate(path, 3);
    assertThatThrownBy(note::read).hasMessageEndingWith("found none");
  }

  private NoteFile note() throws StorageException {
    try (DataDir directory = DataDir.open(files, DIRECTORY)) {
      return directory.note("note");
    }
  }
}
