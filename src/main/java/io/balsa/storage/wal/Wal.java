package io.balsa.storage.wal;

import io.balsa.data.Checks;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message.StorageAppend;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.DiskFullException;
import io.balsa.storage.file.FileSystem;
import io.balsa.storage.file.SpaceReserve;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The write-ahead log: {@link #append} makes batches durable with one write and one sync. One
 * thread only, but for {@link #prepare} and {@link #stats}.
 *
 * <p>A failed write or sync is final: every later call is refused with the reason, because after a
 * failed sync the page cache may claim to be clean while the data is lost. A full disk is not a
 * failure: see {@link DiskFullException}.
 */
public final class Wal implements AutoCloseable {
  private static final int BUFFER_BYTES = 16 << 10;
  // Writes of more go out in pieces, so that one large append does not keep its memory for ever.
  private static final int BUFFER_BYTES_MAX = 4 << 20;
  // Keeps every position in a segment below 2 GiB.
  private static final long APPEND_BYTES_MAX = (1L << 30) - (1 << 20);
  private static final long END_BYTES = Frame.sizeOf(1);

  private final FileSystem files;
  private final Path directory;
  private final LogOwner owner;
  private final WalOptions options;
  private final LongSupplier nanoClock;
  private final SpaceReserve reserve;
  private final SpareSegment spare;
  private final WalStats stats = new WalStats();
  private final Frame.Checksums checksums = new Frame.Checksums();
  // Older segments, oldest first, each with the highest index written in it.
  private final Deque<Sealed> sealed = new ArrayDeque<>();
  // Released segments whose deletion a crash undid.
  private final List<Path> leftovers = new ArrayList<>();

  private ByteBuffer buffer = buffer(BUFFER_BYTES);
  private StorageException failure;

  // The segment being written. Invariant: forced <= position.
  private StoreFile file;
  private long sequence;
  private long headBytes;
  private long position;
  private long forced;
  private long highestIndex;
  private int chain;

  private HardState hardState = HardState.EMPTY;
  private EntryId last = EntryId.ZERO;
  private EntryId installed = EntryId.ZERO;
  private final List<EntryId> marks = new ArrayList<>();

  private record Sealed(long sequence, long highestIndex) {}

  /** An open log and what it held. */
  public record Opened(Wal wal, WalRecovery recovery) {}

  private Wal(
      FileSystem files,
      Path directory,
      LogOwner owner,
      WalOptions options,
      LongSupplier nanoClock) {
    this.files = files;
    this.directory = directory;
    this.owner = owner;
    this.options = options;
    this.nanoClock = nanoClock;
    this.reserve = new SpaceReserve(files, directory, options.reserveBytes());
    this.spare = new SpareSegment(files, directory, options.segmentBytes(), reserve);
  }

  /**
   * Makes the first segment of a new log in an existing, empty directory. The names in the
   * directory are durable when it returns.
   *
   * @throws DiskFullException if there is not enough space for it
   */
  public static void create(FileSystem files, Path directory, LogOwner owner, WalOptions options)
      throws StorageException {
    Wal wal = new Wal(files, directory, owner, options, () -> 0);
    try {
      wal.startSegment();
      wal.file.close();
    } catch (IOException e) {
      throw new StorageException("wal: cannot create a log in " + directory, e);
    }
  }

  /**
   * Reads the log, cuts off a torn tail, and makes durable what was read, since a process may have
   * died between writing and syncing it.
   *
   * @param prunable a snapshot known to be good, {@link EntryId#ZERO} for none: the entries up to
   *     it are not kept in memory once its mark is met
   * @param nanoClock measures syncs, in nanoseconds
   * @throws DamagedException if something that was durable is not there as it was
   */
  public static Opened open(
      FileSystem files,
      Path directory,
      LogOwner owner,
      WalOptions options,
      EntryId prunable,
      LongSupplier nanoClock)
      throws StorageException {
    try {
      WalReader.Contents contents = readNeeded(files, directory, prunable);
      if (!contents.owner().get().equals(owner)) {
        throw new StorageException(
            "wal: log of another member in %s: expected %s, found %s"
                .formatted(directory, owner, contents.owner().get()));
      }
      Wal wal = new Wal(files, directory, owner, options, nanoClock);
      try {
        wal.resume(contents);
      } catch (IOException | RuntimeException e) {
        wal.abandon();
        throw e;
      }
      LogReplay replay = contents.replay();
      return new Opened(
          wal,
          new WalRecovery(
              replay.hardState(),
              replay.firstIndex(),
              replay.entries(),
              replay.last(),
              replay.marks(),
              contents.tornTail(),
              contents.damage()));
    } catch (IOException e) {
      throw new StorageException("wal: cannot open the log in " + directory, e);
    }
  }

  /**
   * Reads the log, or what begins behind its damaged segments where a good snapshot stands for all
   * that is in them: the head of a segment repeats everything else.
   *
   * @return with the damage that does no harm
   */
  private static WalReader.Contents readNeeded(FileSystem files, Path directory, EntryId snapshot)
      throws IOException, DamagedException {
    Optional<DamagedException> spared = Optional.empty();
    long from = 0;
    while (true) {
      LogReplay replay = new LogReplay(snapshot, true);
      WalReader.Contents contents = WalReader.read(files, directory, from, replay);
      if (contents.damage().isEmpty()) {
        if (spared.isPresent() && !standsFor(snapshot, replay)) {
          throw spared.get();
        }
        return contents.withDamage(spared);
      }
      spared = contents.damage();
      String damaged = spared.get().file();
      boolean isSparable = snapshot.index() > 0 && WalReader.isSegment(damaged);
      from = isSparable ? WalReader.sequence(damaged) + 1 : 0;
      if (from == 0 || !WalReader.sequences(files, directory).contains(from)) {
        throw spared.get();
      }
    }
  }

  /** Whether the snapshot holds all that came before what was read. */
  private static boolean standsFor(EntryId snapshot, LogReplay replay) {
    return replay.marks().contains(snapshot) && replay.firstIndex() <= snapshot.index() + 1;
  }

  private void resume(WalReader.Contents contents) throws IOException {
    List<SegmentInfo> segments = contents.segments();
    SegmentInfo current = segments.get(segments.size() - 1);
    for (SegmentInfo segment : segments.subList(0, segments.size() - 1)) {
      sealed.add(new Sealed(segment.sequence(), segment.lastIndex()));
    }
    file = files.open(directory.resolve(current.name()));
    sequence = current.sequence();
    for (String name : files.list(directory)) {
      if (WalReader.isSegment(name) && name.compareTo(segments.get(0).name()) < 0) {
        leftovers.add(directory.resolve(name));
      }
    }
    position = current.bytesUsed();
    highestIndex = current.lastIndex();
    chain = contents.chain();
    hardState = contents.replay().hardState();
    last = contents.replay().last();
    installed = contents.replay().installed();
    marks.addAll(contents.replay().marks());
    long dirtyEnd = position;
    if (contents.tornTail().isPresent()) {
      dirtyEnd += contents.tornTail().get().bytes();
    }
    if (current.bytesAllocated() < options.segmentBytes()) {
      dirtyEnd = options.segmentBytes();
    }
    writeAgain(contents.provenBytes(), position);
    writeZeros(position, dirtyEnd);
    file.force(true);
    forced = position;
  }

  private void abandon() throws IOException {
    if (file != null) {
      file.close();
    }
  }

  /**
   * Writes what stands there once more. If an earlier process ended because a sync failed, the
   * machine may show bytes that it no longer means to write: a sync alone would not make them
   * durable.
   */
  private void writeAgain(long from, long to) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, to - from));
    for (long at = from; at < to; at += bytes.limit()) {
      bytes.clear().limit((int) Math.min(bytes.capacity(), to - at));
      file.read(bytes, at);
      file.write(bytes.flip(), at);
    }
  }

  private void writeZeros(long from, long to) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, to - from));
    for (long at = from; at < to; at += zeros.limit()) {
      zeros.clear().limit((int) Math.min(zeros.capacity(), to - at));
      file.write(zeros, at);
    }
  }

  /**
   * Appends the batches in order and makes them durable; when this returns, a crash loses none of
   * them. Each batch is kept whole or not at all. There is no sync when no batch asks for one: then
   * they may be lost, until a later sync covers them.
   *
   * @throws DiskFullException if there is no room; nothing was written, the call may be repeated
   * @throws StorageException if writing or syncing fails, now or at an earlier call
   */
  public void append(List<StorageAppend> batches) throws StorageException {
    refuseAfterFailure();
    EntryId end = last;
    long bytesMax = 0;
    long entryCount = 0;
    boolean mustSync = false;
    for (int i = 0; i < batches.size(); i++) {
      StorageAppend batch = batches.get(i);
      if (!isEmpty(batch)) {
        end = endAfter(batch, end);
        bytesMax += Frame.sizeOf(Record.bytesMax(batch));
        entryCount += batch.entries().size();
        mustSync |= batch.mustSync() || !batch.snapshot().isEmpty();
      }
    }
    if (bytesMax == 0) {
      return;
    }
    makeRoom(bytesMax);
    try {
      long from = position;
      for (int i = 0; i < batches.size(); i++) {
        if (!isEmpty(batches.get(i))) {
          put(batches.get(i));
        }
      }
      flush();
      stats.wrote(entryCount, position - from);
      if (mustSync) {
        sync();
      }
    } catch (IOException | RuntimeException e) {
      throw fail("append", e);
    }
  }

  private static boolean isEmpty(StorageAppend batch) {
    return batch.hardState().isEmpty() && batch.entries().isEmpty() && batch.snapshot().isEmpty();
  }

  /** Checks that the batch may follow {@code end}, and tells where the log then ends. */
  private EntryId endAfter(StorageAppend batch, EntryId end) {
    EntryId result = batch.snapshot().isEmpty() ? end : batch.snapshot().last();
    List<Entry> entries = batch.entries();
    for (int i = 0; i < entries.size(); i++) {
      long index = entries.get(i).index();
      boolean follows = i == 0 ? index <= result.index() + 1 : index == result.index() + 1;
      Checks.invariant(
          follows && index > 0, "wal: entry does not follow the log", index, result.index());
      result = entries.get(i).id();
    }
    Checks.invariant(
        batch.hardState().commit() <= result.index(),
        "wal: commit index beyond the last entry",
        batch.hardState().commit(),
        result.index());
    return result;
  }

  private void put(StorageAppend batch) throws IOException {
    int offset = beginFrame(Record.bytesMax(batch));
    Record.put(buffer, batch);
    endFrame(offset, Record.BATCH);
    if (!batch.hardState().isEmpty()) {
      hardState = batch.hardState();
    }
    if (!batch.snapshot().isEmpty()) {
      last = batch.snapshot().last();
      installed = last;
      LogReplay.remember(marks, last);
    }
    if (!batch.entries().isEmpty()) {
      last = batch.entries().get(batch.entries().size() - 1).id();
      highestIndex = Math.max(highestIndex, last.index());
    }
  }

  /**
   * Says behind the last record that all before it is forced, so that damage in it is known for rot
   * and not taken for the tear of a write that nobody was told of. Nothing happens while there is
   * something that is not forced. The word itself is not forced: losing it loses nothing.
   *
   * @throws StorageException if writing fails, now or at an earlier call
   */
  public void vouch() throws StorageException {
    refuseAfterFailure();
    if (position == forced) {
      try {
        writeEnd();
      } catch (IOException | RuntimeException e) {
        throw fail("vouch", e);
      }
    }
  }

  private void writeEnd() throws IOException {
    int offset = beginFrame(1);
    buffer.put((byte) 0);
    endFrame(offset, Record.END);
    flush();
  }

  /**
   * Marks a snapshot of this member's own state, whose file must be durable. A mark that is not
   * newer than the newest is left out. Durable when this returns.
   *
   * @throws DiskFullException if there is no room; nothing was written, the call may be repeated
   * @throws StorageException if writing or syncing fails, now or at an earlier call
   */
  public void mark(EntryId snapshot) throws StorageException {
    refuseAfterFailure();
    if (!marks.isEmpty() && marks.get(marks.size() - 1).index() >= snapshot.index()) {
      return;
    }
    Checks.invariant(
        snapshot.index() <= last.index(),
        "wal: snapshot beyond the last entry",
        snapshot.index(),
        last.index());
    makeRoom(Frame.sizeOf(Record.Head.BYTES_MAX));
    try {
      int offset = beginFrame(Record.Head.BYTES_MAX);
      Record.put(buffer, snapshot);
      endFrame(offset, Record.MARK);
      LogReplay.remember(marks, snapshot);
      flush();
      sync();
    } catch (IOException | RuntimeException e) {
      throw fail("mark", e);
    }
  }

  /**
   * Gives back the segments whose entries all lie below {@code firstIndexNeeded}. The segment being
   * written stays.
   */
  public void release(long firstIndexNeeded) throws StorageException {
    refuseAfterFailure();
    try {
      for (Path leftover : leftovers) {
        files.delete(leftover);
      }
      leftovers.clear();
      while (!sealed.isEmpty() && sealed.peekFirst().highestIndex() < firstIndexNeeded) {
        spare.recycle(directory.resolve(WalReader.name(sealed.peekFirst().sequence())));
        sealed.removeFirst();
      }
    } catch (IOException | RuntimeException e) {
      throw fail("release", e);
    }
  }

  /**
   * Does one step, about 1 MiB of writing, towards the segment that comes next. Any thread; an
   * append that needs the segment waits for the step.
   *
   * @return whether it is ready, so that nothing is left to do
   * @throws DiskFullException if it would use up the reserve
   * @throws StorageException if the disk fails; not final, the next call starts afresh
   */
  public boolean prepare() throws StorageException {
    return spare.prepare();
  }

  /** Whether the next segment is ready. Any thread. */
  public boolean isPrepared() {
    return spare.isReady();
  }

  /** Room left in the segment being written, in bytes. */
  public long roomBytes() {
    return Math.max(0, options.segmentBytes() - position);
  }

  /** The snapshots that have a mark, the newest ones, ascending. */
  public List<EntryId> marks() {
    return List.copyOf(marks);
  }

  /** The newest snapshot that replaced the log since it was opened or in what was read. */
  public EntryId installed() {
    return installed;
  }

  /** The last entry of the log. */
  public EntryId last() {
    return last;
  }

  /** What was written and how long syncs took. Any thread. */
  public WalStats stats() {
    return stats;
  }

  /** Makes everything durable, marks the log as closed in order, and closes it. */
  @Override
  public void close() throws StorageException {
    if (file == null) {
      return;
    }
    try {
      if (failure == null) {
        sync();
        writeEnd();
        sync();
      }
      file.close();
      spare.close();
    } catch (IOException | RuntimeException e) {
      throw fail("close", e);
    } finally {
      file = null;
      if (failure == null) {
        failure = new StorageException("wal: closed");
      }
    }
  }

  /** Starts a new segment if the one being written has no room, also for the end behind it. */
  private void makeRoom(long bytesWithoutEnd) throws StorageException {
    long bytes = bytesWithoutEnd + END_BYTES;
    Checks.invariant(bytes <= APPEND_BYTES_MAX, "wal: append too large", bytes, APPEND_BYTES_MAX);
    long excess = Frame.sizeOf(Record.Head.BYTES_MAX) + bytes - options.segmentBytes();
    try {
      if (excess > 0) { // More than a segment holds: it gets one of its own, which grows.
        reserve.need(excess + options.segmentBytes());
      }
      if (position + bytes > options.segmentBytes() && position > headBytes) {
        if (position > forced) {
          sync();
        }
        startSegment();
      }
    } catch (IOException | RuntimeException e) {
      throw fail("start segment " + WalReader.name(sequence + 1), e);
    }
  }

  /** Everything before must be forced: the head is the proof that it was. */
  private void startSegment() throws IOException, DiskFullException {
    Record.Head head = new Record.Head(owner, position, hardState, last, marks);
    buffer.position(Frame.HEADER_BYTES);
    Record.put(buffer, head);
    int crc = Frame.seal(buffer, 0, Record.HEAD, sequence + 1, 0, chain, 0, checksums);
    int bytes = buffer.flip().limit();
    StoreFile next;
    try {
      next = spare.promote(directory.resolve(WalReader.name(sequence + 1)), buffer);
    } finally {
      buffer.clear();
    }
    if (file != null) {
      file.close();
      sealed.addLast(new Sealed(sequence, highestIndex));
    }
    file = next;
    sequence++;
    chain = crc;
    headBytes = bytes;
    position = bytes;
    forced = bytes;
    highestIndex = 0;
  }

  /** Where a frame with a body of up to {@code bodyBytesMax} begins in the buffer. */
  private int beginFrame(long bodyBytesMax) throws IOException {
    int needed = Math.toIntExact(Frame.sizeOf(bodyBytesMax));
    if (buffer.remaining() < needed) {
      if (buffer.position() + (long) needed <= BUFFER_BYTES_MAX) {
        ByteBuffer larger = buffer(roundUp(buffer.position() + needed));
        larger.put(buffer.flip());
        buffer = larger;
      } else {
        flush();
        if (buffer.capacity() < needed) {
          buffer = buffer(needed);
        }
      }
    }
    int offset = buffer.position();
    buffer.position(offset + Frame.HEADER_BYTES);
    return offset;
  }

  private void endFrame(int offset, int kind) {
    long at = position + offset;
    chain = Frame.seal(buffer, offset, kind, sequence, at, chain, (int) forced, checksums);
  }

  /** Writes what is in the buffer. */
  private void flush() throws IOException {
    buffer.flip();
    int bytes = buffer.limit();
    file.write(buffer, position);
    position += bytes;
    buffer.clear();
    if (buffer.capacity() > BUFFER_BYTES_MAX) {
      buffer = buffer(BUFFER_BYTES);
    }
  }

  private void sync() throws IOException {
    long start = nanoClock.getAsLong();
    file.force(false);
    forced = position;
    stats.synced(nanoClock.getAsLong() - start);
  }

  private void refuseAfterFailure() throws StorageException {
    if (failure != null) {
      throw new StorageException("wal: refused: " + failure.getMessage());
    }
  }

  private StorageException fail(String what, Exception cause) {
    failure = new StorageException("wal: " + what + " failed, the log is closed for good", cause);
    return failure;
  }

  private static int roundUp(int bytes) {
    return Integer.highestOneBit(bytes - 1) << 1;
  }

  private static ByteBuffer buffer(int capacity) {
    return ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }
}
