package io.balsa.deploy;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The instructions of a Dockerfile. {@link DockerfileTest} holds the rules for ours. */
public final class Dockerfile {
  private static final Set<String> KEYWORDS =
      Set.of(
          "FROM",
          "ARG",
          "LABEL",
          "COPY",
          "ADD",
          "RUN",
          "ENV",
          "WORKDIR",
          "VOLUME",
          "EXPOSE",
          "USER",
          "STOPSIGNAL",
          "HEALTHCHECK",
          "ENTRYPOINT",
          "CMD");
  private static final Pattern INSTRUCTION =
      Pattern.compile("([A-Z]+)((?:\\s+--[a-z-]+=\\S+)*)\\s+(\\S.*)");
  private static final Pattern OPTION = Pattern.compile("--([a-z-]+)=(\\S+)");
  private static final Pattern PAIR = Pattern.compile("([\\w.]+)=(\"[^\"]*\"|\\S*)\\s*");

  private final List<List<Instruction>> stages = new ArrayList<>();

  /** One instruction, its lines joined. */
  record Instruction(String keyword, Map<String, String> options, String rest) {
    List<String> words() {
      return List.of(rest.split("\\s+"));
    }

    /** The words of a command that no shell reads; empty where a shell would. */
    Optional<List<String>> exec() {
      try {
        return Optional.of(
            new JsonArray(rest.replaceFirst("^CMD\\s+", ""))
                .stream().map(String.class::cast).toList());
      } catch (DecodeException shell) {
        return Optional.empty();
      }
    }

    Map<String, String> pairs() {
      Map<String, String> pairs = new HashMap<>();
      Matcher pair = PAIR.matcher(rest);
      int end = 0;
      while (pair.find() && pair.start() == end) {
        pairs.put(pair.group(1), pair.group(2).replace("\"", ""));
        end = pair.end();
      }
      if (end < rest.length()) {
        throw new AssertionError("not pairs of name and value: " + rest);
      }
      return pairs;
    }
  }

  private Dockerfile() {}

  /**
   * Reads a Dockerfile.
   *
   * @throws AssertionError where a line is none that we use
   */
  public static Dockerfile parse(String text) {
    Dockerfile file = new Dockerfile();
    String lines = text.replaceAll("(?m)^\\s*#.*\\R", "").replaceAll("\\\\\\R\\s*", "");
    lines.lines().filter(line -> !line.isBlank()).forEach(file::add);
    return file;
  }

  private void add(String line) {
    Matcher matcher = INSTRUCTION.matcher(line);
    if (!matcher.matches() || !KEYWORDS.contains(matcher.group(1))) {
      throw new AssertionError("not an instruction: " + line);
    }
    Map<String, String> options = new HashMap<>();
    Matcher option = OPTION.matcher(matcher.group(2));
    while (option.find()) {
      options.put(option.group(1), option.group(2));
    }
    if (matcher.group(1).equals("FROM")) {
      stages.add(new ArrayList<>());
    } else if (stages.isEmpty()) {
      throw new AssertionError("before the first FROM: " + line);
    }
    stages.get(stages.size() - 1).add(new Instruction(matcher.group(1), options, matcher.group(3)));
  }

  /** Each begins with its FROM; the last one is the image. */
  List<List<Instruction>> stages() {
    return stages;
  }

  /** The instructions of this kind, of the image. */
  List<Instruction> all(String keyword) {
    return stages.get(stages.size() - 1).stream()
        .filter(instruction -> instruction.keyword().equals(keyword))
        .toList();
  }

  /** The instruction of this kind that counts: the last one of the image. */
  Instruction last(String keyword) {
    List<Instruction> all = all(keyword);
    if (all.isEmpty()) {
      throw new AssertionError("no " + keyword);
    }
    return all.get(all.size() - 1);
  }

  /** What starts the server: the entry point, then the default arguments. */
  public List<String> command() {
    List<String> command = new ArrayList<>(last("ENTRYPOINT").exec().orElseThrow());
    command.addAll(last("CMD").exec().orElseThrow());
    return command;
  }

  /** What tells whether it is well. */
  public List<String> healthCheck() {
    return last("HEALTHCHECK").exec().orElseThrow();
  }

  /** The variables of the image. */
  public Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    all("ENV").forEach(instruction -> environment.putAll(instruction.pairs()));
    return environment;
  }

  /** Who runs in the image. */
  public long uid() {
    return Long.parseLong(last("USER").rest().split(":")[0]);
  }
}
