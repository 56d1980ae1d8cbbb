package io.balsa.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Signed tokens, by which users prove who they are.
 *
 * @param method RS, PS, ES or HS, and 256, 384 or 512
 * @param publicKey of all methods but HS
 * @param privateKey may be missing where tokens are only checked, but not of HS
 * @param ttl how long a token lives
 */
public record AuthToken(
    String method, Optional<Path> publicKey, Optional<Path> privateKey, Duration ttl) {
  private static final String RULE =
      "must be simple, or jwt with sign-method=, pub-key= and priv-key= (files), and ttl=,"
          + " separated by commas";
  private static final Duration TTL = Duration.ofMinutes(5); // As etcd.

  /** What a setting says; empty for simple tokens, which the members remember. */
  static Optional<AuthToken> of(Setting setting) throws BadSettingException {
    String[] parts = setting.value().split(",", -1);
    if (setting.value().equals("simple")) {
      return Optional.empty();
    }
    Map<String, String> options = new TreeMap<>();
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      if (equals < 0
          || !parts[i].matches("(sign-method|pub-key|priv-key|ttl)=.+")
          || options.put(parts[i].substring(0, equals), parts[i].substring(equals + 1)) != null) {
        throw setting.refused(RULE);
      }
    }
    String method = options.getOrDefault("sign-method", "");
    if (!parts[0].equals("jwt") || !method.matches("(RS|PS|ES|HS)(256|384|512)")) {
      throw setting.refused(RULE + "; sign-method is one of RS, PS, ES, HS with 256, 384 or 512");
    }
    if (!options.containsKey(method.startsWith("HS") ? "priv-key" : "pub-key")) {
      throw setting.refused(RULE + "; pub-key is needed, and with HS priv-key");
    }
    return Optional.of(
        new AuthToken(
            method,
            file(setting, options.get("pub-key")),
            file(setting, options.get("priv-key")),
            ttl(setting, options.get("ttl"))));
  }

  private static Optional<Path> file(Setting setting, String name) throws BadSettingException {
    try {
      if (name == null) {
        return Optional.empty();
      }
      if (Files.isReadable(Path.of(name)) && Files.isRegularFile(Path.of(name))) {
        return Optional.of(Path.of(name));
      }
    } catch (InvalidPathException e) {
      // Refused below.
    }
    throw setting.refused("must name readable files: " + name);
  }

  private static Duration ttl(Setting setting, String text) throws BadSettingException {
    return text == null
        ? TTL
        : Duration.ofMillis(
            new Setting(setting.origin() + " ttl", text, true)
                .millis(Duration.ofSeconds(1), Duration.ofDays(3_660)));
  }
}
