package io.balsa.api;

/**
 * How much one API, or one event loop of it, takes on at a time: requests, bytes of bodies, and
 * watches. What does not fit is refused at once, so that overload is seen early and memory stays
 * bounded. A refusal is a {@link ProblemException}.
 */
public final class Admission {
  private static final long WINDOW_BYTES_MIN = 8 << 10;
  private static final int WINDOW_SHARE = 8;

  private final int requestsMax;
  private final long heldBytesMax;
  private final int watchesMax;
  private int requests;
  private long heldBytes;
  private long slowBytes; // Of those held.
  private int watches;
  private long windowBytes; // Lent.

  /** With nothing taken on. */
  public Admission(int requestsMax, long heldBytesMax, int watchesMax) {
    this.requestsMax = requestsMax;
    this.heldBytesMax = heldBytesMax;
    this.watchesMax = watchesMax;
  }

  /** Makes room for a request. */
  public void enterRequest() {
    if (requests >= requestsMax) {
      throw new ProblemException(
          Problem.tooManyRequests(
              requests + " requests are in flight, the limit is " + requestsMax));
    }
    requests++;
  }

  /** A request is answered. */
  public void leaveRequest() {
    requests--;
  }

  /** Makes room for a body, or a part of one, of a request or an answer. */
  public void hold(long bytes) {
    if (heldBytes + bytes > heldBytesMax) {
      throw new ProblemException(
          Problem.tooManyRequests(
              heldBytes
                  + " bytes of bodies are in flight, the limit is "
                  + heldBytesMax
                  + ", wanted "
                  + bytes));
    }
    heldBytes += bytes;
  }

  /** Gives back what was held. */
  public void release(long bytes) {
    heldBytes -= bytes;
  }

  /**
   * As {@link #hold}, for what a client may take its time over: a body that is on its way, an
   * answer that waits to be read. Half of all there is, at most, so that slow clients cannot keep
   * out those who are done at once.
   */
  public void holdSlow(long bytes) {
    long slowBytesMax = heldBytesMax / 2;
    if (slowBytes + bytes > slowBytesMax) {
      throw new ProblemException(
          Problem.tooManyRequests(
              slowBytes
                  + " bytes of bodies are on their way, the limit is "
                  + slowBytesMax
                  + ", wanted "
                  + bytes));
    }
    hold(bytes);
    slowBytes += bytes;
  }

  /** What was held for a slow client stays held, but no more on its account. */
  public void settleSlow(long bytes) {
    slowBytes -= bytes;
  }

  /** Makes room for a watch. */
  public void enterWatch() {
    if (watches >= watchesMax) {
      throw new ProblemException(
          Problem.tooManyRequests(watches + " watches are open, the limit is " + watchesMax));
    }
    watches++;
  }

  /** A watch is over. */
  public void leaveWatch() {
    watches--;
  }

  /**
   * Says how much may wait for one watch: a little in any case, the more the less the others have.
   * In all that is at most {@link #windowBytesMax}, and half of it is there for those little parts.
   *
   * @return {@code wantedBytes} at most; to be given back by {@link #returnWindow}
   */
  public long lendWindow(long wantedBytes) {
    long spare = Math.max(0, windowBytesMax() / 2 - windowBytes);
    long lent = Math.min(wantedBytes, WINDOW_BYTES_MIN + spare / WINDOW_SHARE);
    windowBytes += lent;
    return lent;
  }

  /** Nothing waits for a watch any more. */
  public void returnWindow(long bytes) {
    windowBytes -= bytes;
  }

  /** How much may wait for all watches. */
  public long windowBytesMax() {
    return 2 * WINDOW_BYTES_MIN * watchesMax;
  }
}
