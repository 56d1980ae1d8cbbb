package io.balsa.raft.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.conformance.DataFile.Case;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Each file of the conformance folder is one test. */
@Tag("conformance")
class ConformanceTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("conformance.dir", "../shared/conformance")).toAbsolutePath();

  // Seeds of the election timeouts, which no file's output may depend on.
  private static final long[] SEEDS = {1, 2, 3, 4, 5};

  /** Runs the cases of one file, in order. */
  interface Driver {
    String run(Case test);
  }

  @TestFactory
  Stream<DynamicTest> interaction() throws IOException {
    return files("interaction", InteractionDriver::new);
  }

  @TestFactory
  Stream<DynamicTest> quorum() throws IOException {
    return files("quorum", seed -> new QuorumDriver());
  }

  @TestFactory
  Stream<DynamicTest> confchange() throws IOException {
    return files("confchange", seed -> new ConfChangeDriver());
  }

  private static Stream<DynamicTest> files(String name, LongFunction<Driver> drivers)
      throws IOException {
    Path folder = FOLDER.resolve(name).normalize();
    if (!Files.isDirectory(folder)) {
      return Stream.of(
          DynamicTest.dynamicTest(
              name,
              () ->
                  Assumptions.abort(
                      "conformance files are missing: "
                          + folder
                          + "; name their folder by -Dconformance.dir=")));
    }
    try (Stream<Path> paths = Files.list(folder)) {
      List<Path> files =
          paths.filter(p -> p.getFileName().toString().endsWith(".txt")).sorted().toList();
      assertThat(files).as("files in " + folder).isNotEmpty();
      return files.stream()
          .map(f -> DynamicTest.dynamicTest(f.getFileName().toString(), () -> run(f, drivers)));
    }
  }

  private static void run(Path file, LongFunction<Driver> drivers) throws IOException {
    List<Case> cases = DataFile.read(file);
    assertThat(cases).as("cases in " + file).isNotEmpty();
    for (long seed : SEEDS) {
      Driver driver = drivers.apply(seed);
      for (Case test : cases) {
        // With the command in front, so that a failure's difference reads like the file.
        String head = test.text() + "\n----\n";
        assertThat(head + driver.run(test))
            .as("%s:%d with seed %d", file, test.line(), seed)
            .isEqualTo(head + test.expected());
      }
    }
  }
}
