package io.balsa.deploy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a query of Prometheus refers to. Knows as much of the language as our queries use.
 *
 * @param selectors the series that it selects
 * @param labels by which it groups or joins
 */
public record PromQuery(String text, List<Selector> selectors, List<String> labels) {
  private static final Set<String> FUNCTIONS =
      Set.of(
          "sum",
          "count",
          "min",
          "max",
          "rate",
          "increase",
          "scalar",
          "min_over_time",
          "histogram_quantile");
  private static final Set<String> GROUPINGS = Set.of("by", "on", "group_right");

  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(?:(?<word>[A-Za-z_:][\\w:]*)|(?<string>\"[^\"\\\\]*\")|(?<range>\\[[^\\]]*\\])"
              + "|(?<sign>[(){},])|(?<operator>=~|!~|!=|<=|>=|==|[=<>+*/-])"
              + "|(?<number>\\d+(?:\\.\\d+)?))\\s*");
  private static final Pattern RANGE = Pattern.compile("\\[(\\d+[smhd]|\\$__rate_interval)]");

  /** Series of one metric. */
  public record Selector(String metric, List<Condition> conditions) {}

  /** What a label must be. */
  public record Condition(String label, String operator, String value) {
    /** Whether a series with this value is selected. */
    boolean accepts(String found) {
      return switch (operator) {
        case "=" -> found.equals(value);
        case "!=" -> !found.equals(value);
        case "=~" -> found.matches(value);
        case "!~" -> !found.matches(value);
        default -> throw new AssertionError("no operator for labels: " + operator);
      };
    }
  }

  /**
   * Reads a query.
   *
   * @throws AssertionError where it is not one
   */
  public static PromQuery of(String text) {
    return new Parser(text).parse();
  }

  private static final class Parser {
    private final String text;
    private final List<String> tokens = new ArrayList<>();
    private final List<Selector> selectors = new ArrayList<>();
    private final List<String> labels = new ArrayList<>();
    private int next;

    Parser(String text) {
      this.text = text;
      Matcher matcher = TOKEN.matcher(text);
      int end = 0;
      while (end < text.length()) {
        if (!matcher.find(end) || matcher.start() != end) {
          throw new AssertionError("cannot read " + text.substring(end) + " in " + text);
        }
        tokens.add(matcher.group().strip());
        end = matcher.end();
      }
    }

    PromQuery parse() {
      Deque<String> open = new ArrayDeque<>();
      while (next < tokens.size()) {
        String token = tokens.get(next++);
        if (token.equals("(")) {
          open.push(token);
        } else if (token.equals(")")) {
          check(!open.isEmpty(), "a bracket is closed that was not opened");
          open.pop();
        } else if (token.startsWith("[")) {
          check(RANGE.matcher(token).matches(), "no range: " + token);
        } else if (GROUPINGS.contains(token)) {
          labels.addAll(labelList());
        } else if (FUNCTIONS.contains(token)) {
          check(peek().equals("(") || GROUPINGS.contains(peek()), "no arguments of " + token);
        } else if (Character.isLetter(token.charAt(0))) {
          check(!peek().equals("("), "unknown function " + token);
          selectors.add(new Selector(token, conditions()));
        } else {
          check(!token.equals("{") && !token.equals("}"), "braces without a metric");
        }
      }
      check(open.isEmpty(), "a bracket is not closed");
      check(!selectors.isEmpty(), "no metric");
      return new PromQuery(text, List.copyOf(selectors), List.copyOf(labels));
    }

    private List<String> labelList() {
      List<String> list = new ArrayList<>();
      expect("(");
      while (!peek().equals(")")) {
        list.add(take());
        check(peek().equals(",") || peek().equals(")"), "no list of labels");
        if (peek().equals(",")) {
          next++;
        }
      }
      next++;
      return list;
    }

    private List<Condition> conditions() {
      List<Condition> list = new ArrayList<>();
      if (!peek().equals("{")) {
        return list;
      }
      next++;
      while (!peek().equals("}")) {
        String label = take();
        String operator = take();
        String value = take();
        check(value.startsWith("\""), "no text to compare a label with: " + value);
        list.add(new Condition(label, operator, value.substring(1, value.length() - 1)));
        check(peek().equals(",") || peek().equals("}"), "no list of conditions");
        if (peek().equals(",")) {
          next++;
        }
      }
      next++;
      return list;
    }

    private String peek() {
      return next < tokens.size() ? tokens.get(next) : "";
    }

    private String take() {
      check(next < tokens.size(), "ends too early");
      return tokens.get(next++);
    }

    private void expect(String token) {
      check(take().equals(token), "no " + token + " where one must be");
    }

    private void check(boolean condition, String complaint) {
      if (!condition) {
        throw new AssertionError(complaint + ": " + text);
      }
    }
  }
}
