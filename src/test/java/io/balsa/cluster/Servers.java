package io.balsa.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives a test its directory and its servers, and ends them with it. In a static field the servers
 * live as long as the test class. The data of a test that failed is kept for a look, until it runs
 * again; logs are always kept.
 */
final class Servers
    implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback {
  private final List<AutoCloseable> open = new ArrayList<>();
  private Path directory;
  private boolean shared;
  private boolean failed;

  @Override
  public void beforeAll(ExtensionContext context) {
    shared = true;
    directory = Path.of("target", "cluster", context.getRequiredTestClass().getSimpleName());
    deleteAll(directory);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (!shared) {
      directory =
          Path.of(
              "target",
              "cluster",
              context.getRequiredTestClass().getSimpleName(),
              context.getRequiredTestMethod().getName());
      deleteAll(directory);
    }
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    failed |= context.getExecutionException().isPresent();
    if (!shared) {
      closeAll();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    if (shared) {
      closeAll();
    }
  }

  /** Files of this test go here. */
  Path directory() {
    return directory.toAbsolutePath();
  }

  /** A started cluster whose members are ready. */
  TestCluster cluster(int size, String... options) {
    return cluster(size, List.of(), options);
  }

  /** A started cluster whose members are ready. */
  TestCluster cluster(int size, List<String> jvmOptions, String... options) {
    TestCluster cluster =
        closeLater(TestCluster.prepare(size, directory(), jvmOptions, List.of(options)));
    cluster.start();
    return cluster;
  }

  /** Closes {@code resource} after the test, before those given earlier. */
  <T extends AutoCloseable> T closeLater(T resource) {
    open.add(0, resource);
    return resource;
  }

  private void closeAll() throws Exception {
    Exception failure = null;
    for (AutoCloseable resource : open) {
      try {
        resource.close();
      } catch (Exception e) {
        failure = e;
      }
    }
    open.clear();
    if (failure != null) {
      throw failure;
    }
    if (!failed && Files.exists(directory)) {
      deleteData(directory);
    }
  }

  private static void deleteData(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path data : files.filter(Servers::isDataDirectory).toList()) {
        deleteAll(data);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isDataDirectory(Path path) {
    return Files.isDirectory(path.resolve("member"));
  }

  /** Deletes a directory with all that is in it, if there is one. */
  static void deleteAll(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Copies a directory with all that is in it, over what is there. */
  static void copyAll(Path from, Path to) {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
