package io.balsa.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A file system of its own in memory, which can be filled and freed. Needs root and Linux. */
final class SmallDisk implements AutoCloseable {
  private static final int BLOCK_BYTES = 1 << 16;

  private final Path directory;

  private SmallDisk(Path directory) {
    this.directory = directory;
  }

  /** Mounts it there; empty where the machine does not allow it. */
  static Optional<SmallDisk> mount(Path directory, int megabytes) {
    try {
      Files.createDirectories(directory);
      Command.run(
          List.of(
              "mount",
              "-t",
              "tmpfs",
              "-o",
              "size=" + megabytes + "m",
              "balsa-test",
              directory.toString()));
      return Optional.of(new SmallDisk(directory));
    } catch (IOException e) {
      System.out.println("no disk of our own, so none fills: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** Takes all space that is left. */
  void fill() {
    byte[] block = new byte[BLOCK_BYTES];
    try (OutputStream out = Files.newOutputStream(ballast())) {
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      // As intended: this is how the end of the space is found.
    }
  }

  /** Gives back what {@link #fill} took. */
  void free() {
    try {
      Files.deleteIfExists(ballast());
    } catch (IOException e) {
      throw new AssertionError("deleting " + ballast(), e);
    }
  }

  private Path ballast() {
    return directory.resolve("ballast");
  }

  /** Unmounts it; its content is lost, and the processes on it must have ended. */
  @Override
  public void close() throws IOException {
    Command.run(List.of("umount", directory.toString()));
  }
}
