package io.balsa.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/** The log files of a server that is not running, as far as a vandal needs to know them. */
record WalFiles(Path dataDirectory) {
  /** The segment with the last record: of those that are not all zeros the last by name. */
  Path lastSegment() throws IOException {
    Path last = null;
    try (Stream<Path> files = Files.list(dataDirectory.resolve("member").resolve("wal"))) {
      for (Path file : files.sorted().toList()) {
        if (usedBytes(file) > 0) {
          last = file;
        }
      }
    }
    if (last == null) {
      throw new AssertionError("no log under " + dataDirectory);
    }
    return last;
  }

  /** Where the zeros begin that fill a segment up. */
  static int usedBytes(Path segment) throws IOException {
    byte[] bytes = Files.readAllBytes(segment);
    int used = bytes.length;
    while (used > 0 && bytes[used - 1] == 0) {
      used--;
    }
    return used;
  }

  /** Where the last record begins behind which the log says that it was forced. */
  static int lastForcedRecord(Path segment) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(segment)).order(ByteOrder.LITTLE_ENDIAN);
    int found = 0;
    int previous = 0;
    for (int at = 0; bytes.getInt(at) != 0; at += 24 + (bytes.getInt(at) + 7 & ~7)) {
      if (bytes.getInt(at + 4) == 4) {
        found = previous;
      }
      previous = at;
    }
    return found;
  }

  /** Inverts one byte. */
  static void flip(Path file, int position) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, position);
      one.put(0, (byte) ~one.get(0)).rewind();
      channel.write(one, position);
    }
  }

  /** Cuts a file, as a crash does before its length is on the disk. */
  static void cut(Path file, int length) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(length);
    }
  }
}
