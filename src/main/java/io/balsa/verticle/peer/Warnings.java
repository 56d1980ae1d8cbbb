package io.balsa.verticle.peer;

import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;

/**
 * Logs each text once at WARN and its repetitions at DEBUG: a misconfigured peer tries again for
 * hours. Remembers a bounded number of texts, for strangers choose some of them.
 */
final class Warnings {
  private static final int TEXTS_MAX = 256;

  private final Logger log;
  private final Map<String, Boolean> seen =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > TEXTS_MAX;
        }
      };

  Warnings(Logger log) {
    this.log = log;
  }

  void warn(String text) {
    if (seen.put(text, true) == null) {
      log.warn("{}", text);
    } else {
      log.debug("{}", text);
    }
  }

  /** What was wrong is over: should it come again it is news. */
  void forget(String text) {
    seen.remove(text);
  }
}
