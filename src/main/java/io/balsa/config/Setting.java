package io.balsa.config;

import io.balsa.data.Endpoint;
import io.balsa.data.Names;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The text of one setting and where it came from. Reads it as what it should be, or refuses with
 * the rule.
 *
 * @param origin what the operator wrote it as: {@code --name}, {@code BALSA_NAME}, {@code
 *     balsa.yaml:3: name}
 * @param given false for a default
 */
record Setting(String origin, String value, boolean given) {
  private static final int PEM_BYTES_MAX = 1 << 20;
  private static final int PORT_MAX = 65_535;
  private static final int URLS_MAX = 16; // Members tell each other theirs in every handshake.
  private static final Map<String, Long> BYTE_UNITS =
      Map.of("", 1L, "KIB", 1L << 10, "MIB", 1L << 20, "GIB", 1L << 30);
  private static final Map<String, Long> TIME_UNITS =
      Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);

  /** The complaint that this value breaks {@code rule}. */
  BadSettingException refused(String rule) {
    return BadSettingException.of(origin, value, rule);
  }

  /** How a rule of another setting mentions this one. */
  String mention() {
    return origin + " " + BadSettingException.quoted(value);
  }

  /** A whole number within bounds. */
  long number(long min, long max, String unit) throws BadSettingException {
    if (value.matches("[0-9]{1,18}")) {
      long number = Long.parseLong(value);
      if (number >= min && number <= max) {
        return number;
      }
    }
    throw refused("must be a whole number of " + unit + " from " + min + " to " + max);
  }

  /** Bytes, as a plain number or with KiB, MiB or GiB behind it. */
  long bytes(long min, long max) throws BadSettingException {
    String digits = value.replaceFirst("[^0-9].*", "");
    Long unit = BYTE_UNITS.get(value.substring(digits.length()).strip().toUpperCase(Locale.ROOT));
    if (unit != null && digits.matches("[0-9]{1,18}")) {
      long number = Long.parseLong(digits);
      if (number <= max / unit && number * unit >= min) {
        return number * unit;
      }
    }
    throw refused(
        "must be a number of bytes from "
            + min
            + " to "
            + max
            + ", plain or with KiB, MiB or GiB behind it");
  }

  /** Milliseconds, from a duration such as {@code 1m30s} or a plain number of milliseconds. */
  long millis(Duration min, Duration max) throws BadSettingException {
    long millis = durationMillis(1);
    if (millis < min.toMillis() || millis > max.toMillis()) {
      throw refused(
          "must be a duration from "
              + text(min)
              + " to "
              + text(max)
              + " such as 7s or 500ms, or a whole number of milliseconds");
    }
    return millis;
  }

  /**
   * The milliseconds of a duration with units ms, s, m and h, the larger ones first or not; -1
   * where it is none.
   *
   * @param plainMillis what 1 without a unit stands for
   */
  long durationMillis(long plainMillis) {
    if (value.matches("[0-9]{1,9}")) {
      return Long.parseLong(value) * plainMillis;
    }
    if (!value.matches("([0-9]{1,9}(ms|s|m|h))+")) {
      return -1;
    }
    long millis = 0;
    for (String part : value.split("(?<=[a-z])(?=[0-9])")) {
      String digits = part.replaceFirst("[a-z]+", "");
      millis += Long.parseLong(digits) * TIME_UNITS.get(part.substring(digits.length()));
    }
    return millis;
  }

  /** True or false. */
  boolean bool() throws BadSettingException {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw refused("must be true or false");
    };
  }

  /** One of the constants, by name in lower case with dashes. */
  <E extends Enum<E>> E oneOf(Class<E> type) throws BadSettingException {
    for (E constant : type.getEnumConstants()) {
      if (word(constant).equals(value)) {
        return constant;
      }
    }
    throw refused(
        "must be one of "
            + Arrays.stream(type.getEnumConstants())
                .map(Setting::word)
                .collect(Collectors.joining(", ")));
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The number of a port. */
  int port() throws BadSettingException {
    if (value.matches("[0-9]{1,5}")) {
      int port = Integer.parseInt(value);
      if (port >= 1 && port <= PORT_MAX) {
        return port;
      }
    }
    throw refused("must be a port from 1 to " + PORT_MAX);
  }

  /** One or more different names of members, separated by commas. */
  List<String> names() throws BadSettingException {
    List<String> names = new ArrayList<>();
    for (String part : value.split(",", -1)) {
      String name = part.strip();
      if (!Names.isName(name)) {
        throw refused("each name must be " + Names.RULE + ": " + BadSettingException.quoted(name));
      }
      if (names.contains(name)) {
        throw refused("must name each member once: " + name);
      }
      names.add(name);
    }
    return List.copyOf(names);
  }

  /** One or more different {@code host:port}, separated by commas. */
  List<String> hostsAndPorts() throws BadSettingException {
    List<String> hosts = new ArrayList<>();
    for (String part : value.split(",", -1)) {
      String host = part.strip();
      Optional<Endpoint> endpoint = Endpoint.parse("http://" + host);
      if (endpoint.isEmpty()) {
        throw refused(
            "must be host:port for each, separated by commas: " + BadSettingException.quoted(host));
      }
      if (endpoint.get().isWildcard()) {
        throw refused("must name an address that others can call, which " + host + " is not");
      }
      if (hosts.contains(host)) {
        throw refused("must name each once: " + host);
      }
      hosts.add(host);
    }
    return List.copyOf(hosts);
  }

  /** A host name. */
  String host() throws BadSettingException {
    if (!value.matches("[A-Za-z0-9._-]{1,253}")) {
      throw refused("must be a host name");
    }
    return value;
  }

  /** An IP address, IPv6 without brackets. */
  String address() throws BadSettingException {
    boolean literal = value.matches("[0-9.]+") || value.contains(":");
    if (!literal
        || Endpoint.parse("http://" + (value.contains(":") ? "[" + value + "]" : value) + ":1")
            .isEmpty()) {
      throw refused("must be an IP address");
    }
    return value;
  }

  /** A readable file in XML or YAML, by its name. */
  Path xmlOrYaml() throws BadSettingException {
    Path file = path();
    if (!value.matches("(?i).*\\.(xml|ya?ml)") || !Files.isReadable(file)) {
      throw refused("must be a readable file whose name ends in .xml, .yaml or .yml");
    }
    return file;
  }

  /** A name of a member or cluster. */
  String name() throws BadSettingException {
    if (!Names.isName(value)) {
      throw refused("must be " + Names.RULE);
    }
    return value;
  }

  /** One or more different URLs, but not too many, separated by commas. */
  List<Endpoint> endpoints() throws BadSettingException {
    List<Endpoint> endpoints = new ArrayList<>();
    for (String part : value.split(",", -1)) {
      Endpoint endpoint = endpoint(part.strip());
      if (endpoints.contains(endpoint)) {
        throw refused("must name each URL once: " + endpoint);
      }
      endpoints.add(endpoint);
    }
    if (endpoints.size() > URLS_MAX) {
      throw refused("must be at most " + URLS_MAX + " URLs");
    }
    return List.copyOf(endpoints);
  }

  private Endpoint endpoint(String url) throws BadSettingException {
    return Endpoint.parse(url)
        .orElseThrow(
            () ->
                refused(
                    "must be "
                        + Endpoint.RULE
                        + ", separated by commas: "
                        + BadSettingException.quoted(url)));
  }

  /** Members as {@code name=url}, separated by commas, each name and each URL once. */
  Map<String, Endpoint> members() throws BadSettingException {
    Map<String, Endpoint> members = new LinkedHashMap<>();
    for (String part : value.split(",", -1)) {
      String item = part.strip();
      int split = item.indexOf('=');
      String name = split < 0 ? "" : item.substring(0, split);
      if (split < 0) {
        throw refused(
            "must be name=url for each member, separated by commas: "
                + BadSettingException.quoted(item));
      }
      if (!Names.isName(name)) {
        throw refused("each name must be " + Names.RULE + ": " + BadSettingException.quoted(name));
      }
      Endpoint url = endpoint(item.substring(split + 1));
      if (url.isWildcard()) {
        throw refused("must name an address that others can call, which " + url + " is not");
      }
      if (members.containsKey(name)) {
        throw refused("must name each member once: " + name);
      }
      if (members.containsValue(url)) {
        throw refused("must give each URL to one member only: " + url);
      }
      members.put(name, url);
    }
    return members;
  }

  /** A directory that exists and can be written, or that can be made. */
  Path directory() throws BadSettingException {
    Path directory = path();
    Path existing = directory.toAbsolutePath();
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    if (!Files.isDirectory(existing) || !Files.isWritable(existing)) {
      throw refused("must be a directory that can be written, which " + existing + " is not");
    }
    return directory;
  }

  /** A readable file with at least one PEM block whose label ends in {@code label}. */
  Path pem(String label) throws BadSettingException {
    Path file = path();
    try {
      if (Files.isRegularFile(file) && Files.size(file) <= PEM_BYTES_MAX) {
        String content = Files.readString(file, StandardCharsets.ISO_8859_1);
        if (content.contains("-----BEGIN ") && content.contains(label + "-----")) {
          return file;
        }
      }
    } catch (IOException e) {
      // Refused below, like a file that is not there.
    }
    throw refused("must be a readable PEM file with a " + label);
  }

  private Path path() throws BadSettingException {
    if (value.isBlank() || value.indexOf('\uFFFD') >= 0) {
      throw refused("must be a path");
    }
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw refused("must be a path");
    }
  }

  private static String text(Duration duration) {
    return duration.toMillis() % 1_000 == 0
        ? duration.toSeconds() + "s"
        : duration.toMillis() + "ms";
  }
}
