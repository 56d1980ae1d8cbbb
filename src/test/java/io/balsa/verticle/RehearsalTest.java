package io.balsa.verticle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RehearsalTest {
  @Test
  void isPlayedThroughAndWritesNothing() throws IOException {
    List<Path> before = temporaryFiles();

    assertThat(Rehearsal.run()).isTrue();

    assertThat(temporaryFiles()).isEqualTo(before);
  }

  @Test
  void canBePlayedBySeveralAtOnce() {
    assertThat(Stream.of(1, 2).parallel().map(run -> Rehearsal.run())).containsOnly(true);
  }

  private static List<Path> temporaryFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files.sorted().toList();
    }
  }
}
