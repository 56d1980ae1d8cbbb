package io.balsa.deploy;

import io.balsa.config.BadSettingException;
import io.balsa.config.Flag;
import io.balsa.config.ServerConfig;
import io.balsa.config.Settings;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What the server makes of a command line and variables in a file of {@code deploy/}. */
final class ServerFlags {
  /** The default of --hazelcast-port. */
  static final String HAZELCAST_PORT = Flag.HAZELCAST_PORT.standard().orElseThrow();

  private ServerFlags() {}

  /**
   * The configuration of a member.
   *
   * @param arguments the word server, then flags, each with its value behind a sign of equality
   * @param environment all of its variables
   * @throws AssertionError if the server would not start with them, or would warn of them
   */
  static ServerConfig config(List<String> arguments, Map<String, String> environment) {
    if (arguments.isEmpty() || !arguments.get(0).equals("server")) {
      throw new AssertionError("not the command server: " + arguments);
    }
    Map<Flag, String> flags = new EnumMap<>(Flag.class);
    for (String argument : arguments.subList(1, arguments.size())) {
      int equals = argument.indexOf('=');
      if (!argument.startsWith("--") || equals < 0) {
        throw new AssertionError("not a flag with its value: " + argument);
      }
      String key = argument.substring(2, equals);
      if (flags.put(flag(key), argument.substring(equals + 1)) != null) {
        throw new AssertionError("given twice: " + argument);
      }
    }
    try {
      Settings settings = Settings.of(flags, environment);
      if (!settings.unknownVariables().isEmpty()) {
        throw new AssertionError("unknown variables: " + settings.unknownVariables());
      }
      return ServerConfig.of(settings);
    } catch (BadSettingException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  private static Flag flag(String key) {
    return Flag.ofKey(key).orElseThrow(() -> new AssertionError("unknown flag: --" + key));
  }
}
