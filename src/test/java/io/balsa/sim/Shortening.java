package io.balsa.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Finds a short list of faults that still leads to a failure: delta debugging. */
final class Shortening {
  private final Predicate<List<Fault>> fails;
  private int triesLeft;

  /**
   * @param fails whether a run with just these faults fails
   * @param triesMax how many runs it may take
   */
  Shortening(Predicate<List<Fault>> fails, int triesMax) {
    this.fails = fails;
    this.triesLeft = triesMax;
  }

  /** Leaves out what is not needed, larger parts first. */
  List<Fault> shorten(List<Fault> plan) {
    List<Fault> kept = plan;
    for (int size = Math.max(1, kept.size() / 2); size > 0; size /= 2) {
      for (int from = 0; from < kept.size() && triesLeft > 0; ) {
        List<Fault> less = new ArrayList<>(kept);
        less.subList(from, Math.min(from + size, less.size())).clear();
        triesLeft--;
        if (fails.test(less)) {
          kept = less;
        } else {
          from += size;
        }
      }
    }
    return kept;
  }
}
