package io.balsa.storage.wal;

import io.balsa.data.MalformedException;
import io.balsa.raft.message.Entry;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.FileSystem;
import io.balsa.storage.file.StoreFile;
import io.balsa.storage.wal.SegmentReader.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads all segments of a log and decides, where reading stops, whether that is the end, a torn
 * write or rot. Changes nothing.
 */
final class WalReader {
  /**
   * What was found.
   *
   * @param replay what the records up to the stop add up to
   * @param chain the checksum of the last valid record
   * @param provenBytes how much of the last segment is known to be on the disk; the rest may be in
   *     the memory of the machine only
   * @param damage why the log must not be used as it is
   */
  record Contents(
      List<SegmentInfo> segments,
      LogReplay replay,
      int chain,
      long provenBytes,
      Optional<LogOwner> owner,
      Optional<TornTail> tornTail,
      Optional<DamagedException> damage) {
    Contents withDamage(Optional<DamagedException> found) {
      return new Contents(segments, replay, chain, provenBytes, owner, tornTail, found);
    }
  }

  private final FileSystem files;
  private final Path directory;
  private final long fromSequence;
  private final LogReplay replay;
  private final List<SegmentInfo> segments = new ArrayList<>();
  private long provenBytes;
  private End previous = new End("", 0, Problem.NONE, 0);
  private Optional<LogOwner> owner = Optional.empty();
  private Optional<TornTail> tornTail = Optional.empty();

  private WalReader(FileSystem files, Path directory, long fromSequence, LogReplay replay) {
    this.files = files;
    this.directory = directory;
    this.fromSequence = fromSequence;
    this.replay = replay;
  }

  /**
   * Reads the log in {@code directory} into a fresh {@code replay}.
   *
   * @param fromSequence segments before it are left out, as if they had been released
   */
  static Contents read(FileSystem files, Path directory, long fromSequence, LogReplay replay)
      throws IOException {
    return new WalReader(files, directory, fromSequence, replay).read();
  }

  /** The name of a segment's file. */
  static String name(long sequence) {
    return "%016x.wal".formatted(sequence);
  }

  static boolean isSegment(String name) {
    return name.matches("[0-9a-f]{16}\\.wal");
  }

  /** The number of the segment of this name. */
  static long sequence(String name) {
    return Long.parseUnsignedLong(name.substring(0, 16), 16);
  }

  /**
   * The segments of the log, ascending: the newest and those before it without a gap. Older ones
   * beyond a gap were released, and came back because a crash undid their deletion.
   */
  static List<Long> sequences(FileSystem files, Path directory) throws IOException {
    List<Long> found = new ArrayList<>();
    for (String name : files.list(directory)) {
      if (isSegment(name)) {
        long sequence = sequence(name);
        if (!found.isEmpty() && sequence != found.get(found.size() - 1) + 1) {
          found.clear();
        }
        found.add(sequence);
      }
    }
    return found;
  }

  private Contents read() throws IOException {
    Optional<DamagedException> damage = Optional.empty();
    List<Long> sequences =
        sequences(files, directory).stream().filter(found -> found >= fromSequence).toList();
    try {
      if (sequences.isEmpty()) {
        throw new DamagedException("wal: no segment in " + directory, directory.toString(), 0);
      }
      for (int i = 0; i < sequences.size(); i++) {
        readSegment(sequences.get(i), i == 0, i == sequences.size() - 1);
      }
    } catch (DamagedException e) {
      damage = Optional.of(e);
    }
    return new Contents(
        List.copyOf(segments), replay, previous.chain(), provenBytes, owner, tornTail, damage);
  }

  private void readSegment(long sequence, boolean first, boolean last)
      throws IOException, DamagedException {
    String name = name(sequence);
    try (StoreFile file = files.openForRead(directory.resolve(name))) {
      SegmentReader reader = new SegmentReader(file, sequence);
      Counts counts = new Counts();
      try {
        for (Frame frame = reader.next(); frame != null; frame = reader.next()) {
          long at = reader.position() - frame.size();
          Record record = decode(reader, frame, name, at);
          checkPlace(record, frame, name, at, first);
          // The head was forced before its segment got its name.
          provenBytes = at == 0 ? frame.size() : Math.max(provenBytes, frame.forcedBytes());
          counts.add(record);
          apply(record, name, at);
        }
      } finally {
        segments.add(counts.info(name, sequence, reader.position(), reader.size()));
      }
      if (reader.position() == 0) {
        // A segment gets its name after its head was forced: no crash can tear it.
        throw damaged(problem(reader), name, 0);
      }
      previous = new End(name, reader.position(), problem(reader), reader.chain());
      if (last) {
        judgeEnd(reader, name);
      }
    }
  }

  private static Record decode(SegmentReader reader, Frame frame, String name, long at)
      throws DamagedException {
    try {
      return reader.record(frame);
    } catch (MalformedException e) {
      throw damaged(new Problem("unreadable record", e.getMessage()), name, at);
    }
  }

  /** A head stands at the start of each segment and nowhere else, and follows what was read. */
  private void checkPlace(Record record, Frame frame, String name, long at, boolean first)
      throws DamagedException {
    if ((at == 0) != (record instanceof Record.Head)) {
      throw damaged(new Problem("record out of place", ""), name, at);
    }
    if (!(record instanceof Record.Head head)) {
      return;
    }
    if (owner.isPresent() && !owner.get().equals(head.owner())) {
      throw damaged(
          new Problem(
              "segment of another log",
              "expected %s, found %s".formatted(owner.get(), head.owner())),
          name,
          0);
    }
    owner = Optional.of(head.owner());
    if (first) {
      return;
    }
    if (previous.position() != head.previousBytes()) {
      // This head was written after all before it had been forced.
      throw damaged(previous.problem(), previous.name(), previous.position());
    }
    if (previous.chain() != frame.previousCrc()) {
      throw damaged(SegmentReader.brokenChain(previous.chain(), frame.previousCrc()), name, 0);
    }
  }

  private void apply(Record record, String name, long at) throws DamagedException {
    try {
      replay.apply(record);
    } catch (MalformedException e) {
      throw damaged(new Problem("record that contradicts the log", e.getMessage()), name, at);
    }
  }

  private void judgeEnd(SegmentReader reader, String name) throws IOException, DamagedException {
    long at = reader.position();
    Problem problem = problem(reader);
    long dataBytes = reader.dataEnd() - at;
    if (dataBytes == 0) {
      return;
    }
    OptionalLong voucher = reader.voucher();
    if (voucher.isPresent()) {
      throw damaged(
          new Problem(
              problem.what(),
              problem.detail()
                  + (problem.detail().isEmpty() ? "" : "; ")
                  + "it was durable when the record at byte %d was written"
                      .formatted(voucher.getAsLong())),
          name,
          at);
    }
    tornTail = Optional.of(new TornTail(name, at, dataBytes, problem.toString()));
  }

  private static Problem problem(SegmentReader reader) {
    return reader.problem().equals(Problem.NONE)
        ? new Problem("record missing", "")
        : reader.problem();
  }

  private static DamagedException damaged(Problem problem, String name, long at) {
    return new DamagedException(problem.at(name, at), name, at);
  }

  /** Where a segment ended, and why. */
  private record End(String name, long position, Problem problem, int chain) {}

  private static final class Counts {
    private long records;
    private long entries;
    private long firstIndex = Long.MAX_VALUE;
    private long lastIndex;
    private long firstTerm = Long.MAX_VALUE;
    private long lastTerm;

    void add(Record record) {
      records++;
      if (record instanceof Record.Batch batch) {
        for (Entry entry : batch.entries()) {
          entries++;
          firstIndex = Math.min(firstIndex, entry.index());
          lastIndex = Math.max(lastIndex, entry.index());
          firstTerm = Math.min(firstTerm, entry.term());
          lastTerm = Math.max(lastTerm, entry.term());
        }
      }
    }

    SegmentInfo info(String name, long sequence, long bytesUsed, long bytesAllocated) {
      boolean none = entries == 0;
      return new SegmentInfo(
          name,
          sequence,
          bytesUsed,
          bytesAllocated,
          records,
          entries,
          none ? 0 : firstIndex,
          lastIndex,
          none ? 0 : firstTerm,
          lastTerm);
    }
  }
}
