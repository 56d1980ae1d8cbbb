package io.balsa.engine;

import io.balsa.data.ByteReader;
import io.balsa.data.ByteWriter;
import io.balsa.data.Bytes;
import io.balsa.data.Checks;
import io.balsa.data.InvariantException;
import io.balsa.data.MalformedException;
import io.balsa.mvcc.Store;
import io.balsa.mvcc.StoreLoader;
import io.balsa.mvcc.StoreSnapshot;
import io.balsa.mvcc.auth.Access;
import io.balsa.mvcc.auth.Auth;
import io.balsa.mvcc.auth.AuthAnswer;
import io.balsa.mvcc.auth.AuthFault;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.Result;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Snapshot;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/**
 * Everything that the log determines: keys, leases, users and roles, members, and which proposals
 * were applied. The same entries give the same state on every member.
 */
final class StateMachine {
  private static final int FORMAT_VERSION = 1;
  private static final int FORMAT_VERSION_WITH_AUTH = 2;
  private static final int SLICE_BYTES = 64 * 1024;

  private final Store store;
  private final Auth auth;
  private final Access access;
  private final Membership membership;
  // The largest proposal number applied, by origin. Numbers grow with each sending, so an entry
  // that
  // arrives twice, or after a later one of its origin, is known by its number and skipped.
  private final TreeMap<Long, Long> numbers;
  private EntryId applied;

  private StateMachine(
      Store store, Auth auth, Membership membership, TreeMap<Long, Long> numbers, EntryId applied) {
    this.store = store;
    this.auth = auth;
    this.access = new Access(auth, store);
    this.membership = membership;
    this.numbers = numbers;
    this.applied = applied;
  }

  /** The state before any command, for a cluster of these founders. */
  static StateMachine genesis(Snapshot snapshot, Collection<MemberInfo> founders) {
    return genesis(snapshot, founders, new Store(), new Auth());
  }

  /** The state before any command of a cluster that begins with these keys and users. */
  static StateMachine genesis(
      Snapshot snapshot, Collection<MemberInfo> founders, Store keys, Auth users) {
    return new StateMachine(
        keys,
        users,
        new Membership(snapshot.confState(), founders),
        new TreeMap<>(Long::compareUnsigned),
        snapshot.last());
  }

  /** What became of one entry. */
  sealed interface Outcome {
    /** Whose client may be waiting; 0 for nobody. */
    long origin();

    /** The number of the proposal. */
    long number();

    /** A command was applied. */
    record Applied(long origin, long number, Command command, Result result) implements Outcome {}

    /** A change of users and roles was applied. */
    record AuthApplied(long origin, long number, AuthAnswer answer) implements Outcome {}

    /** Member data were published. */
    record Published(long origin, long number) implements Outcome {}

    /** The membership changed. */
    record Reconfigured(long origin, long number, ConfChange change, MemberInfo about)
        implements Outcome {}

    /**
     * A change was refused; the configuration stays.
     *
     * @param fault null if it was applied before under this or a later number
     */
    record ChangeRefused(long origin, long number, ConfChange cancelled, Membership.Fault fault)
        implements Outcome {}

    /** Nothing: a leader's no-op, or an entry that was applied before under a later number. */
    record Nothing(long origin, long number) implements Outcome {}
  }

  Store store() {
    return store;
  }

  Auth auth() {
    return auth;
  }

  /** Who may do what, by the present state. */
  Access access() {
    return access;
  }

  /** Over everything that clients can change: equal wherever the same log was applied. */
  long stateHash() {
    return store.stateHash() ^ auth.stateHash();
  }

  Membership membership() {
    return membership;
  }

  EntryId applied() {
    return applied;
  }

  long lastNumber(long origin) {
    return numbers.getOrDefault(origin, 0L);
  }

  /** Applies the next entry of the log. */
  Outcome apply(Entry entry) {
    Checks.invariant(
        entry.index() == applied.index() + 1 && entry.term() >= applied.term(),
        "entry applied out of order, index and applied index",
        entry.index(),
        applied.index());
    applied = entry.id();
    try {
      return entry.type() == EntryType.NORMAL ? applyNormal(entry) : applyChange(entry);
    } catch (MalformedException e) {
      throw unreadable(entry, e);
    }
  }

  private Outcome applyNormal(Entry entry) throws MalformedException {
    if (entry.data().isEmpty()) {
      return new Outcome.Nothing(0, 0);
    }
    Envelope envelope = Envelope.decode(entry.data());
    if (!isNew(envelope)) {
      return new Outcome.Nothing(envelope.origin(), envelope.number());
    }
    if (envelope.payload() instanceof Envelope.KeyValueCommand kv) {
      AuthFault denied = auth.isEnabled() ? access.check(kv.by(), kv.command()) : null;
      Result result = denied == null ? store.apply(kv.command()) : Replies.denied(denied);
      return new Outcome.Applied(envelope.origin(), envelope.number(), kv.command(), result);
    }
    if (envelope.payload() instanceof Envelope.AuthChange change) {
      AuthAnswer answer = auth.apply(change.command(), change.by(), entry.index());
      return new Outcome.AuthApplied(envelope.origin(), envelope.number(), answer);
    }
    if (envelope.payload() instanceof Envelope.Publish publish) {
      membership.publish(publish.member());
      return new Outcome.Published(envelope.origin(), envelope.number());
    }
    throw new InvariantException("configuration change in a normal entry: " + entry.id());
  }

  private Outcome applyChange(Entry entry) throws MalformedException {
    ConfChange change = ConfChange.decode(entry.data());
    if (change.context().isEmpty()) { // The core's own: leaving a joint configuration.
      if (!change.operations().isEmpty()) {
        throw new MalformedException("change of members without a word about them: " + change);
      }
      membership.take(change, null);
      return new Outcome.Reconfigured(0, 0, change, null);
    }
    Envelope envelope = Envelope.decode(change.context());
    if (!(envelope.payload() instanceof Envelope.Change payload)) {
      throw new MalformedException("change of members with another kind of context: " + change);
    }
    MemberInfo about = payload.member();
    if (!isNew(envelope)) {
      return new Outcome.ChangeRefused(envelope.origin(), envelope.number(), cancel(change), null);
    }
    Membership.Fault fault = membership.judge(change, about);
    if (fault != null) {
      return new Outcome.ChangeRefused(envelope.origin(), envelope.number(), cancel(change), fault);
    }
    membership.take(change, about);
    return new Outcome.Reconfigured(envelope.origin(), envelope.number(), change, about);
  }

  private boolean isNew(Envelope envelope) {
    if (envelope.number() <= lastNumber(envelope.origin())) {
      return false;
    }
    numbers.put(envelope.origin(), envelope.number());
    return true;
  }

  /** The change of an entry that is not applied again, because the state holds it. */
  static ConfChange cancelled(Entry entry) {
    try {
      return cancel(ConfChange.decode(entry.data()));
    } catch (MalformedException e) {
      throw unreadable(entry, e);
    }
  }

  private static InvariantException unreadable(Entry entry, MalformedException e) {
    return new InvariantException(
        "committed entry %d of term %d cannot be read: %s"
            .formatted(entry.index(), entry.term(), e.getMessage()));
  }

  private static ConfChange cancel(ConfChange change) {
    List<ConfChange.Operation> nobody =
        change.operations().stream()
            .map(operation -> new ConfChange.Operation(operation.type(), 0))
            .toList();
    return new ConfChange(change.transition(), nobody, Bytes.EMPTY);
  }

  /** Names the present state. */
  Snapshot snapshotName() {
    return new Snapshot(applied, membership.confState());
  }

  /** A consistent cut, to be read in slices while entries go on being applied. */
  Content content() {
    return new Content(header(), store.snapshot());
  }

  private Bytes header() {
    ByteWriter writer = new ByteWriter(1024);
    boolean hasAuth = auth.stateHash() != 0; // Without, members of the version before read it too.
    writer.u8(hasAuth ? FORMAT_VERSION_WITH_AUTH : FORMAT_VERSION);
    membership.encode(writer);
    writer.varint(numbers.size());
    numbers.forEach((origin, number) -> writer.fixed64(origin).varint(number));
    if (hasAuth) {
      auth.encode(writer);
    }
    return writer.toBytes();
  }

  /** The content of a snapshot as a row of frames: the length in four bytes, then the slice. */
  static final class Content {
    private final StoreSnapshot keys;
    private final ByteWriter part = new ByteWriter(0); // Kept, for it is as large each time.
    private Bytes next;

    private Content(Bytes header, StoreSnapshot keys) {
      this.next = header;
      this.keys = keys;
    }

    /** The next frames, one at least and about {@code bytes} or all that are left. */
    Bytes nextPart(int bytes) {
      part.clear();
      do {
        part.fixed32(next.length()).raw(next);
        next = keys.next(SLICE_BYTES);
      } while (part.size() < bytes && !isAtEnd());
      return part.toBytes();
    }

    /** Whether all was read. */
    boolean isAtEnd() {
      return next == null;
    }

    /** Lets go of the cut; must be called when it is not read to the end. */
    void close() {
      keys.close();
    }
  }

  /** Builds a state machine from the content of a snapshot, cut anywhere. */
  static final class Loader {
    private final Snapshot snapshot;
    private final StoreLoader keys = new StoreLoader();
    private Bytes partial = Bytes.EMPTY; // The beginning of a frame that is not whole.
    private Auth auth = new Auth();
    private Membership membership;
    private TreeMap<Long, Long> numbers;

    Loader(Snapshot snapshot) {
      this.snapshot = snapshot;
    }

    /** Takes the next bytes of the content. */
    void accept(Bytes part) throws MalformedException {
      Bytes bytes = partial.append(part);
      int position = 0;
      while (bytes.length() - position >= 4) {
        int length = new ByteReader(bytes.slice(position, 4)).fixed32();
        if (length < 0) {
          throw new MalformedException("snapshot: frame length is negative: " + length);
        }
        if (bytes.length() - position - 4 < length) {
          break;
        }
        acceptFrame(bytes.slice(position + 4, length));
        position += 4 + length;
      }
      partial = bytes.slice(position, bytes.length() - position);
    }

    private void acceptFrame(Bytes frame) throws MalformedException {
      if (membership != null) {
        keys.accept(frame);
        return;
      }
      ByteReader reader = new ByteReader(frame);
      int version = reader.u8();
      if (version != FORMAT_VERSION && version != FORMAT_VERSION_WITH_AUTH) {
        throw new MalformedException(
            "snapshot: format version %d, expected %d or %d"
                .formatted(version, FORMAT_VERSION, FORMAT_VERSION_WITH_AUTH));
      }
      membership = Membership.decode(snapshot.confState(), reader);
      numbers = new TreeMap<>(Long::compareUnsigned);
      int count = reader.count(Long.BYTES + 1);
      for (int i = 0; i < count; i++) {
        numbers.put(reader.fixed64(), reader.varint());
      }
      if (version == FORMAT_VERSION_WITH_AUTH) {
        auth = Auth.decode(reader);
      }
      reader.expectEnd();
    }

    /** The state, when all parts were accepted. */
    StateMachine finish() throws MalformedException {
      if (membership == null || !partial.isEmpty()) {
        throw new MalformedException(
            "snapshot: content ends early, %d bytes of a frame left".formatted(partial.length()));
      }
      return new StateMachine(keys.finish(), auth, membership, numbers, snapshot.last());
    }
  }
}
