package io.balsa.cli;

import io.balsa.config.Flag;
import io.balsa.config.ServerConfig;
import io.balsa.config.Settings;
import io.balsa.data.Version;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** Runs one member; its flags are the constants of {@link Flag}. */
@Command(
    name = "server",
    description = "Run one member of a cluster.",
    abbreviateSynopsis = true,
    sortOptions = false,
    footer = {
      "",
      "Each flag is also an environment variable (--data-dir: BALSA_DATA_DIR) and a key of the",
      "YAML file that --config-file names (data-dir). Flags win over variables, and variables over",
      "the file."
    })
final class ServerCommand implements Callable<Integer> {
  private final Map<String, String> environment;

  @Spec private CommandSpec spec;

  private ServerCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  /** The command with all of its flags. */
  static CommandSpec spec(Map<String, String> environment) {
    CommandSpec spec = CommandSpec.forAnnotatedObject(new ServerCommand(environment));
    for (Flag flag : Flag.values()) {
      spec.addOption(
          OptionSpec.builder(flag.option())
              .type(String.class)
              .arity(flag.isSwitch() ? "0..1" : "1")
              .fallbackValue("true")
              .paramLabel(flag.placeholder())
              .description(
                  flag.help() + flag.standard().map(value -> " (" + value + ")").orElse("") + ".")
              .build());
    }
    return spec;
  }

  @Override
  public Integer call() throws Exception {
    Settings settings = Settings.of(flags(), environment);
    ServerConfig config = ServerConfig.of(settings);
    Logger log = Launch.logger(config.logLevel());
    settings
        .unknownVariables()
        .forEach(name -> log.warn("unknown environment variable name={}", name));
    log.info(
        "starting version={} name={} dataDir={} listenClientUrls={} listenPeerUrls={}",
        Version.TEXT,
        config.name(),
        config.dataDir(),
        config.listenClientUrls(),
        config.listenPeerUrls());
    return Launch.run(
        List.of(config),
        log,
        spec.commandLine().getErr(),
        () -> log.info("serving clientUrls={}", config.listenClientUrls()));
  }

  private Map<Flag, String> flags() {
    ParseResult parsed = spec.commandLine().getParseResult();
    Map<Flag, String> flags = new EnumMap<>(Flag.class);
    for (Flag flag : Flag.values()) {
      String value = parsed.matchedOptionValue(flag.option(), null);
      if (value != null) {
        if (flag.isSwitch() && value.startsWith("--")) {
          // The parser takes an unknown flag behind a bare switch for the value of the switch.
          throw new ParameterException(spec.commandLine(), UsageText.unmatched(spec, value));
        }
        flags.put(flag, value);
      }
    }
    return flags;
  }
}
