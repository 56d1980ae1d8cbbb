package io.balsa.storage.wal;

import io.balsa.data.ByteReader;
import io.balsa.data.MalformedException;
import io.balsa.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.OptionalLong;

/** Reads the frames of one segment in order, and says why it went no further. One thread only. */
final class SegmentReader {
  /** Why a frame is not valid. */
  record Problem(String what, String detail) {
    static final Problem NONE = new Problem("", "");

    /** The whole sentence, with the place. */
    String at(String name, long position) {
      String place = "wal: %s in %s at byte %d".formatted(what, name, position);
      return detail.isEmpty() ? place : place + ": " + detail;
    }

    @Override
    public String toString() {
      return detail.isEmpty() ? what : what + ": " + detail;
    }
  }

  private static final int WINDOW_BYTES = 1 << 20;

  private final StoreFile file;
  private final long sequence;
  private final long size;
  private final Frame.Checksums checksums = new Frame.Checksums();
  private ByteBuffer window;
  private long windowStart;
  private long position;
  private int chain;
  private Problem problem = Problem.NONE;

  SegmentReader(StoreFile file, long sequence) throws IOException {
    this.file = file;
    this.sequence = sequence;
    this.size = file.size();
    this.window = buffer((int) Math.min(WINDOW_BYTES, Math.max(size, Frame.HEADER_BYTES)));
    window.limit(0);
  }

  /** Where the next frame begins, or would begin. */
  long position() {
    return position;
  }

  /** The checksum of the last frame read. */
  int chain() {
    return chain;
  }

  /** The length of the file in bytes. */
  long size() {
    return size;
  }

  /** Why {@link #next} found no frame; none where the header is blank as behind the last frame. */
  Problem problem() {
    return problem;
  }

  /**
   * The next frame if it is valid, otherwise null; its record is {@link #record}. What the first
   * frame follows is not checked.
   */
  Frame next() throws IOException {
    if (!load(position, Frame.HEADER_BYTES)) {
      problem = position == size ? Problem.NONE : cutOff(size - position, Frame.HEADER_BYTES);
      return null;
    }
    int offset = (int) (position - windowStart);
    Frame frame = Frame.read(window, offset);
    int headerCrc = checksums.ofHeader(sequence, position, window, offset);
    if (frame.headerCrc() != headerCrc || frame.bodyBytes() <= 0) {
      boolean blank = frame.equals(new Frame(0, 0, 0, 0, 0, 0));
      problem = blank ? Problem.NONE : mismatch(headerCrc, frame.headerCrc());
      return null;
    }
    if (position + frame.size() > size || !load(position, (int) frame.size())) {
      problem = cutOff(size - position, frame.size());
      return null;
    }
    offset = (int) (position - windowStart);
    int crc = checksums.ofFrame(window, offset, (int) frame.size() - Frame.HEADER_BYTES);
    if (frame.crc() != crc) {
      problem = mismatch(crc, frame.crc());
      return null;
    }
    if (position > 0 && frame.previousCrc() != chain) {
      problem = brokenChain(chain, frame.previousCrc());
      return null;
    }
    position += frame.size();
    chain = crc;
    return frame;
  }

  /** The record of the frame that {@link #next} has just returned. */
  Record record(Frame frame) throws MalformedException {
    int offset = (int) (position - frame.size() - windowStart) + Frame.HEADER_BYTES;
    return Record.read(frame.kind(), new ByteReader(window.array(), offset, frame.bodyBytes()));
  }

  /** Where the last byte that is not zero ends, at or after {@link #position}. */
  long dataEnd() throws IOException {
    long end = position;
    for (long at = position; at < size; at += window.limit()) {
      fill(at);
      if (!isZero()) {
        int bytes = window.limit();
        while (window.get(bytes - 1) == 0) {
          bytes--;
        }
        end = at + bytes;
      }
    }
    return end;
  }

  // As most of a young segment is.
  private boolean isZero() {
    byte[] bytes = window.array();
    int last = window.limit() - 1;
    return bytes[0] == 0 && Arrays.equals(bytes, 0, last, bytes, 1, last + 1);
  }

  /**
   * A frame behind {@link #position} that was written when the bytes there were known to be forced.
   * Its header is proof enough: losing durable entries is worse than refusing to start.
   */
  OptionalLong voucher() throws IOException {
    for (long at = position + Frame.ALIGNMENT_BYTES;
        load(at, Frame.HEADER_BYTES);
        at += Frame.ALIGNMENT_BYTES) {
      int offset = (int) (at - windowStart);
      if (window.getInt(offset) == 0) {
        continue;
      }
      Frame frame = Frame.read(window, offset);
      if (frame.forcedBytes() > position
          && frame.forcedBytes() <= at
          && frame.headerCrc() == checksums.ofHeader(sequence, at, window, offset)) {
        return OptionalLong.of(at);
      }
    }
    return OptionalLong.empty();
  }

  /** A frame that is valid, but behind another frame. */
  static Problem brokenChain(int expected, int found) {
    return new Problem(
        "record that does not follow the one before it",
        "expected its checksum %08x, found %08x".formatted(expected, found));
  }

  private static Problem mismatch(int expected, int found) {
    return new Problem("checksum mismatch", "expected %08x, found %08x".formatted(expected, found));
  }

  private static Problem cutOff(long found, long expected) {
    return new Problem(
        "record cut off by the end of the file",
        "expected %d bytes, found %d".formatted(expected, found));
  }

  /** Brings these bytes into the window, if the file has them. */
  private boolean load(long from, int bytes) throws IOException {
    if (from + bytes > size) {
      return false;
    }
    if (from < windowStart || from + bytes > windowStart + window.limit()) {
      if (bytes > window.capacity()) {
        window = buffer(bytes);
      }
      fill(from);
    }
    return window.limit() >= bytes;
  }

  private void fill(long from) throws IOException {
    window.clear();
    windowStart = from;
    if (file.read(window, from) == 0) {
      throw new IOException("file became shorter while it was read: " + from + " of " + size);
    }
    window.flip();
  }

  private static ByteBuffer buffer(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }
}
