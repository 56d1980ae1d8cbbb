package io.balsa.sim;

/** The clocks of one member: a monotonic one with a rate of its own, and a wall that may be off. */
final class SimClock {
  private final Timeline timeline;
  private double rate = 1;
  private long sinceTime;
  private long sinceNanos;
  private long wallOffsetMillis;

  SimClock(Timeline timeline, long firstNanos) {
    this.timeline = timeline;
    this.sinceNanos = firstNanos;
  }

  /** The monotonic clock. */
  long nanos() {
    return sinceNanos + (long) ((timeline.now() - sinceTime) * rate);
  }

  /** How long it really takes until the clock has moved on by {@code nanos}. */
  long really(long nanos) {
    return (long) (nanos / rate);
  }

  void setRate(double newRate) {
    sinceNanos = nanos();
    sinceTime = timeline.now();
    rate = newRate;
  }

  long wallMillis() {
    return 1_700_000_000_000L + nanos() / Timeline.MILLIS + wallOffsetMillis;
  }

  void jumpWall(long millis) {
    wallOffsetMillis += millis;
  }
}
