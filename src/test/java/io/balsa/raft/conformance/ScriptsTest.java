package io.balsa.raft.conformance;

import io.balsa.raft.conformance.DataFile.Case;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Each of our own scripts is one test. With {@code -Dscripts.rewrite=true} the outputs are written
 * into the files instead, to be read line by line before they are believed.
 */
class ScriptsTest {
  private static final Path FOLDER =
      Path.of("src/test/resources/io/balsa/raft/scripts").toAbsolutePath();

  @TestFactory
  Stream<DynamicTest> scripts() throws IOException {
    if (Boolean.getBoolean("scripts.rewrite")) {
      for (Path file : FileTests.files(FOLDER)) {
        List<Case> cases = DataFile.read(file);
        DataFile.rewrite(file, cases, new InteractionDriver(1).runAll(file, cases));
      }
    }
    return FileTests.of(FOLDER, "", InteractionDriver::new);
  }
}
