package io.balsa.parity;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Commands for {@code etcdctl}, one a line. Words stand apart by spaces; what is between single
 * quotes is one word. Lines that begin with {@code | } are what the command above reads. {@code
 * $lease1} is the first lease that was granted. Empty lines, and those that begin with {@code #},
 * say nothing.
 */
final class Script {
  /** A command, as words, and what it reads. */
  record Command(List<String> arguments, String input) {
    @Override
    public String toString() {
      return "etcdctl " + String.join(" ", arguments) + (input.isEmpty() ? "" : "\n" + input);
    }
  }

  private Script() {}

  /** The script of this name. */
  static List<Command> read(String name) {
    String text;
    try (InputStream stream = Script.class.getResourceAsStream(name)) {
      text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError("reading " + name, e);
    }
    List<Command> commands = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (line.equals("|") || line.startsWith("| ")) {
        Command last = commands.remove(commands.size() - 1);
        String more = line.substring(Math.min(2, line.length())) + "\n";
        commands.add(new Command(last.arguments(), last.input() + more));
      } else if (!line.isBlank() && !line.startsWith("#")) {
        commands.add(new Command(words(line), ""));
      }
    }
    return commands;
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = null;
    boolean quoted = false;
    for (char c : line.toCharArray()) {
      if (c == '\'') {
        quoted = !quoted;
        word = word == null ? new StringBuilder() : word;
      } else if (c == ' ' && !quoted) {
        if (word != null) {
          words.add(word.toString());
        }
        word = null;
      } else {
        word = (word == null ? new StringBuilder() : word).append(c);
      }
    }
    if (word != null) {
      words.add(word.toString());
    }
    return words;
  }
}
