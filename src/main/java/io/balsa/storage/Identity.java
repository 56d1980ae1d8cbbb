package io.balsa.storage;

import io.balsa.data.Checks;
import io.balsa.data.Names;
import java.nio.charset.StandardCharsets;

/**
 * Whose data a directory holds.
 *
 * @param name as the operator calls the member, by the rule of {@link Names}
 */
public record Identity(long clusterId, long memberId, String name) {
  private static final int FORMAT_VERSION = 1;

  public Identity {
    Checks.argument(
        Names.isName(name),
        "storage: a member's name must be %s: %s",
        Names.RULE,
        name.replaceAll("\\p{Cntrl}", "?"));
  }

  /** The identity file: lines for people, and a checksum that covers them. */
  byte[] encode() {
    String lines =
        "balsa %d%ncluster %016x%nmember %016x%nname %s%n"
            .formatted(FORMAT_VERSION, clusterId, memberId, name)
            .replace(System.lineSeparator(), "\n");
    return (lines + NoteFile.checksum(lines) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  static Identity decode(byte[] file) {
    String text = new String(file, StandardCharsets.UTF_8);
    String[] lines = text.split("\n", -1);
    Checks.argument(lines.length == 6 && lines[5].isEmpty(), "expected 5 lines");
    String version = value(lines[0], "balsa ");
    Checks.argument(
        version.equals(String.valueOf(FORMAT_VERSION)),
        "format version %s, this release reads %d",
        version,
        FORMAT_VERSION);
    String found = value(lines[4], "checksum ");
    String covered = text.substring(0, text.lastIndexOf("checksum "));
    String expected = value(NoteFile.checksum(covered), "checksum ");
    Checks.argument(
        found.equals(expected), "checksum mismatch: expected %s, found %s", expected, found);
    return new Identity(
        Long.parseUnsignedLong(value(lines[1], "cluster "), 16),
        Long.parseUnsignedLong(value(lines[2], "member "), 16),
        value(lines[3], "name "));
  }

  private static String value(String line, String key) {
    Checks.argument(line.startsWith(key), "expected a line that starts with %s", key.strip());
    return line.substring(key.length());
  }

  @Override
  public String toString() {
    return "member %x (%s) of cluster %x".formatted(memberId, name, clusterId);
  }
}
