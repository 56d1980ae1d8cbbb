package io.balsa.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** Keeps the table of the package's description true: every test that it names is there. */
class CapabilityTableTest {
  private static final Path TABLE = Path.of("src/test/java/io/balsa/raft/package-info.java");
  private static final Pattern ROW = Pattern.compile("<tr><td>(.*?)</td><td>(.*?)</td></tr>");
  private static final Pattern TEST = Pattern.compile("\\{@code ([\\w.]+)#(\\w+)}");

  private static List<MatchResult> rows() throws IOException {
    return ROW.matcher(Files.readString(TABLE)).results().toList();
  }

  @Test
  void everyRowNamesTestsThatAreThere() throws IOException {
    List<String> missing = new ArrayList<>();
    for (MatchResult row : rows()) {
      List<MatchResult> tests = TEST.matcher(row.group(2)).results().toList();
      if (tests.isEmpty() || row.group(2).split(",").length != tests.size()) {
        missing.add(row.group(1) + ": names no test, or one that cannot be read");
      }
      for (MatchResult test : tests) {
        if (!exists(test.group(1), test.group(2))) {
          missing.add(row.group(1) + ": " + test.group());
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void everySafetyPointHasItsRow() throws IOException {
    List<String> numbers =
        rows().stream()
            .map(row -> row.group(1).split("\\. ")[0])
            .filter(name -> name.matches("\\d+"))
            .toList();
    assertThat(numbers).hasSize(28).first().isEqualTo("1");
    assertThat(numbers).last().isEqualTo("28");
    assertThat(rows()).extracting(row -> row.group(1)).doesNotHaveDuplicates();
  }

  private static boolean exists(String name, String method) {
    return find("io.balsa.raft." + name, method) || find("io.balsa." + name, method);
  }

  private static boolean find(String className, String method) {
    try {
      return Arrays.stream(classNamed(className).getDeclaredMethods())
          .filter(candidate -> candidate.getName().equals(method))
          .anyMatch(CapabilityTableTest::isTest);
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static Class<?> classNamed(String name) throws ClassNotFoundException {
    // Looked at only: what it does at its beginning is not wanted.
    return Class.forName(name, false, CapabilityTableTest.class.getClassLoader());
  }

  private static boolean isTest(Method method) {
    return method.isAnnotationPresent(Test.class)
        || method.isAnnotationPresent(ParameterizedTest.class);
  }
}
