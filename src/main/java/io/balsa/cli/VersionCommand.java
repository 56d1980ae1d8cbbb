package io.balsa.cli;

import io.balsa.data.Version;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints which Balsa this is, and on which Java. */
@Command(name = "version", description = "Print the version.")
final class VersionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().getOut().println("balsa " + Version.TEXT + ", Java " + Runtime.version());
    return BalsaCommand.OK;
  }
}
