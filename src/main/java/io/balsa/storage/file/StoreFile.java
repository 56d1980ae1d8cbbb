package io.balsa.storage.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An open file. One thread at a time. */
public interface StoreFile extends Closeable {
  /** Writes all remaining bytes of {@code source} from {@code position} on. */
  void write(ByteBuffer source, long position) throws IOException;

  /**
   * Reads from {@code position} on until {@code target} is full or the file ends.
   *
   * @return the number of bytes read, 0 at or beyond the end
   */
  int read(ByteBuffer target, long position) throws IOException;

  /**
   * Makes all bytes written so far durable. After a failure they may be lost though a second call
   * succeeds: nobody may rely on them again.
   *
   * @param metadata whether times and the like count too; a grown size always does
   */
  void force(boolean metadata) throws IOException;

  /** The length in bytes. */
  long size() throws IOException;
}
