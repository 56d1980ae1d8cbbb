package io.balsa.parity;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.assertj.core.api.ObjectAssert;
import org.assertj.core.api.SoftAssertions;

/**
 * Steps for {@code etcdctl}, one a line. Words stand apart by spaces; what is between single quotes
 * is one word. Empty lines, and those that begin with {@code #}, say nothing. A line is a command,
 * run to its end, but for those that begin so:
 *
 * <pre>
 * | LINE              the command above reads this line
 * except REGEX        what matches in the answer to the command above may differ
 * unordered           the lines of the answers to the command above may come in any order
 * differs             the answers to the command above must differ
 * until TEXT COMMAND  run until it succeeds and prints this text
 * start NAME COMMAND  begun, and left running under a name
 * expect NAME TEXT    waits until it has printed a text, after that which was expected before
 * tell NAME LINE      gives it a line to read
 * await NAME          waits until it has ended by itself
 * end NAME            ends it
 * watches COUNT       waits until the server has so many watches
 * second              starts the second member
 * </pre>
 *
 * {@code $lease1} is the first lease that the server gave; see {@link Names}.
 */
final class Script {
  /**
   * A line and what belongs to it.
   *
   * @param compared what is compared of an answer
   * @param differs whether the answers must differ
   */
  record Line(String text, Step step, UnaryOperator<Output> compared, boolean differs) {
    private Line(String text, Step step) {
      this(text, step, UnaryOperator.identity(), false);
    }

    private Line reading(String more) {
      return new Line(text + "\n" + more, ((Step.Run) step).reading(more));
    }

    private Line comparing(UnaryOperator<Output> part) {
      return new Line(text, step, output -> part.apply(compared.apply(output)), differs);
    }

    private Line differing() {
      return new Line(text, step, compared, true);
    }

    /** Whether it ends a command, which has an answer then. */
    boolean isAnswered() {
      return !(step instanceof Step.Silent);
    }

    /** Compares the answers of etcd and of Balsa. */
    void compare(SoftAssertions answers, Output etcd, Output balsa) {
      Output expected = compared.apply(etcd);
      ObjectAssert<Output> found = answers.assertThat(compared.apply(balsa)).as("%s", text);
      if (differs) {
        found.isNotEqualTo(expected);
      } else {
        found.isEqualTo(expected);
      }
    }
  }

  private Script() {}

  /** The script of this name. */
  static List<Line> read(String name) {
    String text;
    try (InputStream stream = Script.class.getResourceAsStream(name + ".etcdctl")) {
      text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError("reading " + name, e);
    }
    List<Line> lines = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (!line.isBlank() && !line.startsWith("#")) {
        add(lines, line);
      }
    }
    return lines;
  }

  private static void add(List<Line> lines, String line) {
    String word = line.split(" ", 2)[0];
    String rest = line.substring(Math.min(line.length(), word.length() + 1));
    int last = lines.size() - 1;
    switch (word) {
      case "|" -> lines.set(last, lines.get(last).reading(rest));
      case "except" -> {
        Pattern pattern = Pattern.compile(rest, Pattern.MULTILINE);
        lines.set(last, lines.get(last).comparing(output -> output.without(pattern)));
      }
      case "unordered" -> lines.set(last, lines.get(last).comparing(Output::sorted));
      case "differs" -> lines.set(last, lines.get(last).differing());
      default -> lines.add(new Line(line, step(word, rest, words(line))));
    }
  }

  private static Step step(String word, String rest, List<String> words) {
    return switch (word) {
      case "until" -> new Step.Until(words.get(1), words.subList(2, words.size()));
      case "start" -> new Step.Start(words.get(1), words.subList(2, words.size()));
      case "expect" -> new Step.Expect(words.get(1), afterName(rest));
      case "tell" -> new Step.Tell(words.get(1), afterName(rest));
      case "await" -> new Step.Await(rest);
      case "end" -> new Step.End(rest);
      case "watches" -> new Step.Watches(Integer.parseInt(rest));
      case "second" -> new Step.Second();
      default -> new Step.Run(words, "");
    };
  }

  private static String afterName(String rest) {
    return rest.substring(rest.indexOf(' ') + 1);
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
