package io.balsa.storage.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * A disk in memory that keeps apart what is read and what a loss of power would leave. Bytes become
 * durable by {@code force}, names by {@code syncDirectory}; of all else each sector and each change
 * of a directory survives or does not, as the random generator has it. Every call is counted and
 * any can be made to fail, or to be the one before which the power goes.
 *
 * <p>Deterministic; one thread only. Paths must be absolute.
 */
public final class SimulatedFileSystem implements FileSystem {
  /** What is counted. */
  public enum Call {
    CREATE_DIRECTORY,
    EXISTS,
    LIST,
    CREATE,
    OPEN,
    READ,
    WRITE,
    FORCE,
    SIZE,
    CLOSE,
    RENAME,
    DELETE,
    SYNC_DIRECTORY,
    LOCK,
    USABLE
  }

  private final RandomGenerator random;
  private Directory root = new Directory();
  private final Set<Path> locks = new TreeSet<>();
  private final Map<Call, Long> counts = new EnumMap<>(Call.class);
  private long calls;
  private long failingCall;
  private long lastCall = Long.MAX_VALUE;
  private long capacityBytes = Long.MAX_VALUE;
  // Handles of an earlier boot are dead.
  private long boot;

  /** An empty disk without limits or faults. */
  public SimulatedFileSystem(RandomGenerator random) {
    this.random = random;
  }

  /** A disk with the same content, its names synced, without limits, faults or open files. */
  public SimulatedFileSystem copy() {
    SimulatedFileSystem copy = new SimulatedFileSystem(random);
    copy.root = root.copy();
    return copy;
  }

  /** The number of calls so far. */
  public long calls() {
    return calls;
  }

  /** The number of calls of one kind so far. */
  public long calls(Call kind) {
    return counts.getOrDefault(kind, 0L);
  }

  /** Makes the call fail that comes {@code count} calls from now, 1 for the next; 0 for none. */
  public void failCall(long count) {
    failingCall = count == 0 ? 0 : calls + count;
  }

  /** The power goes before the call that comes {@code count} calls from now, 1 for the next. */
  public void losePowerAtCall(long count) {
    lastCall = calls + count - 1;
  }

  /** Whether the power has gone. */
  public boolean hasLostPower() {
    return calls > lastCall;
  }

  /** Empties the disk. */
  public void format() {
    root = new Directory();
  }

  /** The bytes that all files together have. */
  public long usedBytes() {
    return root.bytes();
  }

  /** All files, in order of their paths. */
  public List<Path> allFiles() {
    List<Path> files = new ArrayList<>();
    collect(root, Path.of("/"), files);
    return files;
  }

  private static void collect(Directory directory, Path path, List<Path> files) {
    directory.live.forEach(
        (name, node) -> {
          if (node instanceof Directory inner) {
            collect(inner, path.resolve(name), files);
          } else {
            files.add(path.resolve(name));
          }
        });
  }

  /** Limits the bytes that all files together may have. */
  public void capacity(long bytes) {
    capacityBytes = bytes;
  }

  /**
   * The process died; the machine did not: everything written is there, synced or not. Faults that
   * were asked for stay.
   */
  public void killProcess() {
    boot++;
    locks.clear();
  }

  /**
   * Power was lost and came back.
   *
   * @param survival how likely what was not synced is there: 0 for never, 1 for always
   */
  public void restart(double survival) {
    killProcess();
    failingCall = 0;
    lastCall = Long.MAX_VALUE;
    root.losePower(random, survival);
  }

  /** Changes bits of a byte, as rot does. */
  public void flip(Path file, long offset, int bits) throws IOException {
    SimulatedFile content = file(file);
    ByteBuffer one = ByteBuffer.allocate(1);
    content.read(one, offset);
    one.put(0, (byte) (one.get(0) ^ bits));
    content.write(one.flip(), offset);
    content.force();
  }

  /** Cuts a file short. */
  public void truncate(Path file, long size) throws IOException {
    file(file).truncate(size);
  }

  /** All bytes of a file. */
  public byte[] content(Path file) throws IOException {
    SimulatedFile content = file(file);
    ByteBuffer bytes = ByteBuffer.allocate((int) content.size());
    content.read(bytes, 0);
    return bytes.array();
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    call(Call.CREATE_DIRECTORY, directory);
    Directory at = root;
    for (Path name : directory) {
      Object next = at.live.get(name.toString());
      if (next == null) {
        next = new Directory();
        at.put(name.toString(), next);
      }
      at = (Directory) next;
    }
  }

  @Override
  public boolean exists(Path path) throws IOException {
    call(Call.EXISTS, path);
    return find(path) != null;
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    call(Call.LIST, directory);
    return List.copyOf(directory(directory).live.keySet());
  }

  @Override
  public StoreFile create(Path file) throws IOException {
    call(Call.CREATE, file);
    Directory parent = directory(file.getParent());
    if (parent.live.containsKey(name(file))) {
      throw new FileAlreadyExistsException(file.toString());
    }
    SimulatedFile content = new SimulatedFile();
    parent.put(name(file), content);
    return new Handle(file, content, true);
  }

  @Override
  public StoreFile open(Path file) throws IOException {
    call(Call.OPEN, file);
    return new Handle(file, file(file), true);
  }

  @Override
  public StoreFile openForRead(Path file) throws IOException {
    call(Call.OPEN, file);
    return new Handle(file, file(file), false);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    call(Call.RENAME, from);
    if (!from.getParent().equals(to.getParent())) {
      throw new IOException("renaming to another directory: " + from + " to " + to);
    }
    if (find(from) == null) {
      throw new NoSuchFileException(from.toString());
    }
    directory(from.getParent()).rename(name(from), name(to));
  }

  @Override
  public void delete(Path path) throws IOException {
    call(Call.DELETE, path);
    Object node = find(path);
    if (node == null) {
      throw new NoSuchFileException(path.toString());
    }
    if (node instanceof Directory directory && !directory.live.isEmpty()) {
      throw new DirectoryNotEmptyException(path.toString());
    }
    directory(path.getParent()).remove(name(path));
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    call(Call.SYNC_DIRECTORY, directory);
    directory(directory).sync();
  }

  @Override
  public Closeable lock(Path file) throws IOException {
    call(Call.LOCK, file);
    if (!locks.add(file)) {
      throw new IOException("held by this process");
    }
    Directory parent = directory(file.getParent());
    if (!parent.live.containsKey(name(file))) {
      parent.put(name(file), new SimulatedFile());
    }
    long bootOfLock = boot;
    return () -> {
      if (boot == bootOfLock) {
        locks.remove(file);
      }
    };
  }

  @Override
  public long usableBytes(Path directory) throws IOException {
    call(Call.USABLE, directory);
    return Math.max(0, capacityBytes - root.bytes());
  }

  private void call(Call kind, Path path) throws IOException {
    calls++;
    counts.merge(kind, 1L, Long::sum);
    if (hasLostPower()) {
      throw new IOException("simulated loss of power before call " + calls);
    }
    if (calls == failingCall) {
      throw new IOException("simulated failure of " + kind + " " + path.getFileName());
    }
  }

  private Object find(Path path) {
    Object at = root;
    for (Path name : path) {
      at = at instanceof Directory directory ? directory.live.get(name.toString()) : null;
    }
    return at;
  }

  private Directory directory(Path path) throws IOException {
    if (find(path) instanceof Directory directory) {
      return directory;
    }
    throw new NoSuchFileException(path.toString());
  }

  private SimulatedFile file(Path path) throws IOException {
    if (find(path) instanceof SimulatedFile file) {
      return file;
    }
    throw new NoSuchFileException(path.toString());
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  private final class Handle implements StoreFile {
    private final Path path;
    private final SimulatedFile content;
    private final boolean writable;
    private final long bootOfHandle = boot;
    private boolean closed;

    Handle(Path path, SimulatedFile content, boolean writable) {
      this.path = path;
      this.content = content;
      this.writable = writable;
    }

    private void use(Call kind) throws IOException {
      if (closed || boot != bootOfHandle) {
        throw new IOException("file is closed: " + path);
      }
      call(kind, path);
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      try {
        use(Call.WRITE);
      } catch (IOException e) {
        if (writable && boot == bootOfHandle && !hasLostPower() && source.hasRemaining()) {
          ByteBuffer part = source.duplicate();
          part.limit(part.position() + random.nextInt(part.remaining() + 1));
          content.write(part, position); // A failed write may have written a part.
        }
        throw e;
      }
      if (!writable) {
        throw new IOException("file is open for reading only: " + path);
      }
      long growth = position + source.remaining() - content.size();
      if (growth > 0 && root.bytes() + growth > capacityBytes) {
        throw new IOException("No space left on device");
      }
      content.write(source, position);
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      use(Call.READ);
      return content.read(target, position);
    }

    @Override
    public void force(boolean metadata) throws IOException {
      try {
        use(Call.FORCE);
      } catch (IOException e) {
        if (!hasLostPower()) {
          content.failForce();
        }
        throw e;
      }
      content.force();
    }

    @Override
    public long size() throws IOException {
      use(Call.SIZE);
      return content.size();
    }

    @Override
    public void close() throws IOException {
      if (!closed && boot == bootOfHandle) {
        use(Call.CLOSE);
      }
      closed = true;
    }
  }

  /** Names: as they are now, as they are on disk, and the changes between the two. */
  private static final class Directory {
    private final Map<String, Object> live = new TreeMap<>();
    private final Map<String, Object> synced = new TreeMap<>();
    private final List<Change> unsynced = new ArrayList<>();

    /** A change that a crash keeps whole or not at all. */
    private interface Change {
      void apply(Map<String, Object> names);
    }

    void put(String name, Object node) {
      change(names -> names.put(name, node));
    }

    void remove(String name) {
      change(names -> names.remove(name));
    }

    void rename(String from, String to) {
      Object node = live.get(from);
      change(
          names -> {
            names.remove(from, node);
            names.put(to, node);
          });
    }

    private void change(Change change) {
      change.apply(live);
      unsynced.add(change);
    }

    void sync() {
      synced.clear();
      synced.putAll(live);
      unsynced.clear();
    }

    void losePower(RandomGenerator random, double survival) {
      for (Change change : unsynced) {
        if (random.nextDouble() < survival) {
          change.apply(synced);
        }
      }
      unsynced.clear();
      live.clear();
      live.putAll(synced);
      for (Object node : live.values()) {
        if (node instanceof Directory directory) {
          directory.losePower(random, survival);
        } else {
          ((SimulatedFile) node).losePower(random, survival);
        }
      }
    }

    long bytes() {
      long bytes = 0;
      for (Object node : live.values()) {
        bytes +=
            node instanceof Directory directory ? directory.bytes() : ((SimulatedFile) node).size();
      }
      return bytes;
    }

    /** The names of the copy count as synced. */
    Directory copy() {
      Directory copy = new Directory();
      live.forEach(
          (name, node) ->
              copy.live.put(
                  name,
                  node instanceof Directory directory
                      ? directory.copy()
                      : ((SimulatedFile) node).copy()));
      copy.sync();
      return copy;
    }
  }
}
