package io.balsa.fuzz;

import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Function;

/**
 * Gives a decoder hostile inputs and holds it to its contract: each input becomes a value, which
 * comes back equal when it is encoded and decoded again, or ends in the one exception that the
 * decoder documents, with a message. Neither takes memory or processor time out of proportion to
 * the length of the input.
 *
 * @param <T> what is decoded; compared by {@code equals}
 */
public final class Fuzzer<T> {
  /** Reads one input. */
  public interface Decoder<T> {
    /** The value, or an exception. */
    T decode(byte[] input) throws Exception;
  }

  private static final int INPUTS = 20_000;
  private static final int WARM_UP_SAMPLES = 300;
  private static final int SHOWN_BYTES_MAX = 2_000;
  private static final int SHRINK_STEPS_MAX = 2_000;
  private static final long CPU_NANOS_BASE = 200_000_000;
  private static final long CPU_NANOS_PER_BYTE = 5_000;
  private static final long HANG_NANOS = SECONDS.toNanos(10);
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Class<?> test;
  private final String name;
  private final Decoder<T> decoder;
  private final Class<? extends Exception> refusal;
  private Function<T, byte[]> encoder;
  private Function<Random, byte[]> samples = random -> new byte[0];
  private List<String> words = List.of();
  private long allocationBase = 64 << 10;
  private long allocationPerByte = 100;
  private int inputs = INPUTS;

  private final long seed = Long.getLong("seed", new Random().nextInt(1_000_000));
  private volatile long tried;
  private volatile byte[] current = {};
  private volatile AssertionError failure;
  private Throwable lastThrown;
  private long accepted;
  private double allocatedPerByteMost;
  private long cpuNanosMost;

  /**
   * @param test where {@code decoder} is fuzzed, for the command that repeats it
   * @param refusal the only exception that {@code decoder} may throw
   */
  public Fuzzer(
      Class<?> test, String name, Class<? extends Exception> refusal, Decoder<T> decoder) {
    this.test = test;
    this.name = name;
    this.refusal = refusal;
    this.decoder = decoder;
  }

  /** Draws valid inputs to begin with. */
  public Fuzzer<T> samples(Function<Random, byte[]> samples) {
    this.samples = samples;
    return this;
  }

  /** Pieces that mean something in the format. */
  public Fuzzer<T> words(String... words) {
    this.words = List.of(words);
    return this;
  }

  /** What is decoded comes back equal when it is encoded so. */
  public Fuzzer<T> encodedBy(Function<T, byte[]> encoder) {
    this.encoder = encoder;
    return this;
  }

  /** Bytes that decoding may allocate: {@code base}, and {@code perByte} for each of the input. */
  public Fuzzer<T> allocates(long base, long perByte) {
    this.allocationBase = base;
    this.allocationPerByte = perByte;
    return this;
  }

  /** How many inputs make the slice of the normal build. */
  public Fuzzer<T> inputs(int inputs) {
    this.inputs = inputs;
    return this;
  }

  /**
   * Runs the slice, or as many minutes as {@code -Dfuzz.minutes=} says, and prints the tally.
   *
   * @throws AssertionError with the input, made smaller, and the command that repeats it
   */
  public void run() {
    Thread thread = new Thread(this::guarded, "fuzz " + name);
    thread.setDaemon(true); // One that hangs must not outlive the tests.
    thread.start();
    watch(thread);
    if (failure != null) {
      throw failure;
    }
    System.out.printf(
        Locale.ROOT,
        "fuzz %s: %d inputs, %d accepted, %d refused; at most %.0f bytes allocated per byte, %.1f ms"
            + " of CPU; %s%n",
        name,
        tried,
        accepted,
        tried - accepted,
        allocatedPerByteMost,
        cpuNanosMost / 1e6,
        way());
    if (accepted == 0 || accepted == tried) {
      throw new AssertionError(name + ": not fuzzed, accepted " + accepted + " of " + tried);
    }
  }

  /** Waits for the end; a decoder that burns processor time on one input hangs. */
  private void watch(Thread thread) {
    long triedBefore = -1;
    long cpuBefore = 0;
    try {
      while (true) {
        thread.join(SECONDS.toMillis(1));
        long cpu = THREADS.getThreadCpuTime(thread.getId());
        if (!thread.isAlive()) {
          return;
        }
        if (tried != triedBefore) {
          triedBefore = tried;
          cpuBefore = cpu;
        } else if (cpu - cpuBefore > HANG_NANOS) {
          throw new AssertionError(
              name + ": hangs on input " + tried + " " + shown(current) + "; " + way());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void guarded() {
    try {
      fuzz();
    } catch (AssertionError e) {
      failure = e;
    } catch (Throwable e) {
      failure = new AssertionError(name + ": the fuzzer failed; " + way(), e);
    }
  }

  private void fuzz() {
    Random random = new Random(seed);
    Mutator mutator = new Mutator(random, samples, words);
    for (int i = 0; i < WARM_UP_SAMPLES; i++) {
      byte[] sample = samples.apply(random);
      current = sample;
      String fault = fault(sample, false);
      if (fault != null) {
        throw new AssertionError(name + ": sample " + shown(sample) + " " + fault + "; " + way());
      }
      mutator.keep(sample);
    }
    String minutes = System.getProperty("fuzz.minutes");
    long deadline =
        System.nanoTime()
            + (minutes == null ? 0 : (long) (Double.parseDouble(minutes) * MINUTES.toNanos(1)));
    while (minutes == null ? tried < inputs : System.nanoTime() < deadline) {
      byte[] input = mutator.next();
      current = input;
      long acceptedBefore = accepted;
      String fault = fault(input, true);
      if (fault != null) {
        throw failed(input, fault);
      }
      if (accepted > acceptedBefore) {
        mutator.keep(input);
      }
      tried++;
    }
  }

  /** Tells the smallest input that has the fault; it may depend on what came before. */
  private AssertionError failed(byte[] input, String fault) {
    Throwable thrown = lastThrown;
    byte[] small = shrink(input);
    String again = fault(small, false);
    if (again != null) {
      thrown = lastThrown;
    }
    return new AssertionError(
        "%s: input %d %s %s; %s"
            .formatted(name, tried, shown(small), again == null ? fault : again, way()),
        thrown);
  }

  /** What is wrong with the way the decoder takes {@code input}, null for nothing. */
  private String fault(byte[] input, boolean counts) {
    String fault = null;
    for (int attempt = 0; attempt < 2; attempt++) { // The first may link code: twice is a fault.
      long allocatedBefore = THREADS.getCurrentThreadAllocatedBytes();
      long cpuBefore = THREADS.getCurrentThreadCpuTime();
      T value = null;
      Throwable thrown = null;
      try {
        value = decoder.decode(input);
      } catch (Throwable e) {
        thrown = e;
      }
      long cpu = THREADS.getCurrentThreadCpuTime() - cpuBefore;
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - allocatedBefore;
      lastThrown = thrown;
      fault = costFault(input.length, allocated, cpu);
      if (fault == null) {
        if (counts) {
          accepted += thrown == null ? 1 : 0;
          cpuNanosMost = Math.max(cpuNanosMost, cpu);
          allocatedPerByteMost =
              Math.max(allocatedPerByteMost, (double) allocated / Math.max(1_000, input.length));
        }
        return thrown == null ? comesBack(value) : judge(thrown);
      }
    }
    return fault;
  }

  private String costFault(int length, long allocated, long cpuNanos) {
    long allocatedMax = allocationBase + allocationPerByte * length;
    if (allocated > allocatedMax) {
      return "of %d bytes allocates %d bytes, at most %d are in proportion"
          .formatted(length, allocated, allocatedMax);
    }
    long cpuMax = CPU_NANOS_BASE + CPU_NANOS_PER_BYTE * length;
    return cpuNanos > cpuMax
        ? "of %d bytes takes %d ns of CPU, at most %d are in proportion"
            .formatted(length, cpuNanos, cpuMax)
        : null;
  }

  private String judge(Throwable thrown) {
    if (!refusal.isInstance(thrown)) {
      return "ends in " + thrown + " at " + place(thrown);
    }
    return thrown.getMessage() == null || thrown.getMessage().isBlank()
        ? "is refused without a message by " + thrown
        : null;
  }

  private String comesBack(T value) {
    if (encoder == null) {
      return null;
    }
    try {
      T again = decoder.decode(encoder.apply(value));
      return value.equals(again) ? null : "becomes " + value + " and comes back as " + again;
    } catch (Throwable e) {
      return "becomes " + value + " and does not come back: " + e + " at " + place(e);
    }
  }

  private static String place(Throwable thrown) {
    return Arrays.stream(thrown.getStackTrace()).limit(4).toList().toString();
  }

  /** Leaves out of an input that has a fault what it does not need for it. */
  private byte[] shrink(byte[] input) {
    byte[] small = input;
    int steps = 0;
    for (int part = Math.max(1, small.length / 2); part > 0; part /= 2) {
      for (int at = 0; at + part <= small.length && steps < SHRINK_STEPS_MAX; steps++) {
        byte[] smaller = new byte[small.length - part];
        System.arraycopy(small, 0, smaller, 0, at);
        System.arraycopy(small, at + part, smaller, at, smaller.length - at);
        if (fault(smaller, false) != null) {
          small = smaller;
        } else {
          at += part;
        }
      }
    }
    return small;
  }

  private static String shown(byte[] input) {
    String hex =
        HexFormat.of().formatHex(input, 0, Math.min(input.length, SHOWN_BYTES_MAX))
            + (input.length > SHOWN_BYTES_MAX ? "..." : "");
    return "0x" + hex + " (" + input.length + " bytes)";
  }

  private String way() {
    return "seed %d; repeat: mvn test -Dtest=%s -Dseed=%d"
        .formatted(seed, test.getSimpleName(), seed);
  }
}
