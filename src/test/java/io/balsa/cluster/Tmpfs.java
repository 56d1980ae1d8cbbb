package io.balsa.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A small disk in memory, mounted where a server will keep its data; needs root. */
final class Tmpfs implements AutoCloseable {
  private final Path directory;

  private Tmpfs(Path directory) {
    this.directory = directory;
  }

  /** Mounts it; where that is not allowed the test is skipped. */
  static Tmpfs mount(Path directory, long bytes) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new AssertionError("making " + directory, e);
    }
    String refusal =
        run("mount", "-t", "tmpfs", "-o", "size=" + bytes, "balsa-test", directory.toString());
    assumeTrue(refusal.isEmpty(), () -> "cannot mount a tmpfs: " + refusal);
    return new Tmpfs(directory);
  }

  /** Fills it up but for {@code leaveBytes}. */
  void fill(long leaveBytes) {
    try (RandomAccessFile file = new RandomAccessFile(filler().toFile(), "rw")) {
      byte[] block = new byte[64 << 10];
      while (directory.toFile().getUsableSpace() >= leaveBytes + block.length) {
        file.write(block);
      }
    } catch (IOException e) {
      throw new AssertionError("filling " + directory, e);
    }
  }

  /** Gives back what {@link #fill} took. */
  void free() {
    try {
      Files.deleteIfExists(filler());
    } catch (IOException e) {
      throw new AssertionError("freeing " + directory, e);
    }
  }

  private Path filler() {
    return directory.resolve("filler");
  }

  @Override
  public void close() {
    String failure = run("umount", directory.toString());
    if (!failure.isEmpty()) {
      throw new AssertionError("unmounting " + directory + ": " + failure);
    }
  }

  /** What the command says where it fails, else nothing. */
  private static String run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return "still runs after 10 s: " + String.join(" ", command);
      }
      return process.exitValue() == 0 ? "" : said + " (exit code " + process.exitValue() + ")";
    } catch (IOException e) {
      return e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }
}
