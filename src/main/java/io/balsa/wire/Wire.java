package io.balsa.wire;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.balsa.data.ByteWriter;
import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Frames to bytes and back. */
public final class Wire {
  /** The version of the protocol that this code speaks; the handshake refuses any other. */
  public static final int VERSION = 1;

  private static final int TEXT_CHARS_MAX = 4096;
  private static final int MESSAGE_OVERHEAD_BYTES = 96;

  private Wire() {}

  /**
   * An upper bound, but for texts, of what {@code message} takes on the wire: what queues and
   * batches count. Its entries count what they take, so that a message of entries is at most a head
   * of 96 bytes and the sum of their {@link Entry#encodedBytes}; in a log that has seen 2^28 terms
   * or 2^42 entries a few bytes more for each.
   */
  public static long sizeBytes(Message message) {
    List<Entry> entries;
    if (message instanceof Message.AppendRequest append) {
      entries = append.entries();
    } else if (message instanceof Message.Propose propose) {
      entries = propose.entries();
    } else if (message instanceof Message.ProposeRefused refused) {
      return MESSAGE_OVERHEAD_BYTES
          + (long) Long.BYTES * refused.proposals().size()
          + 3L * (refused.code().length() + refused.detail().length());
    } else {
      return MESSAGE_OVERHEAD_BYTES;
    }
    long size = MESSAGE_OVERHEAD_BYTES;
    for (int i = 0; i < entries.size(); i++) {
      size += sizeBytes(entries.get(i));
    }
    return size;
  }

  private static long sizeBytes(Entry entry) {
    long size = 0;
    if (entry.term() != 0) {
      size += 1 + ByteWriter.varintBytes(entry.term());
    }
    if (entry.index() != 0) {
      size += 1 + ByteWriter.varintBytes(entry.index());
    }
    if (entry.type() != EntryType.NORMAL) {
      size += 2;
    }
    int length = entry.data().length();
    if (length != 0) {
      size += 1 + ByteWriter.varintBytes(length) + (long) length;
    }
    return 1 + ByteWriter.varintBytes(size) + size;
  }

  /**
   * The bytes of {@code frame}, in an array that only the result knows.
   *
   * @throws io.balsa.data.InvariantException for messages to local storage threads, which never
   *     leave a member
   */
  public static ByteBuffer encode(Frame frame) {
    if (frame instanceof Frame.Batch batch) {
      return encodeBatch(batch.messages());
    } else if (frame instanceof Frame.Part part) {
      return encodePart(part);
    }
    ProtoWriter out = new ProtoWriter(128);
    if (frame instanceof Frame.Hello hello) {
      for (int i = hello.peerUrls().size() - 1; i >= 0; i--) {
        out.text(6, hello.peerUrls().get(i));
      }
      out.fixed64(5, hello.to());
      out.text(4, hello.name());
      out.fixed64(3, hello.from());
      out.fixed64(2, hello.clusterId());
      out.uint64(1, hello.version());
      out.nested(1, 0);
    } else if (frame instanceof Frame.Refusal refusal) {
      out.fixed64(2, refusal.removedFrom());
      out.text(1, refusal.reason());
      out.nested(2, 0);
    } else if (frame instanceof Frame.Install install) {
      new MessageWriter(out).write(4, install.message());
    } else if (frame instanceof Frame.Progress progress) {
      out.bool(2, progress.durable());
      out.uint64(1, progress.nextOffset());
      out.nested(6, 0);
    }
    return out.toBuffer();
  }

  /**
   * Reads one frame, which must fill {@code input}; what is kept of it is copied. The caller bounds
   * the length.
   *
   * @throws MalformedException if the bytes are no frame, or one that no correct member sends
   */
  public static Frame decode(ByteBuffer input) throws MalformedException {
    CodedInputStream in = CodedInputStream.newInstance(input);
    try {
      // Without a limit around everything the reader takes the end of the input for the end of
      // whatever is nested there.
      in.pushLimit(input.remaining());
      return decode(in);
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedException("peer frame: " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("reads memory only", e);
    }
  }

  private static ByteBuffer encodeBatch(List<Message> messages) {
    long size = MESSAGE_OVERHEAD_BYTES;
    for (int i = 0; i < messages.size(); i++) {
      size += sizeBytes(messages.get(i));
    }
    ProtoWriter out = new ProtoWriter(Math.toIntExact(size));
    MessageWriter writer = new MessageWriter(out);
    for (int i = messages.size() - 1; i >= 0; i--) {
      writer.write(1, messages.get(i));
    }
    out.nested(3, 0);
    return out.toBuffer();
  }

  private static ByteBuffer encodePart(Frame.Part part) {
    ProtoWriter out = new ProtoWriter(part.data().length() + MESSAGE_OVERHEAD_BYTES);
    out.bool(4, part.end());
    out.fixed32(3, crc32c(part.data()));
    out.bytes(2, part.data());
    out.uint64(1, part.offset());
    out.nested(5, 0);
    return out.toBuffer();
  }

  private static Frame decode(CodedInputStream in) throws IOException, MalformedException {
    Frame frame = null;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        in.skipField(tag);
        continue;
      }
      if (WireFormat.getTagFieldNumber(tag) == 4) {
        Message message = new MessageReader(in).read();
        if (!(message instanceof Message.InstallSnapshot install)) {
          throw new MalformedException(
              "peer frame: an install snapshot was expected, found "
                  + message.getClass().getSimpleName());
        }
        frame = new Frame.Install(install);
        continue;
      }
      int limit = in.pushLimit(in.readRawVarint32());
      frame =
          switch (WireFormat.getTagFieldNumber(tag)) {
            case 1 -> readHello(in);
            case 2 -> readRefusal(in);
            case 3 -> readBatch(in);
            case 5 -> readPart(in);
            case 6 -> readProgress(in);
            default ->
                throw new MalformedException(
                    "peer frame: unknown kind: " + WireFormat.getTagFieldNumber(tag));
          };
      in.popLimit(limit);
    }
    if (frame == null) {
      throw new MalformedException("peer frame: no kind");
    }
    return frame;
  }

  private static Frame.Hello readHello(CodedInputStream in) throws IOException, MalformedException {
    int version = 0;
    long clusterId = 0;
    long from = 0;
    String name = "";
    long to = 0;
    List<String> urls = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | WireFormat.WIRETYPE_VARINT -> version = in.readUInt32();
        case 2 << 3 | WireFormat.WIRETYPE_FIXED64 -> clusterId = in.readFixed64();
        case 3 << 3 | WireFormat.WIRETYPE_FIXED64 -> from = in.readFixed64();
        case 4 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> name = readText(in, "name");
        case 5 << 3 | WireFormat.WIRETYPE_FIXED64 -> to = in.readFixed64();
        case 6 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> urls.add(readText(in, "peer URL"));
        default -> in.skipField(tag);
      }
    }
    if (from == Message.NOBODY || from == Message.APPEND_THREAD || from == Message.APPLY_THREAD) {
      throw new MalformedException("hello: not the id of a member: " + Long.toHexString(from));
    }
    if (urls.size() > Frame.Hello.URLS_MAX) {
      throw new MalformedException(
          "hello: too many peer URLs: " + urls.size() + " > " + Frame.Hello.URLS_MAX);
    }
    return new Frame.Hello(version, clusterId, from, name, to, urls);
  }

  private static Frame.Refusal readRefusal(CodedInputStream in)
      throws IOException, MalformedException {
    String reason = "";
    long removedFrom = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> reason = readText(in, "reason");
        case 2 << 3 | WireFormat.WIRETYPE_FIXED64 -> removedFrom = in.readFixed64();
        default -> in.skipField(tag);
      }
    }
    return new Frame.Refusal(reason, removedFrom);
  }

  private static Frame.Batch readBatch(CodedInputStream in) throws IOException, MalformedException {
    List<Message> messages = new ArrayList<>();
    MessageReader reader = new MessageReader(in);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == (1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
        messages.add(reader.read());
      } else {
        in.skipField(tag);
      }
    }
    return new Frame.Batch(messages);
  }

  private static Frame.Part readPart(CodedInputStream in) throws IOException, MalformedException {
    long offset = 0;
    Bytes data = Bytes.EMPTY;
    int checksum = 0;
    boolean end = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | WireFormat.WIRETYPE_VARINT -> offset = in.readUInt64();
        case 2 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> data = Bytes.wrap(in.readByteArray());
        case 3 << 3 | WireFormat.WIRETYPE_FIXED32 -> checksum = in.readFixed32();
        case 4 << 3 | WireFormat.WIRETYPE_VARINT -> end = in.readBool();
        default -> in.skipField(tag);
      }
    }
    if (checksum != crc32c(data)) {
      throw new MalformedException(
          "snapshot part: checksum mismatch at offset "
              + offset
              + ": expected "
              + Integer.toHexString(checksum)
              + ", found "
              + Integer.toHexString(crc32c(data)));
    }
    return new Frame.Part(offset, data, end);
  }

  private static Frame.Progress readProgress(CodedInputStream in) throws IOException {
    long nextOffset = 0;
    boolean durable = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | WireFormat.WIRETYPE_VARINT -> nextOffset = in.readUInt64();
        case 2 << 3 | WireFormat.WIRETYPE_VARINT -> durable = in.readBool();
        default -> in.skipField(tag);
      }
    }
    return new Frame.Progress(nextOffset, durable);
  }

  /** A text that will stand in a log: short, and all on one line. */
  private static String readText(CodedInputStream in, String name)
      throws IOException, MalformedException {
    String text = in.readStringRequireUtf8();
    if (text.length() > TEXT_CHARS_MAX || text.chars().anyMatch(Character::isISOControl)) {
      throw new MalformedException(
          name + ": must be one line of at most " + TEXT_CHARS_MAX + " characters");
    }
    return text;
  }

  private static int crc32c(Bytes data) {
    CRC32C checksum = new CRC32C();
    checksum.update(data.unsafeBuffer());
    return (int) checksum.getValue();
  }
}
