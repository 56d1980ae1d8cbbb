package io.balsa.raft.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A file of commands with their expected outputs (section 1). */
final class DataFile {
  private static final String SEPARATOR = "----";

  private final Path path;
  private final List<String> lines;
  private int next;

  private DataFile(Path path, List<String> lines) {
    this.path = path;
    this.lines = lines;
  }

  /**
   * One argument of a command line: {@code key}, {@code key=value} or {@code key=(v, w)}.
   *
   * @param text as it was written
   * @param values null for a {@code key} alone
   */
  record Argument(String text, String key, List<String> values) {
    boolean isPlain() {
      return values == null;
    }

    String value() {
      if (isPlain() || values.size() != 1) {
        throw new IllegalArgumentException("one value expected: " + text);
      }
      return values.get(0);
    }

    boolean isTrue() {
      return switch (value().toLowerCase(Locale.ROOT)) {
        case "true", "t", "1" -> true;
        case "false", "f", "0" -> false;
        default -> throw new IllegalArgumentException("boolean expected: " + text);
      };
    }

    long number() {
      return parse(value());
    }

    List<Long> numbers() {
      if (isPlain()) {
        throw new IllegalArgumentException("values expected: " + text);
      }
      return values.stream().map(this::parse).toList();
    }

    private long parse(String number) {
      try {
        return Long.parseUnsignedLong(number);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("number expected: " + text, e);
      }
    }
  }

  /**
   * A command with its input and its expected output, each line of which ends with a newline.
   *
   * @param line of the command, counted from 1
   * @param outputFrom the place of the line after the separator, counted from 0
   * @param outputTo the place of the line after the output, which a blank line does not belong to
   */
  record Case(
      int line,
      String text,
      String command,
      List<Argument> arguments,
      String input,
      String expected,
      int outputFrom,
      int outputTo) {
    /** The argument with values that has this key, null if there is none. */
    Argument argument(String key) {
      return arguments.stream()
          .filter(a -> !a.isPlain() && a.key().equals(key))
          .findFirst()
          .orElse(null);
    }

    Argument required(String key) {
      Argument argument = argument(key);
      if (argument == null) {
        throw new IllegalArgumentException("argument is missing: " + key + "=");
      }
      return argument;
    }

    boolean isTrue(String key) {
      return argument(key) != null && argument(key).isTrue();
    }

    /** The argument at this position, counted from 0. */
    Argument at(int position) {
      if (position >= arguments.size()) {
        throw new IllegalArgumentException(
            "argument " + (position + 1) + " is missing, found " + arguments.size());
      }
      return arguments.get(position);
    }

    long number(int position) {
      Argument argument = at(position);
      return argument.parse(argument.text());
    }

    /** The arguments without values, which are all numbers. */
    List<Long> plainNumbers() {
      return arguments.stream()
          .filter(Argument::isPlain)
          .map(argument -> argument.parse(argument.key()))
          .toList();
    }
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException with file and line where it breaks the format
   */
  static List<Case> read(Path path) throws IOException {
    return new DataFile(path, lines(path)).cases();
  }

  /** Writes the outputs, one for each case, in the place of the expected ones. */
  static void rewrite(Path path, List<Case> cases, List<String> outputs) throws IOException {
    List<String> lines = lines(path);
    StringBuilder text = new StringBuilder();
    int from = 0;
    for (int i = 0; i < cases.size(); i++) {
      lines.subList(from, cases.get(i).outputFrom()).forEach(l -> text.append(l).append('\n'));
      String output = outputs.get(i);
      boolean hasBlankLine = output.lines().anyMatch(String::isBlank);
      String fence = SEPARATOR + "\n";
      text.append(hasBlankLine ? fence + output + fence + fence : output);
      from = cases.get(i).outputTo();
    }
    lines.subList(from, lines.size()).forEach(l -> text.append(l).append('\n'));
    Files.writeString(path, text);
  }

  private static List<String> lines(Path path) throws IOException {
    return Files.readString(path).lines().toList();
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
    String text = nextLine(first, "the rest of the command").strip();
    while (text.endsWith("\\")) {
      String rest = nextLine(first, "the rest of the command").strip();
      text = text.substring(0, text.length() - 1).strip() + " " + rest;
    }
    List<String> input = new ArrayList<>();
    String line = nextLine(first, SEPARATOR);
    while (!line.equals(SEPARATOR)) {
      input.add(line);
      line = nextLine(first, SEPARATOR);
    }
    int outputFrom = next;
    String expected = expected(first);
    List<String> words = words(first, text);
    return new Case(
        first,
        text,
        words.get(0),
        words.stream().skip(1).map(DataFile::argument).toList(),
        String.join("\n", input).strip(),
        expected,
        outputFrom,
        next);
  }

  private String expected(int first) {
    StringBuilder expected = new StringBuilder();
    if (!isSeparator(next)) {
      while (next < lines.size() && !lines.get(next).isBlank()) {
        expected.append(lines.get(next++)).append('\n');
      }
      return expected.toString();
    }
    next++;
    while (!(isSeparator(next) && isSeparator(next + 1))) {
      expected.append(nextLine(first, "two " + SEPARATOR + " in a row")).append('\n');
    }
    next += 2;
    return expected.toString();
  }

  private boolean isSeparator(int place) {
    return place < lines.size() && lines.get(place).equals(SEPARATOR);
  }

  private String nextLine(int first, String expected) {
    if (next == lines.size()) {
      throw malformed(first, "the file ends before " + expected);
    }
    return lines.get(next++);
  }

  private IllegalArgumentException malformed(int line, String problem) {
    return new IllegalArgumentException(
        path + ":" + line + ": " + lines.get(line - 1).strip() + ": " + problem);
  }

  /** Splits at blanks; inside the parentheses of a value they do not count. */
  private List<String> words(int line, String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    int depth = 0;
    for (char c : text.toCharArray()) {
      if (Character.isWhitespace(c) && depth == 0) {
        addWord(words, word);
        continue;
      }
      boolean opensValue = c == '(' && word.indexOf("=") == word.length() - 1 && !word.isEmpty();
      if (depth > 0 || opensValue) {
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      }
      word.append(c);
    }
    if (depth > 0) {
      throw malformed(line, "a parenthesis is not closed");
    }
    addWord(words, word);
    return words;
  }

  private static void addWord(List<String> words, StringBuilder word) {
    if (!word.isEmpty()) {
      words.add(word.toString());
      word.setLength(0);
    }
  }

  private static Argument argument(String word) {
    int equals = word.indexOf('=');
    if (equals < 0) {
      return new Argument(word, word, null);
    }
    String value = word.substring(equals + 1);
    boolean isList = value.startsWith("(") && value.endsWith(")");
    return new Argument(
        word,
        word.substring(0, equals),
        isList ? list(value.substring(1, value.length() - 1)) : List.of(value));
  }

  /** Splits at the commas that stand outside of parentheses. */
  private static List<String> list(String text) {
    List<String> values = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == ',' && depth == 0) {
        values.add(text.substring(start, i).strip());
        start = i + 1;
      }
    }
    String last = text.substring(start).strip();
    if (!(values.isEmpty() && last.isEmpty())) {
      values.add(last);
    }
    return values;
  }
}
