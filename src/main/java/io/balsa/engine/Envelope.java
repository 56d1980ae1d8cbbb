package io.balsa.engine;

import io.balsa.data.ByteReader;
import io.balsa.data.ByteWriter;
import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.mvcc.auth.AuthCodec;
import io.balsa.mvcc.auth.AuthCommand;
import io.balsa.mvcc.auth.Credentials;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.CommandCodec;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryType;

/**
 * What an entry of ours holds: who proposed it, under which number, and what it asks.
 *
 * @param origin the member whose client waits for it
 * @param number see {@link Proposal}
 */
record Envelope(long origin, long number, Payload payload) {
  private static final int COMMAND = 1;
  private static final int PUBLISH = 2;
  private static final int CHANGE = 3;
  private static final int COMMAND_BY = 4;
  private static final int AUTH_COMMAND = 5;
  private static final int CREDENTIALS_BYTES = 24; // Of most.

  /** What is asked. */
  sealed interface Payload {}

  /**
   * A command of the key-value state machine.
   *
   * @param by who asks for it
   */
  record KeyValueCommand(Command command, Credentials by) implements Payload {
    /** Of nobody in particular. */
    KeyValueCommand(Command command) {
      this(command, Credentials.NOBODY);
    }
  }

  /** A change of users and roles, and who asks for it. */
  record AuthChange(AuthCommand command, Credentials by) implements Payload {}

  /** A member says where its clients find it. */
  record Publish(MemberInfo member) implements Payload {}

  /**
   * The context of a configuration change.
   *
   * @param member the one it is about
   * @param force whether its proposer accepts a cluster without quorum
   */
  record Change(MemberInfo member, boolean force) implements Payload {}

  /** The payload alone; {@link #seal} puts it under a number. */
  static Bytes encode(Payload payload) {
    ByteWriter writer = new ByteWriter(capacity(payload));
    if (payload instanceof KeyValueCommand kv) {
      if (kv.by().kind() == Credentials.Kind.NOBODY) {
        writer.u8(COMMAND);
      } else {
        writer.u8(COMMAND_BY);
        AuthCodec.encode(kv.by(), writer);
      }
      CommandCodec.encode(kv.command(), writer);
    } else if (payload instanceof AuthChange change) {
      writer.u8(AUTH_COMMAND);
      AuthCodec.encode(change.by(), writer);
      AuthCodec.encode(change.command(), writer);
    } else if (payload instanceof Publish publish) {
      writer.u8(PUBLISH);
      publish.member().encode(writer);
    } else if (payload instanceof Change change) {
      writer.u8(CHANGE);
      change.member().encode(writer);
      writer.u8(change.force() ? 1 : 0);
    }
    return writer.finish();
  }

  private static int capacity(Payload payload) {
    return CREDENTIALS_BYTES
        + (payload instanceof KeyValueCommand kv ? CommandCodec.capacity(kv.command()) : 128);
  }

  /** An entry's data, or a configuration change's context. */
  static Bytes seal(long origin, long number, Bytes payload) {
    return Bytes.wrap(
        new ByteWriter(Long.BYTES + ByteWriter.varintBytes(number) + payload.length())
            .fixed64(origin)
            .varint(number)
            .raw(payload)
            .toArray());
  }

  /** The number of a proposal of ours. */
  static long numberOf(Entry entry) throws MalformedException {
    Bytes sealed =
        entry.type() == EntryType.NORMAL ? entry.data() : ConfChange.decode(entry.data()).context();
    ByteReader reader = new ByteReader(sealed);
    reader.fixed64(); // The origin.
    return reader.varint();
  }

  static Envelope decode(Bytes data) throws MalformedException {
    ByteReader reader = new ByteReader(data);
    long origin = reader.fixed64();
    long number = reader.varint();
    int kind = reader.u8();
    Payload payload =
        switch (kind) {
          case COMMAND -> new KeyValueCommand(CommandCodec.decode(reader));
          case COMMAND_BY -> {
            Credentials by = AuthCodec.decodeCredentials(reader);
            yield new KeyValueCommand(CommandCodec.decode(reader), by);
          }
          case AUTH_COMMAND -> {
            Credentials by = AuthCodec.decodeCredentials(reader);
            yield new AuthChange(AuthCodec.decode(reader), by);
          }
          case PUBLISH -> new Publish(MemberInfo.decode(reader));
          case CHANGE -> new Change(MemberInfo.decode(reader), reader.u8() != 0);
          default -> throw new MalformedException("entry: unknown kind: " + kind);
        };
    reader.expectEnd();
    return new Envelope(origin, number, payload);
  }
}
