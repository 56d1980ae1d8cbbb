package io.balsa.api.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/**
 * Writes a response in parts, no faster than the socket takes them.
 *
 * <p>Counts the bytes that are not taken yet itself: the response's own {@code writeQueueFull}
 * counts messages, and lets sixteen of them wait however long they are.
 */
final class PacedResponse {
  private static final int WAITING_BYTES_MAX = 64 << 10;

  private final HttpServerResponse response;
  private final Runnable step;
  private long waitingBytes;
  private boolean proceeding;

  /**
   * A response to {@code step} by step.
   *
   * @param step writes while {@link #hasRoom}; called again when there is room
   */
  PacedResponse(HttpServerResponse response, Runnable step) {
    this.response = response;
    this.step = step;
  }

  boolean hasRoom() {
    return waitingBytes < WAITING_BYTES_MAX;
  }

  /** Takes the next step, unless one is being taken: a part may be written at once. */
  void proceed() {
    if (!proceeding) {
      proceeding = true;
      try {
        step.run();
      } finally {
        proceeding = false;
      }
    }
  }

  /**
   * Writes a part, then goes on.
   *
   * @param onTaken when the socket has taken it; never, if the connection breaks
   */
  void write(Buffer part, Runnable onTaken) {
    int bytes = part.length();
    waitingBytes += bytes;
    response
        .write(part)
        .onSuccess(
            none -> {
              waitingBytes -= bytes;
              onTaken.run();
              proceed();
            });
  }
}
