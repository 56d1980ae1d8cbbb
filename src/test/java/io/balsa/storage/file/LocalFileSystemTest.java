package io.balsa.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFileSystemTest {
  private final LocalFileSystem files = new LocalFileSystem();
  @TempDir Path directory;

  @Test
  void makesDirectoriesForTheirOwnerAlone() throws IOException {
    Path made = directory.resolve("a/b");
    new LocalFileSystem().createDirectories(made);
    assertThat(Files.getPosixFilePermissions(made))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void writesAndReadsAtAnyPosition() throws IOException {
    Path path = directory.resolve("f");
    try (StoreFile file = files.create(path)) {
      file.write(ByteBuffer.wrap("world".getBytes(StandardCharsets.US_ASCII)), 6);
      file.write(ByteBuffer.wrap("hello ".getBytes(StandardCharsets.US_ASCII)), 0);
      file.force(true);
      assertThat(file.size()).isEqualTo(11);
      ByteBuffer target = ByteBuffer.allocate(20);
      assertThat(file.read(target, 3)).isEqualTo(8);
      assertThat(file.read(target, 11)).isZero();
    }
    files.rename(path, directory.resolve("g"));
    files.syncDirectory(directory);
    assertThat(files.list(directory)).containsExactly("g");
    assertThat(files.usableBytes(directory)).isPositive();
  }

  @Test
  void createNeedsAFreeNameAndOpenATakenOne() throws IOException {
    files.create(directory.resolve("f")).close();

    assertThatThrownBy(() -> files.create(directory.resolve("f")))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> files.open(directory.resolve("g")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aLockIsHeldOnceInAProcess() throws IOException {
    Path path = directory.resolve("lock");
    Closeable lock = files.lock(path);

    assertThatThrownBy(() -> files.lock(path)).hasMessage("held by this process");

    lock.close();
    files.lock(path).close();
  }

  @Test
  void aSecondProcessIsToldWhoHoldsTheLock() throws Exception {
    Path path = directory.resolve("lock");
    Closeable lock = files.lock(path);
    // The failed attempt in this process must not have let go of the lock.
    assertThatThrownBy(() -> files.lock(path)).isInstanceOf(IOException.class);

    assertThat(lockInAnotherProcess(path))
        .isEqualTo("held by process " + ProcessHandle.current().pid());
    lock.close();
    assertThat(lockInAnotherProcess(path)).isEqualTo("locked");
  }

  private static String lockInAnotherProcess(Path path) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Locker.class.getName(),
                path.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return said.strip();
  }

  /** Tries to lock the file that is its argument, and says how that went. */
  static final class Locker {
    private Locker() {}

    public static void main(String[] args) {
      try (Closeable lock = new LocalFileSystem().lock(Path.of(args[0]))) {
        System.out.println(lock == null ? "" : "locked");
      } catch (IOException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
