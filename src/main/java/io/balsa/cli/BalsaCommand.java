package io.balsa.cli;

import io.balsa.config.BadSettingException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** All commands under one name. */
@Command(
    name = "balsa",
    description = "A strongly consistent replicated key-value store.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Try: balsa dev"})
public final class BalsaCommand implements Callable<Integer> {
  /** Done. */
  static final int OK = 0;

  /** Tried, and failed; standard error says why. */
  static final int FAILED = 1;

  /** Not tried: the command line or a setting breaks a rule. */
  static final int USAGE = 2;

  private static final int USAGE_COLUMNS = 100;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  private boolean help;

  /**
   * Runs the command that the arguments name.
   *
   * @param environment where {@code BALSA_*} settings are looked for
   * @return the exit code
   */
  public static int run(
      String[] arguments, Map<String, String> environment, PrintWriter out, PrintWriter err) {
    return new CommandLine(new BalsaCommand())
        .addSubcommand(ServerCommand.spec(environment))
        .addSubcommand(new DevCommand())
        .addSubcommand(new StatusCommand(environment))
        .addSubcommand(new SnapshotCommand(environment))
        .addSubcommand(new WalCommand())
        .addSubcommand(new MigrationCommands.Import())
        .addSubcommand(new MigrationCommands.Compare())
        .addSubcommand(new VersionCommand())
        .setExpandAtFiles(false) // A value may begin with an @.
        .setUsageHelpWidth(USAGE_COLUMNS)
        .setOut(out)
        .setErr(err)
        .setParameterExceptionHandler((refused, all) -> complain(err, UsageText.of(refused), USAGE))
        .setExecutionExceptionHandler(
            (failure, command, parsed) ->
                failure instanceof BadSettingException
                    ? complain(err, failure.getMessage(), USAGE)
                    : complain(err, reason(failure), FAILED))
        .execute(arguments);
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  private static int complain(PrintWriter err, String line, int exitCode) {
    err.println("balsa: " + UsageText.oneLine(line));
    return exitCode;
  }

  private static String reason(Exception failure) {
    return failure instanceof CommandException ? failure.getMessage() : failure.toString();
  }
}
