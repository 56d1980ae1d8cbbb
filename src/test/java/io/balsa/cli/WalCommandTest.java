package io.balsa.cli;

import static io.balsa.storage.Batches.append;
import static io.balsa.storage.Batches.entries;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.message.HardState;
import io.balsa.storage.DataDir;
import io.balsa.storage.Identity;
import io.balsa.storage.MemberStore;
import io.balsa.storage.file.LocalFileSystem;
import io.balsa.storage.wal.WalOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalCommandTest {
  private static final String SEGMENT_NAME = "0000000000000001.wal";

  @TempDir Path directory;
  private Path segment;

  @BeforeEach
  void writeALog() throws Exception {
    segment = directory.resolve("member/wal").resolve(SEGMENT_NAME);
    try (MemberStore store =
        MemberStore.open(
            DataDir.open(new LocalFileSystem(), directory),
            new Identity(0xc1, 0xa1, "n1"),
            new WalOptions(4096, 0),
            System::nanoTime)) {
      store.append(List.of(append(new HardState(1, 0xa1, 0), entries(1, 1, 3))));
      store.append(List.of(append(entries(1, 4, 5))));
      store.append(List.of(append(entries(1, 6, 6))));
    }
  }

  @Test
  void inspectExplainsTheDirectory() {
    Console console = Console.run("wal", "inspect", directory.toString());

    assertThat(console.out())
        .contains("member a1 (n1) of cluster c1")
        .contains("segment " + SEGMENT_NAME)
        .contains("hard state term=1 vote=a1")
        .endsWith("\nclean\n");
    assertThat(console.err()).isEmpty();
    assertThat(console.exitCode()).isZero();
  }

  @Test
  void verifySaysThatAllIsWell() {
    assertThat(Console.run("wal", "verify", directory.toString()))
        .isEqualTo(new Console(0, "clean\n", ""));
  }

  @Test
  void verifyTellsATornTailAndSucceeds() throws Exception {
    flip(lastByteUsed());

    Console console = Console.run("wal", "verify", directory.toString());

    assertThat(console.out())
        .startsWith("torn tail in " + SEGMENT_NAME + " at byte ")
        .contains("clean but for a torn tail");
    assertThat(console.err()).isEmpty();
    assertThat(console.exitCode()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"inspect", "verify"})
  void damageIsTheExitCodeAndNamesSegmentAndOffset(String command) throws Exception {
    flip(100);

    Console console = Console.run("wal", command, directory.toString());

    assertThat(console.out())
        .containsPattern("damage: .*" + SEGMENT_NAME + " at byte [0-9]+")
        .endsWith("\ndamaged\n");
    assertThat(console.exitCode()).isEqualTo(1);
  }

  @Test
  void aDirectoryThatDoesNotTellWhoseItIsIsDamaged() throws Exception {
    Files.writeString(directory.resolve("member/identity"), "nobody\n");

    Console console = Console.run("wal", "verify", directory.toString());

    assertThat(console.out()).startsWith("damage: storage: damaged identity file ").hasLineCount(1);
    assertThat(console.exitCode()).isEqualTo(1);
  }

  @Test
  void whatIsNoDataDirectoryIsRefusedInOneLine(@TempDir Path empty) {
    String missing = empty.resolve("missing").toString();

    assertThat(Console.run("wal", "verify", missing))
        .isEqualTo(
            new Console(2, "", "balsa: DIR \"" + missing + "\": must be a data directory\n"));
    assertThat(Console.run("wal", "inspect", empty.toString()).err())
        .startsWith("balsa: DIR \"" + empty + "\": storage: no member's data in ")
        .hasLineCount(1);
    assertThat(Console.run("wal", "verify"))
        .isEqualTo(new Console(2, "", "balsa: DIR: is missing, see balsa wal verify --help\n"));
    assertThat(Console.run("wal").err())
        .isEqualTo("balsa: a command is missing, one of: balsa wal inspect, balsa wal verify\n");
    assertThat(Console.run("wal", "verify", missing, "more").err())
        .isEqualTo("balsa: \"more\": unexpected word, see balsa wal verify --help\n");
  }

  /** The file is filled with zeros behind the last record. */
  private int lastByteUsed() throws Exception {
    byte[] bytes = Files.readAllBytes(segment);
    int last = bytes.length - 1;
    while (bytes[last] == 0) {
      last--;
    }
    return last;
  }

  private void flip(int offset) throws Exception {
    byte[] bytes = Files.readAllBytes(segment);
    bytes[offset] ^= 1;
    Files.write(segment, bytes);
  }
}
