package io.balsa.data;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A URL that is nothing but scheme, host and port.
 *
 * @param tls https instead of http
 * @param host a name or an address, lower case, without the brackets of IPv6
 * @param port 1 to 65535
 */
public record Endpoint(boolean tls, String host, int port) {
  /** The rule in words, to stand behind "must be" or "expected". */
  public static final String RULE =
      "http://host:port or https://host:port with nothing behind the port";

  private static final Pattern URL =
      Pattern.compile(
          "(https?)://([a-z0-9._-]{1,253}|\\[[0-9a-f:.]{2,45}\\]):([0-9]{1,5})",
          Pattern.CASE_INSENSITIVE);
  private static final int PORT_MAX = 65_535;

  /** Reads {@code http://host:port}; empty where {@code text} is anything else. */
  public static Optional<Endpoint> parse(String text) {
    Matcher url = URL.matcher(text);
    if (!url.matches()) {
      return Optional.empty();
    }
    boolean tls = url.group(1).equalsIgnoreCase("https");
    String host = url.group(2).toLowerCase(Locale.ROOT);
    int port = Integer.parseInt(url.group(3));
    if (port < 1 || port > PORT_MAX || !isHost(host)) {
      return Optional.empty();
    }
    return Optional.of(
        new Endpoint(
            tls, host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port));
  }

  /** Whether it stands for all addresses of the machine: good to listen on, not to be called. */
  public boolean isWildcard() {
    return host.equals("0.0.0.0") || host.matches("[0:]+");
  }

  @Override
  public String toString() {
    return (tls ? "https://" : "http://")
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + port;
  }

  private static boolean isHost(String host) {
    if (host.startsWith("[")) {
      try {
        return InetAddress.getByName(host).getAddress().length > 4; // Brackets: no name lookup.
      } catch (UnknownHostException e) {
        return false;
      }
    }
    if (host.matches("[0-9.]+")) {
      String[] octets = host.split("\\.", -1);
      return octets.length == 4
          && Arrays.stream(octets)
              .allMatch(octet -> octet.matches("[0-9]{1,3}") && Integer.parseInt(octet) <= 255);
    }
    return true;
  }
}
