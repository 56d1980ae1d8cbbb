package io.balsa.raft.message;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import java.util.List;

/**
 * One entry of the replicated log.
 *
 * @param term 0 while the entry is a proposal
 * @param index 0 while the entry is a proposal
 */
public record Entry(long term, long index, EntryType type, Bytes data) {
  /** What an entry costs on disk and wire beside its data, in bytes: a round upper bound. */
  public static final int OVERHEAD_BYTES = 24;

  /** A proposal: an entry that no leader has given a place. */
  public static Entry proposal(EntryType type, Bytes data) {
    return new Entry(0, 0, type, data);
  }

  /** Term and index together. */
  public EntryId id() {
    return new EntryId(term, index);
  }

  /** Place and type; of the data only its size, but a configuration change in full. */
  @Override
  public String toString() {
    String place = index == 0 ? "proposed" : id().toString();
    return place
        + " "
        + type
        + (type == EntryType.NORMAL ? " " + bytes(data) : " (" + change() + ")");
  }

  /** Entries in a row: the first, the last and their sizes together; changes in full. */
  public static String describe(List<Entry> entries) {
    if (entries.size() < 2) {
      return entries.isEmpty() ? "no entries" : entries.get(0).toString();
    }
    StringBuilder text = new StringBuilder().append(entries.size()).append(" entries");
    Entry last = entries.get(entries.size() - 1);
    if (last.index() != 0) {
      text.append(' ').append(entries.get(0).id()).append(" to ").append(last.id());
    }
    text.append(' ').append(Entries.dataBytes(entries)).append(" bytes");
    entries.stream()
        .filter(entry -> entry.type() != EntryType.NORMAL)
        .forEach(entry -> text.append(" with ").append(entry));
    return text.toString();
  }

  private static String bytes(Bytes data) {
    return data.length() + " bytes";
  }

  private String change() {
    try {
      return ConfChange.decode(data).toString();
    } catch (MalformedException e) {
      return "malformed, " + bytes(data);
    }
  }

  /** The size that all limits in bytes count. */
  public long encodedBytes() {
    return OVERHEAD_BYTES + (long) data.length();
  }
}
