package io.balsa.engine;

import io.balsa.data.ByteReader;
import io.balsa.data.ByteWriter;
import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Snapshot;
import io.balsa.storage.MemberStore;
import io.balsa.storage.file.StorageException;
import java.util.List;

/**
 * The state of a cluster as a file to be kept, out of which another cluster can be founded.
 *
 * <p>The file is a row of frames, each of four bytes of length and that many bytes: a description
 * of where it comes from, the content of a snapshot, and a frame of length 0. Zeros fill it up to
 * whole blocks of {@value #BLOCK_BYTES} bytes; whoever passes it on puts the SHA-256 of all that
 * behind it, as etcd does.
 *
 * @param origin where it comes from
 */
public record Backup(Origin origin, StateMachine state) {
  /** The file without its checksum is a multiple of this, which etcd's own tools check. */
  public static final int BLOCK_BYTES = 512;

  private static final long MAGIC = 0x4b434241534c4142L; // BALSABCK, as it stands in the file.
  private static final int FORMAT_VERSION = 1;

  /**
   * Where a backup comes from.
   *
   * @param applied the last entry of its log that is in it
   */
  public record Origin(long clusterId, EntryId applied) {
    Bytes encode() {
      return new ByteWriter(64)
          .fixed64(MAGIC)
          .u8(FORMAT_VERSION)
          .fixed64(clusterId)
          .varint(applied.term())
          .varint(applied.index())
          .toBytes();
    }

    static Origin decode(Bytes frame) throws MalformedException {
      ByteReader reader = new ByteReader(frame);
      if (frame.length() < Long.BYTES || reader.fixed64() != MAGIC) {
        throw new MalformedException("not a snapshot of Balsa");
      }
      int version = reader.u8();
      if (version != FORMAT_VERSION) {
        throw new MalformedException(
            "format version %d, this release reads %d".formatted(version, FORMAT_VERSION));
      }
      Origin origin = new Origin(reader.fixed64(), new EntryId(reader.varint(), reader.varint()));
      reader.expectEnd();
      return origin;
    }
  }

  /** The store's revision. */
  public long revision() {
    return state.store().revision();
  }

  /** How many keys there are. */
  public long keys() {
    return state.store().keys();
  }

  /**
   * Founds another cluster with the keys, leases, users and revisions of this one, in a blank
   * store. Waits for the disk.
   *
   * @param founders the same on every founder, as is the backup
   */
  public void restore(MemberStore store, List<MemberInfo> founders) throws StorageException {
    Recovery.found(store, founders, state.store(), state.auth());
  }

  /** One backup that is being written, a part at a time, while entries go on being applied. */
  static final class Writer {
    private static final int PART_BYTES = 256 * 1024;

    private final StateMachine.Content content;
    private Bytes head;
    private long remaining;
    private long written;

    Writer(long clusterId, StateMachine state) {
      content = state.content();
      head = new Origin(clusterId, state.applied()).encode();
      remaining = state.store().liveBytes() + state.store().historyBytes();
    }

    /** The next part; null behind the last. */
    Bytes next() {
      if (content.isAtEnd() && head == null) {
        return null;
      }
      ByteWriter part = new ByteWriter(PART_BYTES + BLOCK_BYTES);
      if (head != null) {
        part.fixed32(head.length()).raw(head);
        head = null;
      }
      Bytes frames = content.nextPart(PART_BYTES);
      part.raw(frames);
      if (content.isAtEnd()) {
        part.fixed32(0);
        int beyond = (int) ((written + part.size()) % BLOCK_BYTES);
        part.raw(new byte[BLOCK_BYTES], 0, beyond == 0 ? 0 : BLOCK_BYTES - beyond);
      }
      written += part.size();
      remaining = content.isAtEnd() ? 0 : Math.max(1, remaining - part.size());
      return part.toBytes();
    }

    long remainingBytes() {
      return remaining;
    }

    boolean isAtEnd() {
      return head == null && content.isAtEnd();
    }

    void close() {
      content.close();
    }
  }

  /** Reads a backup, without the checksum behind it, cut anywhere. */
  public static final class Loader {
    private static final int FRAME_BYTES_MAX = 1 << 30;

    private Bytes partial = Bytes.EMPTY; // The beginning of a frame that is not whole.
    private Origin origin;
    private StateMachine.Loader state;
    private boolean ended;

    /** Takes the next bytes. */
    public void accept(Bytes part) throws MalformedException {
      Bytes bytes = partial.append(part);
      int position = 0;
      while (!ended && bytes.length() - position >= Integer.BYTES) {
        int length = new ByteReader(bytes.slice(position, Integer.BYTES)).fixed32();
        if (length < 0 || length > FRAME_BYTES_MAX || (origin == null && length > BLOCK_BYTES)) {
          throw new MalformedException("not a snapshot of Balsa");
        }
        int whole = Integer.BYTES + length;
        if (bytes.length() - position < whole) {
          break;
        }
        acceptFrame(bytes.slice(position, whole));
        position += whole;
      }
      partial = ended ? Bytes.EMPTY : bytes.slice(position, bytes.length() - position);
    }

    private void acceptFrame(Bytes framed) throws MalformedException {
      int length = framed.length() - Integer.BYTES;
      if (origin == null) {
        origin = Origin.decode(framed.slice(Integer.BYTES, length));
        // The members of the old cluster are of no interest, so neither is who of them votes.
        state =
            new StateMachine.Loader(new Snapshot(origin.applied(), ConfState.ofVoters(List.of())));
      } else if (length == 0) {
        ended = true;
      } else {
        state.accept(framed);
      }
    }

    /**
     * The backup, once all is in.
     *
     * @throws MalformedException if something is missing
     */
    public Backup finish() throws MalformedException {
      if (!ended) {
        throw new MalformedException("it ends early");
      }
      return new Backup(origin, state.finish());
    }
  }
}
