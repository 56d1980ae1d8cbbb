package io.balsa.verticle;

import io.balsa.config.InitialCluster;
import io.balsa.config.ServerConfig;
import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.engine.Backup;
import io.balsa.engine.MemberInfo;
import io.balsa.storage.DataDir;
import io.balsa.storage.Identity;
import io.balsa.storage.MemberStore;
import io.balsa.storage.file.LocalFileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.wal.WalOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Founds a cluster out of a snapshot file, as {@code Maintenance.Snapshot} streams it: each member
 * gets its data directory from the same file. Waits for the disk; the whole state is in memory.
 */
public final class Restoration {
  private static final int SHA256_BYTES = 32;
  private static final int PART_BYTES = 256 * 1024;

  private Restoration() {}

  /**
   * What a file holds.
   *
   * @param clusterId where it comes from
   * @param index of the last entry of that cluster's log that is in it
   * @param bytes of the file
   * @param sha256 in hexadecimal
   */
  public record Contents(
      long clusterId, long index, long revision, long keys, long bytes, String sha256) {}

  private record Loaded(Backup backup, Contents contents) {}

  /**
   * Reads a file to its end against its checksum.
   *
   * @throws StorageException if it cannot be read, or is not what was saved
   */
  public static Contents inspect(Path file) throws StorageException {
    return load(file).contents();
  }

  /**
   * Makes the data directory of one member of a new cluster. Its ids follow from the configuration
   * and the file, so that no member of another cluster, restored or not, is taken for one of this.
   *
   * @throws StorageException if the file is not what was saved, or the directory is there already
   *     and not empty; nothing is left of it then
   */
  public static Contents restore(Path file, ServerConfig config) throws StorageException {
    Path directory = config.dataDir().toAbsolutePath().normalize();
    refuseUsed(directory);
    Loaded loaded = load(file);
    LocalFileSystem files = new LocalFileSystem();
    Path draft = null;
    try {
      Files.createDirectories(directory.getParent());
      draft =
          Files.createTempDirectory(directory.getParent(), directory.getFileName() + ".restoring-");
      write(loaded, config, draft);
      Files.deleteIfExists(directory);
      files.rename(draft, directory);
      files.syncDirectory(directory.getParent());
      return loaded.contents();
    } catch (IOException e) {
      delete(draft);
      throw new StorageException("snapshot: cannot make " + directory, e);
    } catch (StorageException | RuntimeException e) {
      delete(draft);
      throw e;
    }
  }

  private static void refuseUsed(Path directory) throws StorageException {
    try (Stream<Path> found =
        Files.isDirectory(directory) ? Files.list(directory) : Stream.<Path>empty()) {
      if ((Files.exists(directory) && !Files.isDirectory(directory))
          || found.findAny().isPresent()) {
        throw new StorageException(
            "data directory %s is there already: name one that is not".formatted(directory));
      }
    } catch (IOException e) {
      throw new StorageException("snapshot: cannot look into " + directory, e);
    }
  }

  private static void write(Loaded loaded, ServerConfig config, Path draft)
      throws StorageException {
    InitialCluster named = config.initialCluster();
    InitialCluster cluster = named.restoredFrom(loaded.contents().sha256());
    long self =
        cluster
            .member(config.name())
            .orElseThrow(() -> new IllegalArgumentException("no founder is " + config.name()))
            .id();
    Identity identity = new Identity(cluster.clusterId(), self, config.name());
    List<MemberInfo> founders =
        cluster.members().stream()
            .map(member -> new MemberInfo(member.id(), member.name(), member.peerUrls(), List.of()))
            .toList();
    DataDir directory = DataDir.open(new LocalFileSystem(), draft);
    MemberStore store;
    try {
      store = MemberStore.open(directory, identity, WalOptions.DEFAULT, System::nanoTime);
    } catch (StorageException | RuntimeException e) {
      directory.close();
      throw e;
    }
    try (store) {
      loaded.backup().restore(store, founders);
    }
  }

  private static Loaded load(Path file) throws StorageException {
    try {
      long bytes = Files.size(file);
      if (bytes <= SHA256_BYTES || bytes % Backup.BLOCK_BYTES != SHA256_BYTES) {
        throw new StorageException(
            "snapshot: %s has no checksum at its end, or is cut off".formatted(file));
      }
      String sha256 = verify(file, bytes - SHA256_BYTES);
      Backup.Loader loader = new Backup.Loader();
      try (InputStream in = Files.newInputStream(file)) {
        for (long left = bytes - SHA256_BYTES; left > 0; ) {
          byte[] part = in.readNBytes((int) Math.min(PART_BYTES, left));
          mustBeThere(file, part.length > 0);
          loader.accept(Bytes.wrap(part));
          left -= part.length;
        }
      }
      Backup backup = loader.finish();
      return new Loaded(
          backup,
          new Contents(
              backup.origin().clusterId(),
              backup.origin().applied().index(),
              backup.revision(),
              backup.keys(),
              bytes,
              sha256));
    } catch (MalformedException e) {
      throw new StorageException("snapshot: %s cannot be read: %s".formatted(file, e.getMessage()));
    } catch (IOException e) {
      throw new StorageException("snapshot: cannot read " + file, e);
    }
  }

  /** Before anything is made of what the file holds. */
  private static String verify(Path file, long contentBytes) throws IOException, StorageException {
    MessageDigest digest = sha256();
    try (InputStream in = Files.newInputStream(file)) {
      for (long left = contentBytes; left > 0; ) {
        byte[] part = in.readNBytes((int) Math.min(PART_BYTES, left));
        mustBeThere(file, part.length > 0);
        digest.update(part);
        left -= part.length;
      }
      byte[] found = digest.digest();
      byte[] expected = in.readNBytes(SHA256_BYTES);
      if (!Arrays.equals(found, expected)) {
        throw new StorageException(
            "snapshot: checksum mismatch in %s: expected %s, found %s"
                .formatted(
                    file, HexFormat.of().formatHex(expected), HexFormat.of().formatHex(found)));
      }
      return HexFormat.of().formatHex(found);
    }
  }

  private static void mustBeThere(Path file, boolean read) throws StorageException {
    if (!read) {
      throw new StorageException("snapshot: %s became shorter".formatted(file));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static void delete(Path directory) throws StorageException {
    if (directory == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new StorageException("snapshot: cannot delete " + directory, e);
    }
  }
}
