package io.balsa.cli;

import io.balsa.config.BadSettingException;
import io.balsa.config.Flag;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one line what is wrong with a command line that could not be parsed. */
final class UsageText {
  private UsageText() {}

  static String of(ParameterException refused) {
    CommandSpec command = refused.getCommandLine().getCommandSpec();
    if (refused instanceof UnmatchedArgumentException unmatched) {
      return unmatched(command, unmatched.getUnmatched().get(0));
    }
    if (refused instanceof MissingParameterException missing && !missing.getMissing().isEmpty()) {
      ArgSpec argument = missing.getMissing().get(0);
      return argument instanceof OptionSpec option
          ? option.longestName() + ": needs a value"
          : argument.paramLabel() + ": is missing, see " + command.qualifiedName() + " --help";
    }
    if (refused instanceof OverwrittenOptionException twice
        && twice.getOverwritten() instanceof OptionSpec option) {
      return option.longestName() + ": must be given once";
    }
    if (!command.subcommands().isEmpty()) {
      return "a command is missing, one of: "
          + command.subcommands().values().stream()
              .map(each -> each.getCommandSpec().qualifiedName())
              .collect(Collectors.joining(", "));
    }
    return refused.getMessage();
  }

  /** {@code word} is an option that {@code command} does not have, or a word too many. */
  static String unmatched(CommandSpec command, String word) {
    if (!word.startsWith("-")) {
      return unknown(
          BadSettingException.quoted(word),
          command.subcommands().isEmpty() ? "unexpected word" : "unknown command",
          word,
          List.copyOf(command.subcommands().keySet()),
          command);
    }
    String[] parts = word.split("=", 2);
    String flag = parts[0];
    String shown = parts.length > 1 ? flag + " " + BadSettingException.quoted(parts[1]) : flag;
    CommandLine server = command.subcommands().get("server");
    if (server != null && server.getCommandSpec().findOption(flag) != null) {
      return shown + ": is a flag of the server: " + command.name() + " server " + flag;
    }
    List<String> flags = new ArrayList<>();
    command.options().forEach(option -> flags.add(option.longestName()));
    return unknown(shown, "unknown flag", "--" + flag.replaceFirst("^-+", ""), flags, command);
  }

  private static String unknown(
      String shown, String complaint, String word, List<String> candidates, CommandSpec command) {
    return shown
        + ": "
        + complaint
        + Flag.nearest(word, candidates)
            .map(nearest -> ", did you mean " + nearest + "?")
            .orElse(", see " + command.qualifiedName() + " --help");
  }

  /** {@code text} with line breaks and other control characters turned into spaces. */
  static String oneLine(String text) {
    return text.replaceAll("[\\p{Cntrl}\\u0085\\u2028\\u2029]+", " ");
  }
}
