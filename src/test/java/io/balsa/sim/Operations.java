package io.balsa.sim;

import io.balsa.data.Bytes;
import java.nio.ByteBuffer;

/** The values that clients write: each holds the id of its operation, so that no two are equal. */
final class Operations {
  private static final int VALUE_BYTES = 24;

  private long last;

  /** The id of a new operation, from 1. */
  long next() {
    return ++last;
  }

  static Bytes value(long id) {
    return Bytes.wrap(ByteBuffer.allocate(VALUE_BYTES).putLong(id).array());
  }

  static long idOf(Bytes value) {
    return ByteBuffer.wrap(value.toArray()).getLong();
  }
}
