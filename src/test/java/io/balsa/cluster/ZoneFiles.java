package io.balsa.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The time zone database of the machine: real binary files under real names. */
final class ZoneFiles {
  private static final Path ROOT = Path.of("/usr/share/zoneinfo");

  private ZoneFiles() {}

  /**
   * Every file by its path below the root; links are followed. The test is skipped where the Debian
   * package {@code tzdata} is missing.
   */
  static SortedMap<String, byte[]> read() throws IOException {
    assumeTrue(Files.isDirectory(ROOT), "no " + ROOT + ": install tzdata");
    SortedMap<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(ROOT, FileVisitOption.FOLLOW_LINKS)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        files.put(ROOT.relativize(path).toString(), Files.readAllBytes(path));
      }
    }
    return files;
  }
}
