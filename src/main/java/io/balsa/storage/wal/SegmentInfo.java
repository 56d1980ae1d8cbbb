package io.balsa.storage.wal;

/**
 * What is in one segment.
 *
 * @param name the file's name
 * @param sequence counts segments from 1
 * @param bytesUsed where its records end
 * @param bytesAllocated the length of the file
 * @param records how many records there are, the head included
 * @param entries how many entries were written, replaced ones included
 * @param firstIndex the lowest index of an entry, 0 without entries
 * @param lastIndex the highest index of an entry, 0 without entries
 * @param firstTerm the lowest term of an entry, 0 without entries
 * @param lastTerm the highest term of an entry, 0 without entries
 */
public record SegmentInfo(
    String name,
    long sequence,
    long bytesUsed,
    long bytesAllocated,
    long records,
    long entries,
    long firstIndex,
    long lastIndex,
    long firstTerm,
    long lastTerm) {
  @Override
  public String toString() {
    String indices =
        entries == 0
            ? "no entries"
            : "entries=%d index=%d..%d term=%d..%d"
                .formatted(entries, firstIndex, lastIndex, firstTerm, lastTerm);
    return "%s bytes=%d/%d records=%d %s"
        .formatted(name, bytesUsed, bytesAllocated, records, indices);
  }
}
