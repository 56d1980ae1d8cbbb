package io.balsa.storage;

import io.balsa.data.Names;
import io.balsa.fuzz.Fuzzer;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.file.StoreFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The small files beside the log. */
class IdentityFuzzTest {
  @Test
  void identities() {
    new Fuzzer<>(getClass(), "identity file", IllegalArgumentException.class, Identity::decode)
        .samples(random -> identity(random).encode())
        .words("checksum ", "balsa 1\n", "cluster ", "member ", "name ", "\n", "-1", "+1")
        .encodedBy(Identity::encode)
        .run();
  }

  @Test
  void identitiesUnderGoodChecksums() {
    new Fuzzer<>(
            getClass(),
            "sealed identity file",
            IllegalArgumentException.class,
            input -> {
              String lines = new String(input, StandardCharsets.UTF_8);
              String sealed = lines + NoteFile.checksum(lines) + "\n";
              return Identity.decode(sealed.getBytes(StandardCharsets.UTF_8));
            })
        .samples(
            random -> {
              String file = new String(identity(random).encode(), StandardCharsets.UTF_8);
              return file.substring(0, file.lastIndexOf("checksum "))
                  .getBytes(StandardCharsets.UTF_8);
            })
        .words("checksum ", "balsa 1\n", "cluster ", "member ", "name ", "\n", "-1", "+1")
        .run();
  }

  @Test
  void notes() {
    new Fuzzer<>(
            getClass(),
            "note file",
            StorageException.class,
            input -> {
              SimulatedFileSystem files = new SimulatedFileSystem(new SplittableRandom(1));
              files.createDirectories(Path.of("/notes"));
              Path path = Path.of("/notes/note");
              try (StoreFile file = files.create(path)) {
                file.write(ByteBuffer.wrap(input), 0);
              }
              return new NoteFile(files, path).read().orElseThrow();
            })
        .samples(
            random -> {
              String lines = "n1 http://127.0.0.1:1\n".repeat(random.nextInt(3));
              return (lines + NoteFile.checksum(lines) + "\n").getBytes(StandardCharsets.UTF_8);
            })
        .words("checksum ", "\n", "00000000")
        .encodedBy(IdentityFuzzTest::note)
        .run();
  }

  private static byte[] note(List<String> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    return (text + NoteFile.checksum(text.toString()) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static Identity identity(Random random) {
    String name = "n" + random.nextInt(1_000);
    if (!Names.isName(name)) {
      throw new AssertionError(name);
    }
    return new Identity(random.nextLong(), random.nextLong(), name);
  }
}
