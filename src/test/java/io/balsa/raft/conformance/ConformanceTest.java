package io.balsa.raft.conformance;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Each file of the conformance folder is one test. */
@Tag("conformance")
class ConformanceTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("conformance.dir", "../shared/conformance")).toAbsolutePath();

  @TestFactory
  Stream<DynamicTest> interaction() throws IOException {
    return files("interaction", InteractionDriver::new);
  }

  @TestFactory
  Stream<DynamicTest> quorum() throws IOException {
    return files("quorum", seed -> new QuorumDriver());
  }

  @TestFactory
  Stream<DynamicTest> confchange() throws IOException {
    return files("confchange", seed -> new ConfChangeDriver());
  }

  private static Stream<DynamicTest> files(String name, LongFunction<Driver> drivers)
      throws IOException {
    return FileTests.of(
        FOLDER.resolve(name).normalize(), "; -Dconformance.dir= names another folder", drivers);
  }
}
