package io.balsa.raft.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A data-driven dialogue: commands, inputs and the output expected of each. */
final class Script {
  private Script() {}

  /** An argument: {@code key}, {@code key=value} or {@code key=(a,b)}. */
  record Argument(String key, List<String> values) {
    boolean isFlag() {
      return values.isEmpty();
    }
  }

  /** One command with its arguments and input. */
  record Case(String command, List<Argument> arguments, String input) {
    List<String> values(String key) {
      return arguments.stream()
          .filter(argument -> argument.key().equals(key))
          .findFirst()
          .map(Argument::values)
          .orElse(null);
    }

    String value(String key, String otherwise) {
      List<String> values = values(key);
      return values == null || values.isEmpty() ? otherwise : values.get(0);
    }

    boolean flag(String key) {
      String value = value(key, "false").toLowerCase(java.util.Locale.ROOT);
      return value.equals("true") || value.equals("1") || value.equals("t");
    }

    List<Long> ids(String key) {
      List<String> values = values(key);
      return values == null ? List.of() : values.stream().map(Long::parseLong).toList();
    }

    /** The arguments that are plain numbers. */
    List<Long> numbers() {
      return arguments.stream().filter(Argument::isFlag).map(a -> Long.parseLong(a.key())).toList();
    }
  }

  /** Runs the file and gives it back with the outputs that came instead of those expected. */
  static String run(Path file, Function<Case, String> runner) throws IOException {
    List<String> lines = Files.readAllLines(file);
    StringBuilder actual = new StringBuilder();
    int at = 0;
    while (at < lines.size()) {
      String line = lines.get(at);
      if (line.isBlank() || line.strip().startsWith("#")) {
        actual.append(line).append('\n');
        at++;
        continue;
      }
      StringBuilder command = new StringBuilder(line.strip());
      actual.append(line).append('\n');
      at++;
      while (command.charAt(command.length() - 1) == '\\') {
        command.setLength(command.length() - 1);
        command.append(' ').append(lines.get(at).strip());
        actual.append(lines.get(at)).append('\n');
        at++;
      }
      List<String> input = new ArrayList<>();
      while (!lines.get(at).equals("----")) {
        input.add(lines.get(at));
        actual.append(lines.get(at)).append('\n');
        at++;
      }
      actual.append("----\n");
      at++;
      boolean doubled = at < lines.size() && lines.get(at).equals("----");
      if (doubled) {
        at++;
        while (!(lines.get(at).equals("----") && lines.get(at + 1).equals("----"))) {
          at++;
        }
        at += 2;
      } else {
        while (at < lines.size() && !lines.get(at).isBlank()) {
          at++;
        }
      }
      String output = runner.apply(parse(command.toString(), String.join("\n", input).strip()));
      String text = output.endsWith("\n") ? output : output + "\n";
      actual.append(doubled ? "----\n" + text + "----\n----\n" : text);
    }
    return actual.toString();
  }

  private static Case parse(String line, String input) {
    int blank = line.indexOf(' ');
    String command = blank < 0 ? line : line.substring(0, blank);
    List<Argument> arguments = new ArrayList<>();
    int at = command.length();
    while (at < line.length()) {
      if (line.charAt(at) == ' ') {
        at++;
        continue;
      }
      int start = at;
      int depth = 0;
      while (at < line.length() && (depth > 0 || line.charAt(at) != ' ')) {
        depth += line.charAt(at) == '(' ? 1 : line.charAt(at) == ')' ? -1 : 0;
        at++;
      }
      arguments.add(argument(line.substring(start, at)));
    }
    return new Case(command, arguments, input);
  }

  private static Argument argument(String text) {
    int equals = text.indexOf('=');
    if (equals < 0) {
      return new Argument(text, List.of());
    }
    String key = text.substring(0, equals);
    String value = text.substring(equals + 1);
    if (!value.startsWith("(")) {
      return new Argument(key, List.of(value));
    }
    List<String> values = new ArrayList<>();
    for (String part : value.substring(1, value.length() - 1).split(",")) {
      if (!part.isBlank()) {
        values.add(part.strip());
      }
    }
    return new Argument(key, values);
  }
}
