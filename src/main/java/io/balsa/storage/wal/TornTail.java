package io.balsa.storage.wal;

/**
 * The end of a write that a crash interrupted before anyone was told of it.
 *
 * @param segment the file's name
 * @param offset where valid records end
 * @param bytes how many bytes of the write were there
 * @param reason what was wrong at {@code offset}
 */
public record TornTail(String segment, long offset, long bytes, String reason) {
  @Override
  public String toString() {
    return "torn tail in %s at byte %d: %d bytes of an unfinished write (%s)"
        .formatted(segment, offset, bytes, reason);
  }
}
