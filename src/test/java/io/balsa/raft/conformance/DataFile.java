package io.balsa.raft.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file of commands with their expected outputs (section 1). */
final class DataFile {
  private final List<String> lines;
  private int next;

  private DataFile(List<String> lines) {
    this.lines = lines;
  }

  /** One argument of a command line: {@code key}, {@code key=value} or {@code key=(v, w)}. */
  record Argument(String key, List<String> values) {
    String value() {
      if (values.size() != 1) {
        throw new IllegalArgumentException("one value expected for " + key + ": " + values);
      }
      return values.get(0);
    }

    boolean isTrue() {
      return switch (value().toLowerCase(java.util.Locale.ROOT)) {
        case "true", "t", "1" -> true;
        case "false", "f", "0" -> false;
        default -> throw new IllegalArgumentException("boolean expected: " + value());
      };
    }

    List<Long> numbers() {
      return values.stream().map(Long::parseLong).toList();
    }
  }

  /** A command with its input and its expected output, each line of which ends with a newline. */
  record Case(
      int line,
      String text,
      String command,
      List<Argument> arguments,
      String input,
      String expected) {
    Argument argument(String key) {
      return arguments.stream().filter(a -> a.key().equals(key)).findFirst().orElse(null);
    }

    long number(int position) {
      return Long.parseLong(arguments.get(position).key());
    }

    /** The arguments that are plain numbers. */
    List<Long> plainNumbers() {
      return arguments.stream()
          .filter(a -> a.values().isEmpty())
          .map(a -> Long.parseLong(a.key()))
          .toList();
    }
  }

  static List<Case> read(Path file) throws IOException {
    return new DataFile(Files.readString(file).lines().toList()).cases();
  }

  private List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    while (next < lines.size()) {
      String line = lines.get(next).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        next++;
      } else {
        cases.add(oneCase());
      }
    }
    return cases;
  }

  private Case oneCase() {
    int first = next + 1;
    String text = lines.get(next++).strip();
    while (text.endsWith("\\")) {
      text = text.substring(0, text.length() - 1).strip() + " " + lines.get(next++).strip();
    }
    List<String> input = new ArrayList<>();
    while (!lines.get(next).equals("----")) {
      input.add(lines.get(next++));
    }
    next++;
    StringBuilder expected = new StringBuilder();
    if (next < lines.size() && lines.get(next).equals("----")) {
      next++;
      while (!(lines.get(next).equals("----") && lines.get(next + 1).equals("----"))) {
        expected.append(lines.get(next++)).append('\n');
      }
      next += 2;
    } else {
      while (next < lines.size() && !lines.get(next).isBlank()) {
        expected.append(lines.get(next++)).append('\n');
      }
    }
    List<String> words = words(text);
    List<Argument> arguments = words.stream().skip(1).map(DataFile::argument).toList();
    return new Case(
        first,
        text,
        words.get(0),
        arguments,
        String.join("\n", input).strip(),
        expected.toString());
  }

  /** Splits at blanks outside of parentheses. */
  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    int depth = 0;
    for (char c : text.toCharArray()) {
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == ' ' && depth == 0) {
        if (!word.isEmpty()) {
          words.add(word.toString());
          word.setLength(0);
        }
      } else {
        word.append(c);
      }
    }
    if (!word.isEmpty()) {
      words.add(word.toString());
    }
    return words;
  }

  private static Argument argument(String word) {
    int equals = word.indexOf('=');
    if (equals < 0) {
      return new Argument(word, List.of());
    }
    String value = word.substring(equals + 1);
    List<String> values =
        value.startsWith("(") && value.endsWith(")")
            ? List.of(value.substring(1, value.length() - 1).strip().split(",\\s*"))
            : List.of(value);
    return new Argument(word.substring(0, equals), values);
  }
}
