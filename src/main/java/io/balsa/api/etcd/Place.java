package io.balsa.api.etcd;

import io.balsa.api.etcd.StatusException.Code;
import io.balsa.bus.ReplicaClient;
import io.balsa.data.ByteWriter;
import io.balsa.data.Bytes;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.engine.request.WatchEvent;
import io.balsa.mvcc.command.Compare;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.KeyValue;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * A place in a queue, and the call that waits there, as etcd's locks and elections have it: the key
 * {@code name/lease}, which hangs on the lease. Who has the lowest create revision is in front. Who
 * waits watches its own key and the one made last before it, so that one who leaves wakes one.
 *
 * <p>A call that ends otherwise than by coming to the front gives the place up.
 */
final class Place {
  private static final long OWN_LEASE_SECONDS = 60;
  private static final long WATCH_BYTES = 1 << 10;

  private final Places places;
  private final UnaryCall call;
  private final Bytes prefix;
  private final Bytes key;
  private final Bytes value;
  private final long lease;
  private long created; // The key's create revision; 0 before it is known.
  private long enteredRevision;
  private boolean isInFront;
  private boolean isWaiting;
  private final StatusException lost; // What a client is told whose place is gone.
  private long timer = -1;
  private LongConsumer then;
  private final List<ReplicaClient.Watch> watches = new ArrayList<>(2);

  /**
   * A place that is not taken yet.
   *
   * @param lost what the call fails with when the place is gone before it comes to the front
   */
  Place(Places places, UnaryCall call, Bytes name, Bytes value, long lease, StatusException lost) {
    this.places = places;
    this.call = call;
    this.prefix = prefix(name);
    this.key = join(prefix, Long.toString(lease, 16).getBytes(StandardCharsets.US_ASCII));
    this.value = value;
    this.lease = lease;
    this.lost = lost;
  }

  private static Bytes join(Bytes prefix, byte[] rest) {
    return new ByteWriter(prefix.length() + rest.length)
        .raw(prefix)
        .raw(rest, 0, rest.length)
        .toBytes();
  }

  /** Under which the keys of a queue stand. */
  static Bytes prefix(Bytes name) {
    return name.append('/');
  }

  /** Gives a lease of the server's own to who has none, as etcd does: nobody keeps it alive. */
  static void lease(UnaryCall call, long given, LongConsumer then) {
    if (given != 0) {
      then.accept(given);
    } else {
      ask(
          call,
          new Request.LeaseGrant(0, OWN_LEASE_SECONDS),
          Reply.Lease.class,
          reply -> then.accept(reply.lease().id()));
    }
  }

  /** As {@link UnaryCall#ask}, with the errors of a service that is a client of others. */
  static <T extends Reply> void ask(
      UnaryCall call, Request asked, Class<T> kind, Consumer<T> then) {
    call.ask(
        asked,
        reply -> {
          if (reply instanceof Reply.Refused refused) {
            throw Errors.unknown(Errors.of(refused));
          }
          then.accept(kind.cast(reply));
        });
  }

  /** The one in front. */
  static Op.Range front(Bytes prefix) {
    return oldest(prefix, Op.SortOrder.ASCEND, 0);
  }

  private static Op.Range oldest(Bytes prefix, Op.SortOrder order, long maxCreateRevision) {
    return new Op.Range(
        KeyRange.prefix(prefix),
        0,
        1,
        order,
        Op.SortTarget.CREATE_REVISION,
        false,
        false,
        0,
        0,
        0,
        maxCreateRevision);
  }

  /** What is done if the key is the one made at that revision; else {@code otherwise}. */
  static Op.Txn ifCreated(Bytes key, long revision, Op then, List<Op> otherwise) {
    return new Op.Txn(
        List.of(
            Compare.number(key, Compare.Target.CREATE_REVISION, Compare.Operator.EQUAL, revision)),
        List.of(then),
        otherwise);
  }

  static List<KeyValue> items(OpResult result) {
    return ((OpResult.Ranged) result).items();
  }

  UnaryCall call() {
    return call;
  }

  Bytes key() {
    return key;
  }

  long created() {
    return created;
  }

  /** The store's when the place was taken, or found to be. */
  long enteredRevision() {
    return enteredRevision;
  }

  /**
   * Takes the place, or finds that the lease has it.
   *
   * @param then called with what stands there if it was found
   */
  void enter(Consumer<KeyValue> then) {
    call.whenOver(this::over);
    Op.Txn txn =
        new Op.Txn(
            List.of(Compare.number(key, Compare.Target.CREATE_REVISION, Compare.Operator.EQUAL, 0)),
            List.of(Op.Put.of(key, value, lease), front(prefix)),
            List.of(Op.Range.of(KeyRange.of(key), 0, 0, false), front(prefix)));
    ask(
        call,
        new Request.Write(txn),
        Reply.Written.class,
        reply -> {
          OpResult.Txn entered = (OpResult.Txn) reply.result();
          KeyValue found = entered.succeeded() ? null : items(entered.results().get(0)).get(0);
          created = found == null ? reply.revision() : found.createRevision();
          enteredRevision = reply.revision();
          isInFront = items(entered.results().get(1)).get(0).createRevision() == created;
          if (!call.isOver()) {
            then.accept(found);
          } else if (found == null || !isInFront) { // Who had it before may be another call.
            leave();
          }
        });
  }

  /** Waits for the front; {@code inFront} is called with the store's revision when it is there. */
  void await(LongConsumer inFront) {
    then = inFront;
    if (isInFront) {
      then.accept(enteredRevision);
    } else {
      look();
    }
  }

  private void look() {
    Op.Range before = oldest(prefix, Op.SortOrder.DESCEND, created - 1);
    ask(
        call,
        new Request.Read(ifCreated(key, created, before, List.of()), false),
        Reply.Read.class,
        reply -> {
          OpResult.Txn txn = (OpResult.Txn) reply.result();
          if (call.isOver()) {
            return;
          }
          if (!txn.succeeded()) {
            throw lost;
          }
          List<KeyValue> last = items(txn.results().get(0));
          if (last.isEmpty()) {
            isInFront = true;
            then.accept(reply.revision());
          } else {
            beginToWait();
            watch(key, reply.revision());
            watch(last.get(0).key(), reply.revision());
          }
        });
  }

  private void beginToWait() {
    if (!isWaiting) {
      call.waitLong();
      isWaiting = true;
      places.add(this);
      long wanted = call.wantedMillis();
      if (wanted > 0) {
        timer = places.loop().vertx().setTimer(wanted, none -> late());
      }
    }
  }

  private void late() {
    call.fail(new StatusException(Code.DEADLINE_EXCEEDED, "context deadline exceeded"));
  }

  private void watch(Bytes watched, long seen) {
    ReplicaClient.Watch[] watch = new ReplicaClient.Watch[1];
    watch[0] =
        places
            .loop()
            .replica()
            .watch(
                KeyRange.of(watched),
                seen + 1,
                false,
                WATCH_BYTES,
                call.credentials(),
                event -> call.run(() -> changed(watch[0], event)));
    watches.add(watch[0]);
  }

  private void changed(ReplicaClient.Watch watch, WatchEvent event) {
    if (event instanceof WatchEvent.Changed changed) {
      if (changed.changes().get(changed.changes().size() - 1).deletion()) {
        lookAgain();
      } else {
        watch.credit(changed.bytes());
      }
    } else if (event instanceof WatchEvent.Ended ended) {
      unavailable(ended.reason());
    } else if (event.isLast()) {
      lookAgain();
    }
  }

  private void lookAgain() {
    closeWatches();
    look();
  }

  private void closeWatches() {
    watches.forEach(ReplicaClient.Watch::close);
    watches.clear();
  }

  /** The member cannot let the call wait any longer. */
  void unavailable(String why) {
    call.fail(Errors.error(Code.UNAVAILABLE, why));
  }

  private void over() {
    closeWatches();
    if (isWaiting) {
      places.remove(this);
      places.loop().vertx().cancelTimer(timer);
    }
    if (!isInFront && created != 0) {
      leave();
    }
  }

  /** Gives the place up; should that fail, it goes with its lease. */
  private void leave() {
    Op delete = new Op.DeleteRange(KeyRange.of(key), false);
    places
        .loop()
        .replica()
        .call(
            new Request.Write(ifCreated(key, created, delete, List.of())),
            places.loop().options().requestTimeoutMillis(),
            call.credentials());
  }
}
