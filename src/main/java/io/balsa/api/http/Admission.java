package io.balsa.api.http;

import io.balsa.api.Problem;
import io.balsa.api.ProblemException;

/**
 * How much one event loop takes on at a time: requests, bytes of bodies, and watches. What does not
 * fit is refused at once, so that overload is seen early and memory stays bounded.
 */
final class Admission {
  private final int requestsMax;
  private final long heldBytesMax;
  private final int watchesMax;
  private int requests;
  private long heldBytes;
  private int watches;

  Admission(int requestsMax, long heldBytesMax, int watchesMax) {
    this.requestsMax = requestsMax;
    this.heldBytesMax = heldBytesMax;
    this.watchesMax = watchesMax;
  }

  void enterRequest() {
    if (requests >= requestsMax) {
      throw new ProblemException(
          Problem.tooManyRequests(
              requests + " requests are in flight, the limit is " + requestsMax));
    }
    requests++;
  }

  void leaveRequest() {
    requests--;
  }

  /** Makes room for a body, or a part of one, of a request or an answer. */
  void hold(long bytes) {
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

  void release(long bytes) {
    heldBytes -= bytes;
  }

  void enterWatch() {
    if (watches >= watchesMax) {
      throw new ProblemException(
          Problem.tooManyRequests(watches + " watches are open, the limit is " + watchesMax));
    }
    watches++;
  }

  void leaveWatch() {
    watches--;
  }
}
