package io.balsa.api.etcd;

import io.vertx.core.buffer.Buffer;

/** Bytes that come in pieces and are read from the front. A single piece is not copied. */
final class InBytes {
  private Buffer bytes = Buffer.buffer();
  private int read;
  private boolean own;

  void add(Buffer piece) {
    if (length() == 0) {
      bytes = piece;
      read = 0;
      own = false;
      return;
    }
    if (read > 0
        || !own) { // What is read does not stay: the next piece may end in mid-message too.
      bytes = Buffer.buffer(bytes.getBytes(read, bytes.length()));
      read = 0;
      own = true;
    }
    bytes.appendBuffer(piece);
  }

  /** How many are not read. */
  int length() {
    return bytes.length() - read;
  }

  /** The byte at an index, from the first that is not read. */
  byte at(int index) {
    return bytes.getByte(read + index);
  }

  /** Four bytes from an index on, as a number without sign. */
  long numberAt(int index) {
    return bytes.getUnsignedInt(read + index);
  }

  /** Reads as many bytes as that. */
  byte[] take(int count) {
    byte[] taken = bytes.getBytes(read, read + count);
    skip(count);
    return taken;
  }

  /** Passes over as many bytes as that. */
  void skip(int count) {
    read += count;
    if (length() == 0) {
      bytes = Buffer.buffer(); // What is read is not kept from being freed.
      read = 0;
      own = false;
    }
  }
}
