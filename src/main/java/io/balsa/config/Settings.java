package io.balsa.config;

import io.balsa.data.Endpoint;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** All settings as text, each from the first of flags, environment, YAML file, defaults. */
public final class Settings {
  private final Map<Flag, Setting> given = new EnumMap<>(Flag.class);
  private final List<String> unknownVariables;

  private Settings(List<String> unknownVariables) {
    this.unknownVariables = unknownVariables;
  }

  /**
   * Puts the sources over each other and reads the file that {@link Flag#CONFIG_FILE} names.
   *
   * @param flags from the command line
   * @param environment all of it; variables that are empty count as absent
   */
  public static Settings of(Map<Flag, String> flags, Map<String, String> environment)
      throws BadSettingException {
    Settings settings =
        new Settings(
            new TreeMap<>(environment)
                .keySet().stream()
                    .filter(Flag::claims)
                    .filter(name -> variables().noneMatch(name::equals))
                    .toList());
    for (Flag flag : Flag.values()) {
      String variable = environment.getOrDefault(flag.variable(), "");
      if (flags.containsKey(flag)) {
        settings.given.put(flag, new Setting(flag.option(), flags.get(flag), true));
      } else if (!variable.isEmpty()) {
        settings.given.put(flag, new Setting(flag.variable(), variable, true));
      }
    }
    Setting file = settings.given.get(Flag.CONFIG_FILE);
    if (file != null) {
      YamlFile.read(file).forEach(settings.given::putIfAbsent);
    }
    return settings;
  }

  /** The settings of an embedded member, which has nothing but its options. */
  public static Settings embedded(Map<Flag, String> options) {
    Settings settings = new Settings(List.of());
    options.forEach(
        (flag, value) -> settings.given.put(flag, new Setting(flag.property(), value, true)));
    return settings;
  }

  /**
   * Reads URLs that are given for something else than a setting, by the same rule.
   *
   * @param origin what a complaint should name
   */
  public static List<Endpoint> endpoints(String origin, String text) throws BadSettingException {
    return new Setting(origin, text, true).endpoints();
  }

  /** Variables that begin as ours do but are no setting, in alphabetical order. */
  public List<String> unknownVariables() {
    return unknownVariables;
  }

  /** The setting, or its default. */
  Setting get(Flag flag) {
    return find(flag)
        .orElseThrow(() -> new IllegalArgumentException(flag + " has no default of its own"));
  }

  /** The setting, or its default where it has one of its own. */
  Optional<Setting> find(Flag flag) {
    return Optional.ofNullable(given.get(flag))
        .or(() -> flag.standard().map(value -> new Setting(flag.option(), value, false)));
  }

  private static Stream<String> variables() {
    return Stream.of(Flag.values()).map(Flag::variable);
  }
}
