package io.balsa.raft.conformance;

import io.balsa.raft.conformance.DataFile.Case;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.assertj.core.util.diff.DiffUtils;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;

/** One test for each file of a folder; a file's outputs are compared as a whole. */
final class FileTests {
  // Of the election timeouts, which no file's output may depend on.
  private static final long[] SEEDS = {1, 2, 3, 4, 5};
  private static final int CONTEXT_LINES = 8;

  private FileTests() {}

  /** Where there are no files, one test that is skipped and says so. */
  static Stream<DynamicTest> of(Path folder, String hint, LongFunction<Driver> drivers)
      throws IOException {
    List<Path> files = files(folder);
    if (files.isEmpty()) {
      String message = "no files to run in " + folder + hint;
      return Stream.of(
          DynamicTest.dynamicTest(
              String.valueOf(folder.getFileName()), () -> Assumptions.abort(message)));
    }
    return files.stream()
        .map(f -> DynamicTest.dynamicTest(f.getFileName().toString(), () -> run(f, drivers)));
  }

  static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.filter(p -> p.getFileName().toString().endsWith(".txt")).sorted().toList();
    }
  }

  private static void run(Path file, LongFunction<Driver> drivers) throws IOException {
    List<Case> cases = DataFile.read(file);
    if (cases.isEmpty()) {
      throw new AssertionError(file + ": no command");
    }
    for (long seed : SEEDS) {
      compare(file, seed, cases, drivers.apply(seed).runAll(file, cases));
    }
  }

  private static void compare(Path file, long seed, List<Case> cases, List<String> outputs) {
    List<String> expected = new ArrayList<>();
    List<String> found = new ArrayList<>();
    List<Integer> wrong = new ArrayList<>();
    for (int i = 0; i < cases.size(); i++) {
      Case test = cases.get(i);
      // With the command in front, so that the difference reads like the file.
      String head = test.line() + ": " + test.text();
      addLines(expected, head, test.expected());
      addLines(found, head, outputs.get(i));
      if (!test.expected().equals(outputs.get(i))) {
        wrong.add(test.line());
      }
    }
    if (!wrong.isEmpty()) {
      List<String> difference =
          DiffUtils.generateUnifiedDiff(
              "expected", "found", expected, DiffUtils.diff(expected, found), CONTEXT_LINES);
      throw new AssertionError(
          String.format(
              "%s: seed %d: other outputs in lines %s%n%s",
              file, seed, wrong, String.join("\n", difference)));
    }
  }

  private static void addLines(List<String> lines, String head, String output) {
    lines.add(head);
    output.lines().forEach(lines::add);
  }
}
