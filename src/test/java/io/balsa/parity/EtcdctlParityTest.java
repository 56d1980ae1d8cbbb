package io.balsa.parity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.opentest4j.TestAbortedException;

/**
 * Each command of a script is run by the real etcdctl against both, side by side. A command waits
 * for most of its time; so the scripts are run at once. Others are in {@link
 * EtcdctlSlowParityTest}.
 */
class EtcdctlParityTest {
  private static final List<String> SCRIPTS = List.of("hold", "watch", "lease");

  private static final ExecutorService THREADS = Executors.newFixedThreadPool(SCRIPTS.size());
  private static final Map<String, Future<Comparison>> COMPARISONS = new LinkedHashMap<>();

  @BeforeAll
  static void begin() {
    for (String script : SCRIPTS) {
      COMPARISONS.put(script, THREADS.submit(() -> Comparison.of(script)));
    }
  }

  @AfterAll
  static void end() {
    THREADS.shutdownNow();
  }

  /**
   * All of a script, on new servers.
   *
   * @param commands at least so many
   * @param failing at least so many of them
   */
  @ParameterizedTest
  @CsvSource({"lease, 45, 15", "watch, 45, 25", "hold, 50, 20"})
  void theOutputsAreEqual(String script, int commands, int failing) throws Exception {
    Comparison comparison = comparison(script);
    assertThat(comparison.commands()).isGreaterThanOrEqualTo(commands);
    assertThat(comparison.failed()).isGreaterThanOrEqualTo(failing);
  }

  private static Comparison comparison(String script) throws Exception {
    try {
      return COMPARISONS.get(script).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TestAbortedException skipped) {
        throw skipped;
      }
      throw new AssertionError(script + ": " + e.getCause().getMessage(), e.getCause());
    }
  }
}
