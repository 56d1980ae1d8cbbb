package io.balsa.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files under test. */
public final class DeployFiles {
  private static final Path ROOT = Path.of("deploy").toAbsolutePath();

  private DeployFiles() {}

  /** A file or folder in {@code deploy/}. */
  public static Path path(String name) {
    return ROOT.resolve(name);
  }

  /** All of a file in {@code deploy/}. */
  public static String text(String name) {
    return read(path(name));
  }

  /** All files in {@code deploy/} whose names end so. */
  static List<Path> endingWith(String end) {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.toString().endsWith(end))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new AssertionError("listing " + ROOT, e);
    }
  }

  /** The version that is being built. */
  static String version() {
    Matcher version =
        Pattern.compile("<artifactId>balsa</artifactId>\\s*<version>([^<]+)</version>")
            .matcher(read(Path.of("pom.xml")));
    if (!version.find()) {
      throw new AssertionError("no version in pom.xml");
    }
    return version.group(1);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError("reading " + file, e);
    }
  }
}
