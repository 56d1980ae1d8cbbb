package io.balsa.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Many simulations with one seed after the other, for a while. */
final class Campaign {
  private static final int SHORTENING_TRIES_MAX = 60;
  private static final int FAILURES_MAX = 5;
  private static final long REPORT_NANOS = 60_000_000_000L;

  /** A run that failed. */
  record Failure(long seed, Throwable cause, List<Fault> faults) {
    /** What to do about it. */
    String report() {
      StringBuilder text = new StringBuilder();
      text.append("seed %d: %s%n".formatted(seed, cause));
      text.append("repeat: mvn test -Dtest=SimulationTest -Dsim.seed=%d%n".formatted(seed));
      text.append("these faults suffice:");
      faults.forEach(fault -> text.append(' ').append(fault).append(';'));
      return text.toString();
    }
  }

  private final AtomicLong nextSeed;
  private final long startNanos = System.nanoTime();
  private final long endNanos;
  private final Coverage coverage = new Coverage();
  private final List<Failure> failures = new ArrayList<>();
  private long schedules;
  private long events;
  private long simulatedNanos;
  private long reportedNanos = startNanos;

  private Campaign(long firstSeed, long nanos) {
    this.nextSeed = new AtomicLong(firstSeed);
    this.endNanos = startNanos + nanos;
  }

  /** Runs seeds from {@code firstSeed} on for about as long as said. */
  static Campaign run(long firstSeed, long nanos, int threads)
      throws InterruptedException, ExecutionException {
    Campaign campaign = new Campaign(firstSeed, nanos);
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        workers.add(executor.submit(campaign::work));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
    } finally {
      executor.shutdownNow();
    }
    return campaign;
  }

  /** Runs a simulation, and looks for the faults that suffice if it fails. */
  static Optional<Failure> failure(Simulation simulation, long seed, Flaw flaw) {
    return cause(simulation)
        .map(
            cause -> {
              Shortening shortening =
                  new Shortening(
                      faults -> cause(new Simulation(seed, flaw, faults)).isPresent(),
                      SHORTENING_TRIES_MAX);
              return new Failure(seed, cause, shortening.shorten(simulation.plan()));
            });
  }

  /** Runs a simulation; returns why it failed. */
  static Optional<Throwable> cause(Simulation simulation) {
    try {
      simulation.run();
      return Optional.empty();
    } catch (RuntimeException | AssertionError e) {
      return Optional.of(e);
    }
  }

  private void work() {
    while (System.nanoTime() - endNanos < 0 && failures().size() < FAILURES_MAX) {
      long seed = nextSeed.getAndIncrement();
      Simulation simulation = new Simulation(seed, Flaw.NONE, null);
      Optional<Failure> failure = failure(simulation, seed, Flaw.NONE);
      took(simulation, failure);
    }
  }

  private synchronized void took(Simulation simulation, Optional<Failure> failure) {
    schedules++;
    events += simulation.timeline.happened();
    simulatedNanos += simulation.timeline.now();
    coverage.add(simulation.coverage);
    failure.ifPresent(
        failed -> {
          failures.add(failed);
          System.out.println(failed.report());
        });
    if (System.nanoTime() - reportedNanos >= REPORT_NANOS) {
      reportedNanos = System.nanoTime();
      System.out.println(summary());
    }
  }

  synchronized List<Failure> failures() {
    return List.copyOf(failures);
  }

  synchronized Coverage coverage() {
    return coverage;
  }

  /** How much was done. */
  synchronized String summary() {
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    return "%d schedules, %.1f/s; %d events, %.0f/s; %.1f simulated hours; %d failures"
        .formatted(
            schedules,
            schedules / seconds,
            events,
            events / seconds,
            simulatedNanos / 3.6e12,
            failures.size());
  }

  /** What was reached, and how often. */
  synchronized String report() {
    StringBuilder text = new StringBuilder(summary());
    text.append(
        "%nwrites acknowledged %d, reads served %d, requests refused %d, watch events %d%n"
            .formatted(
                coverage.writesAcknowledged,
                coverage.readsServed,
                coverage.refusals,
                coverage.watchEvents));
    text.append("frames sent %d, lost %d%n".formatted(coverage.messages, coverage.messagesLost));
    text.append("faults:");
    coverage.faults().forEach((kind, count) -> text.append(" %s %d".formatted(kind, count)));
    text.append("%nrare states:".formatted());
    for (Rare state : Rare.values()) {
      text.append(" %s %d".formatted(state, coverage.of(state)));
    }
    return text.toString();
  }
}
