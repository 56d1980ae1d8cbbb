package io.balsa.raft.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs dialogues with the core against the outputs expected of it: those of {@code
 * -Dconformance.dir}, or of the folder shared/conformance beside this project's. No output depends
 * on the election timeouts drawn, so each dialogue runs with several seeds.
 */
class ConformanceTest {
  private static final int SEEDS = 5;

  @TestFactory
  List<DynamicTest> interaction() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (long seed = 1; seed <= SEEDS; seed++) {
      long fixed = seed;
      tests.addAll(files("interaction", " seed " + seed, () -> new Dialogue(fixed)::run));
    }
    return tests;
  }

  @TestFactory
  List<DynamicTest> quorum() throws IOException {
    return files("quorum", "", () -> Pure::quorum);
  }

  @TestFactory
  List<DynamicTest> confchange() throws IOException {
    return files("confchange", "", () -> new Pure()::confChange);
  }

  private static List<DynamicTest> files(
      String folder, String suffix, Supplier<Function<Script.Case, String>> environments)
      throws IOException {
    Path directory =
        Path.of(System.getProperty("conformance.dir", "../shared/conformance")).resolve(folder);
    if (!Files.isDirectory(directory)) {
      return List.of(
          DynamicTest.dynamicTest(
              folder + suffix,
              () -> abort("no folder " + folder + "; name its parent by -Dconformance.dir")));
    }
    try (Stream<Path> list = Files.list(directory)) {
      return list.sorted()
          .map(
              file ->
                  DynamicTest.dynamicTest(
                      file.getFileName() + suffix,
                      () ->
                          assertThat(Script.run(file, environments.get()))
                              .isEqualTo(normalised(file))))
          .toList();
    }
  }

  private static String normalised(Path file) throws IOException {
    return String.join("\n", Files.readAllLines(file)) + "\n";
  }
}
