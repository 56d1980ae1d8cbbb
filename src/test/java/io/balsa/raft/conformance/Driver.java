package io.balsa.raft.conformance;

import io.balsa.raft.conformance.DataFile.Case;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the cases of one file, in order. */
interface Driver {
  /** The output of the case, with a newline at its end. */
  String run(Case test);

  /**
   * The outputs of all cases of a file.
   *
   * @throws AssertionError with file, line and command where a command cannot be carried out
   */
  default List<String> runAll(Path file, List<Case> cases) throws IOException {
    List<String> outputs = new ArrayList<>();
    for (Case test : cases) {
      try {
        outputs.add(run(test));
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(
            file + ":" + test.line() + ": " + test.text() + ": " + e.getMessage(), e);
      }
    }
    return outputs;
  }
}
