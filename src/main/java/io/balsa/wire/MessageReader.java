package io.balsa.wire;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads raft messages. Knows what no correct member sends, so that it is refused here: negative
 * terms and indices, entries with holes between them, kinds it has never heard of.
 */
final class MessageReader {
  private static final EntryType[] ENTRY_TYPES = EntryType.values();

  private final CodedInputStream in;

  MessageReader(CodedInputStream in) {
    this.in = in;
  }

  /** What the kind's own fields need from the message around them, read before or after them. */
  private interface Body {
    Message message(long from, long to, long term) throws MalformedException;
  }

  /** Reads one nested {@code RaftMessage} whose tag is read already. */
  Message read() throws IOException, MalformedException {
    int outer = open();
    long from = 0;
    long to = 0;
    long term = 0;
    Body body = null;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | WireFormat.WIRETYPE_FIXED64 -> from = in.readFixed64();
        case 2 << 3 | WireFormat.WIRETYPE_FIXED64 -> to = in.readFixed64();
        case 3 << 3 | WireFormat.WIRETYPE_VARINT -> term = position("term");
        default -> {
          if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            in.skipField(tag);
          } else {
            int limit = open();
            body = readBody(WireFormat.getTagFieldNumber(tag));
            in.popLimit(limit);
          }
        }
      }
    }
    in.popLimit(outer);
    if (body == null) {
      throw new MalformedException("peer message: no kind");
    }
    if (from == Message.NOBODY || to == Message.NOBODY) {
      throw new MalformedException(
          "peer message: sender and receiver must be named: from "
              + Long.toHexString(from)
              + " to "
              + Long.toHexString(to));
    }
    return body.message(from, to, term);
  }

  private Body readBody(int kind) throws IOException, MalformedException {
    return switch (kind) {
      case 4 -> readPropose();
      case 5 -> readAppendRequest();
      case 6 -> readAppendResponse();
      case 7 -> readVoteRequest();
      case 8 -> readVoteResponse();
      case 9 -> readInstallSnapshot();
      case 10 -> readHeartbeat();
      case 11 -> readHeartbeatResponse();
      case 12 -> {
        skipRest();
        yield Message.TimeoutNow::new;
      }
      case 13 -> {
        skipRest();
        yield Message.TransferLeader::new;
      }
      case 14 -> readReadIndexRequest();
      case 15 -> readReadIndexResponse();
      case 16 -> readProposeRefused();
      default -> throw new MalformedException("peer message: unknown kind: " + kind);
    };
  }

  private Body readPropose() throws IOException, MalformedException {
    List<Entry> entries = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == (1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
        entries.add(readEntry());
      } else {
        in.skipField(tag);
      }
    }
    return (from, to, term) -> new Message.Propose(from, to, term, entries);
  }

  private Body readAppendRequest() throws IOException, MalformedException {
    long previousTerm = 0;
    long previousIndex = 0;
    long commit = 0;
    List<Entry> entries = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | WireFormat.WIRETYPE_VARINT -> previousTerm = position("previous term");
        case 2 << 3 | WireFormat.WIRETYPE_VARINT -> previousIndex = position("previous index");
        case 3 << 3 | WireFormat.WIRETYPE_VARINT -> commit = position("commit");
        case 4 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> entries.add(readEntry());
        default -> in.skipField(tag);
      }
    }
    for (int i = 0; i < entries.size(); i++) {
      long expected = previousIndex + 1 + i;
      if (entries.get(i).index() != expected) {
        throw new MalformedException(
            "append request: entries must follow each other: expected index "
                + expected
                + ", found "
                + entries.get(i).index());
      }
    }
    EntryId previous = new EntryId(previousTerm, previousIndex);
    long committed = commit;
    return (from, to, term) ->
        new Message.AppendRequest(from, to, term, previous, entries, committed);
  }

  private Body readAppendResponse() throws IOException, MalformedException {
    long index = 0;
    boolean rejected = false;
    long hintTerm = 0;
    long hintIndex = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | WireFormat.WIRETYPE_VARINT -> index = position("index");
        case 2 << 3 | WireFormat.WIRETYPE_VARINT -> rejected = in.readBool();
        case 3 << 3 | WireFormat.WIRETYPE_VARINT -> hintTerm = position("hint term");
        case 4 << 3 | WireFormat.WIRETYPE_VARINT -> hintIndex = position("hint index");
        default -> in.skipField(tag);
      }
    }
    long at = index;
    boolean no = rejected;
    EntryId hint = new EntryId(hintTerm, hintIndex);
    return (from, to, term) -> new Message.AppendResponse(from, to, term, at, no, hint);
  }

  private Body readVoteRequest() throws IOException, MalformedException {
    long lastTerm = 0;
    long lastIndex = 0;
    boolean preVote = false;
    boolean transfer = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | WireFormat.WIRETYPE_VARINT -> lastTerm = position("last term");
        case 2 << 3 | WireFormat.WIRETYPE_VARINT -> lastIndex = position("last index");
        case 3 << 3 | WireFormat.WIRETYPE_VARINT -> preVote = in.readBool();
        case 4 << 3 | WireFormat.WIRETYPE_VARINT -> transfer = in.readBool();
        default -> in.skipField(tag);
      }
    }
    EntryId last = new EntryId(lastTerm, lastIndex);
    boolean pre = preVote;
    boolean asked = transfer;
    return (from, to, term) -> new Message.VoteRequest(from, to, term, last, pre, asked);
  }

  private Body readVoteResponse() throws IOException {
    boolean preVote = false;
    boolean rejected = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | WireFormat.WIRETYPE_VARINT -> preVote = in.readBool();
        case 2 << 3 | WireFormat.WIRETYPE_VARINT -> rejected = in.readBool();
        default -> in.skipField(tag);
      }
    }
    boolean pre = preVote;
    boolean no = rejected;
    return (from, to, term) -> new Message.VoteResponse(from, to, term, pre, no);
  }

  private Body readInstallSnapshot() throws IOException, MalformedException {
    long lastTerm = 0;
    long lastIndex = 0;
    ConfState state = ConfState.EMPTY;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | WireFormat.WIRETYPE_VARINT -> lastTerm = position("last term");
        case 2 << 3 | WireFormat.WIRETYPE_VARINT -> lastIndex = position("last index");
        case 3 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
          int limit = open();
          state = readConfState();
          in.popLimit(limit);
        }
        default -> in.skipField(tag);
      }
    }
    if (lastIndex == 0) {
      throw new MalformedException("install snapshot: index must be positive: 0");
    }
    Snapshot snapshot = new Snapshot(new EntryId(lastTerm, lastIndex), state);
    return (from, to, term) -> new Message.InstallSnapshot(from, to, term, snapshot);
  }

  private ConfState readConfState() throws IOException, MalformedException {
    List<Long> voters = List.of();
    List<Long> votersOutgoing = List.of();
    List<Long> learners = List.of();
    List<Long> learnersNext = List.of();
    boolean autoLeave = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> voters = readFixed64s();
        case 2 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> votersOutgoing = readFixed64s();
        case 3 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> learners = readFixed64s();
        case 4 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> learnersNext = readFixed64s();
        case 5 << 3 | WireFormat.WIRETYPE_VARINT -> autoLeave = in.readBool();
        default -> in.skipField(tag);
      }
    }
    return new ConfState(voters, votersOutgoing, learners, learnersNext, autoLeave);
  }

  private Body readHeartbeat() throws IOException, MalformedException {
    long commit = 0;
    long readPosition = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | WireFormat.WIRETYPE_VARINT -> commit = position("commit");
        case 2 << 3 | WireFormat.WIRETYPE_VARINT -> readPosition = position("read position");
        default -> in.skipField(tag);
      }
    }
    long committed = commit;
    long read = readPosition;
    return (from, to, term) -> new Message.Heartbeat(from, to, term, committed, read);
  }

  private Body readHeartbeatResponse() throws IOException, MalformedException {
    long readPosition = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == (1 << 3 | WireFormat.WIRETYPE_VARINT)) {
        readPosition = position("read position");
      } else {
        in.skipField(tag);
      }
    }
    long read = readPosition;
    return (from, to, term) -> new Message.HeartbeatResponse(from, to, term, read);
  }

  private Body readReadIndexRequest() throws IOException {
    long context = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == (1 << 3 | WireFormat.WIRETYPE_FIXED64)) {
        context = in.readFixed64();
      } else {
        in.skipField(tag);
      }
    }
    long read = context;
    return (from, to, term) -> new Message.ReadIndexRequest(from, to, term, read);
  }

  private Body readReadIndexResponse() throws IOException, MalformedException {
    long index = 0;
    long context = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | WireFormat.WIRETYPE_VARINT -> index = position("index");
        case 2 << 3 | WireFormat.WIRETYPE_FIXED64 -> context = in.readFixed64();
        default -> in.skipField(tag);
      }
    }
    long at = index;
    long read = context;
    return (from, to, term) -> new Message.ReadIndexResponse(from, to, term, at, read);
  }

  private Body readProposeRefused() throws IOException, MalformedException {
    List<Long> proposals = List.of();
    String code = "";
    String detail = "";
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> proposals = readFixed64s();
        case 2 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> code = in.readStringRequireUtf8();
        case 3 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> detail = in.readStringRequireUtf8();
        default -> in.skipField(tag);
      }
    }
    List<Long> numbers = proposals;
    String why = code;
    String text = detail;
    return (from, to, term) -> new Message.ProposeRefused(from, to, term, numbers, why, text);
  }

  private Entry readEntry() throws IOException, MalformedException {
    int limit = open();
    long term = 0;
    long index = 0;
    long type = 0;
    Bytes data = Bytes.EMPTY;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | WireFormat.WIRETYPE_VARINT -> term = position("entry term");
        case 2 << 3 | WireFormat.WIRETYPE_VARINT -> index = position("entry index");
        case 3 << 3 | WireFormat.WIRETYPE_VARINT -> type = in.readUInt64();
        case 4 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> data = Bytes.wrap(in.readByteArray());
        default -> in.skipField(tag);
      }
    }
    in.popLimit(limit);
    if (type < 0 || type >= ENTRY_TYPES.length) {
      throw new MalformedException("entry: unknown type: " + Long.toUnsignedString(type));
    }
    return new Entry(term, index, ENTRY_TYPES[(int) type], data);
  }

  private List<Long> readFixed64s() throws IOException, MalformedException {
    int limit = open();
    int bytes = in.getBytesUntilLimit();
    if (bytes % Long.BYTES != 0) {
      throw new MalformedException("list of fixed64: length must divide by 8: " + bytes);
    }
    List<Long> values = new ArrayList<>(bytes / Long.BYTES);
    while (!in.isAtEnd()) {
      values.add(in.readFixed64());
    }
    in.popLimit(limit);
    return values;
  }

  /** A term or an index: never negative. */
  private long position(String name) throws IOException, MalformedException {
    long value = in.readUInt64();
    if (value < 0) {
      throw new MalformedException(name + " too large: " + Long.toUnsignedString(value));
    }
    return value;
  }

  private void skipRest() throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      in.skipField(tag);
    }
  }

  private int open() throws IOException {
    return in.pushLimit(in.readRawVarint32());
  }
}
