package io.balsa.parity;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names by which a script speaks of what one server gives and no other: ids, ports, a
 * directory. A command says {@code $lease1}; in an answer it becomes {@code LEASE1}. Ids are learnt
 * from the answers, in the order in which they come. Any thread.
 */
final class Names {
  /** A decimal or a hexadecimal number, in the answers' own words. */
  private record Source(String kind, int radix, Pattern pattern) {
    Source(String kind, int radix, String pattern) {
      this(kind, radix, Pattern.compile(pattern, Pattern.MULTILINE));
    }
  }

  private record Mask(Pattern pattern, String instead) {
    Mask(String pattern, String instead) {
      this(Pattern.compile(pattern, Pattern.MULTILINE), instead);
    }
  }

  /** Where ids stand; an id has the kind by which it is seen first. */
  private static final List<Source> SOURCES =
      List.of(
          new Source("cluster", 10, "\"(?:cluster_id\":|ClusterID\" : )([0-9]+)"),
          new Source("member", 10, "\"(?:member_id\":|MemberID\" : )([0-9]+)"),
          new Source("member", 16, "^([0-9a-f]{10,16}), (?:un)?started,"),
          new Source("member", 16, "^Member +([0-9a-f]{10,16}) "),
          new Source("member", 16, "^[^ ,]+:[0-9]+, ([0-9a-f]{10,16}), 3\\."),
          new Source("cluster", 16, " (?:in|to|from) cluster +([0-9a-f]{10,16})$"),
          new Source("lease", 16, "^lease ([0-9a-f]{10,16}) granted"),
          new Source("lease", 16, "^[a-z]+/([0-9a-f]{10,16})$"),
          new Source("lease", 10, "\"(?:ID|id|Lease|lease)\" ?: ?([0-9]{10,20})"));

  /** What differs from run to run besides, and what stands for it. */
  private static final List<Mask> MASKS =
      List.of(
          new Mask("\"(ts|took|size)\":(?:\"[^\"]*\"|[0-9.]+)", "\"$1\":VARIES"),
          new Mask("client-[0-9a-f-]{36}", "client-ID"),
          new Mask("(\"(?:raft_term\":|RaftTerm\" : ))[0-9]+", "$1TERM"),
          new Mask("^20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d+", "TIME"),
          new Mask("\\d+\\.\\d+[^ \"\\d]{0,2}s\\b", "TIME"),
          new Mask("0xc[0-9a-f]{9}", "ADDRESS"), // In a panic of etcdctl itself.
          new Mask("(\"ttl\":|\"TTL\" : )[1-9][0-9]*", "$1TIME"),
          new Mask("remaining\\(\\d+s\\)", "remaining(TIME)"),
          // An id with a zero in front is padded with spaces.
          new Mask(" +(?=(?:MEMBER|CLUSTER|LEASE)\\d)", " "),
          new Mask("\"attempt\":\\d+", "\"attempt\":N"),
          // How often depends on the time.
          new Mask("^(.*(?:keepalived with|retrying of) .*\n)\\1+", "$1"),
          // The columns of a table are as wide as what stands in them.
          new Mask("-{2,}\\+", "-+"),
          new Mask(" {2,}(?=[^ |\n][^|\n]*\\|)", " "),
          new Mask(" {2,}\\|", " |"));

  private final Map<String, String> values = new LinkedHashMap<>();

  /** Gives a name to a value. */
  synchronized void put(String name, Object value) {
    values.put(name, value.toString());
  }

  /** A text of a script, with the values in the place of their names. */
  synchronized String filled(String text) {
    String filled = text;
    for (String name : longestFirst()) {
      filled = filled.replace("$" + name, values.get(name));
    }
    return filled;
  }

  /** An answer, with names in the place of their values, and without what no script can name. */
  synchronized String masked(String text) {
    learn(text);
    String masked = text;
    for (Map.Entry<String, String> each : values.entrySet()) {
      String name = each.getKey().toUpperCase();
      if (isId(each.getKey())) {
        long id = Long.parseUnsignedLong(each.getValue(), 16);
        masked = replaced(masked, "%016x".formatted(id), name);
        masked = replaced(masked, Long.toUnsignedString(id), name);
      }
      masked = replaced(masked, each.getValue(), name);
    }
    for (Mask mask : MASKS) {
      masked = mask.pattern().matcher(masked).replaceAll(mask.instead());
    }
    return masked;
  }

  /** Not within a longer word: a port may be a part of an id. */
  private static String replaced(String text, String value, String name) {
    return text.replaceAll("(?<!\\w)" + Pattern.quote(value) + "(?!\\w)", name);
  }

  private void learn(String text) {
    for (Source source : SOURCES) {
      Matcher found = source.pattern().matcher(text);
      while (found.find()) {
        long number = Long.parseUnsignedLong(found.group(1), source.radix());
        String id = Long.toHexString(number);
        if (number != 0 && !values.containsValue(id)) {
          long known =
              values.keySet().stream().filter(name -> name.startsWith(source.kind())).count();
          values.put(source.kind() + (known + 1), id);
        }
      }
    }
  }

  private static boolean isId(String name) {
    return SOURCES.stream().anyMatch(source -> name.matches(source.kind() + "\\d+"));
  }

  /** So that {@code $lease12} is not taken for {@code $lease1}. */
  private List<String> longestFirst() {
    List<String> names = new ArrayList<>(values.keySet());
    names.sort(Comparator.comparingInt(String::length).reversed());
    return names;
  }
}
