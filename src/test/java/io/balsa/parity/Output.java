package io.balsa.parity;

import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a run of {@code etcdctl} left behind. */
record Output(int exitCode, String out, String err) {
  /** Of a step that prints nothing. */
  static final Output NONE = new Output(0, "", "");

  Output map(UnaryOperator<String> change) {
    return new Output(exitCode, change.apply(out), change.apply(err));
  }

  /** Without what matches. */
  Output without(Pattern pattern) {
    return map(text -> pattern.matcher(text).replaceAll("~"));
  }

  /** With its lines in the order of the alphabet. */
  Output sorted() {
    return map(text -> text.lines().sorted().collect(Collectors.joining("\n")));
  }

  @Override
  public String toString() {
    return "exit code %d%n%s%s".formatted(exitCode, quote("1> ", out), quote("2> ", err));
  }

  private static String quote(String mark, String text) {
    StringBuilder quoted = new StringBuilder();
    text.lines().forEach(line -> quoted.append(mark).append(line).append('\n'));
    return quoted.toString();
  }
}
