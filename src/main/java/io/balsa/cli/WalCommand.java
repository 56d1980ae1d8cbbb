package io.balsa.cli;

import io.balsa.config.BadSettingException;
import io.balsa.storage.WalInspector;
import io.balsa.storage.WalInspector.Report;
import io.balsa.storage.WalInspector.Verdict;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.LocalFileSystem;
import io.balsa.storage.file.StorageException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads a data directory, of a stopped member or a copy, and never changes it. */
@Command(name = "wal", description = "Explain or check a data directory.")
final class WalCommand implements Runnable {
  private static final String EXIT_CODES =
      "Exit code: 0 all is well, or the log has a torn tail, which the output then says; 1 something"
          + " durable is damaged; 2 the directory could not be read.";

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  @Command(description = "Print what a data directory holds.", footer = EXIT_CODES)
  int inspect(@Parameters(paramLabel = "DIR") Path directory) throws Exception {
    return report(directory, Report::lines);
  }

  @Command(description = "Check every record of a data directory.", footer = EXIT_CODES)
  int verify(@Parameters(paramLabel = "DIR") Path directory) throws Exception {
    return report(directory, Report::findings);
  }

  private int report(Path directory, Function<Report, List<String>> choice)
      throws BadSettingException {
    PrintWriter out = spec.commandLine().getOut();
    if (!Files.isDirectory(directory)) {
      throw BadSettingException.of("DIR", directory.toString(), "must be a data directory");
    }
    try {
      Report report = WalInspector.inspect(new LocalFileSystem(), directory);
      choice.apply(report).forEach(out::println);
      return report.verdict() == Verdict.DAMAGED ? BalsaCommand.FAILED : BalsaCommand.OK;
    } catch (DamagedException e) {
      out.println("damage: " + UsageText.oneLine(e.getMessage()));
      return BalsaCommand.FAILED;
    } catch (StorageException e) {
      throw BadSettingException.of("DIR", directory.toString(), e.getMessage());
    }
  }
}
