package io.balsa.sim;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.history.Action;
import io.balsa.history.Operation;
import io.balsa.history.Result;
import io.balsa.mvcc.command.Compare;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.KeyValue;
import io.balsa.mvcc.command.Once;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import java.util.List;

/**
 * Reads and writes a few keys, one operation at a time, and judges each answer against the true
 * history: what it is told must have happened, at the revision it is told, and not before what it
 * could know when it asked.
 */
final class KeyClient extends SimClient {
  static final Bytes PREFIX = Bytes.utf8("k/");
  private static final int TRIES_MAX = 6;

  private final long session;
  private final int keys;
  private long sequence;
  private long known; // Mod revision of the key read last.
  private Bytes knownKey = key(0);

  /**
   * @param session the lease under which writes are made once, 0 for none
   */
  KeyClient(Simulation world, String name, long seed, int keys, long session) {
    super(world, name, seed);
    this.keys = keys;
    this.session = session;
  }

  private static Bytes key(int number) {
    return Bytes.utf8("k/" + number);
  }

  @Override
  void begin() {
    later();
  }

  private void later() {
    long thinkNanos =
        random.nextInt(20) == 0
            ? random.nextInt(4_000) * Timeline.MILLIS
            : random.nextInt(world.options.thinkMillis()) * Timeline.MILLIS;
    timeline.after(thinkNanos, this::act);
  }

  private void act() {
    if (world.isOver()) {
      return;
    }
    if ((!isConnected() || random.nextInt(10) == 0) && !connect()) {
      later();
      return;
    }
    Bytes key = key(random.nextInt(keys));
    switch (random.nextInt(20)) {
      case 0, 1, 2, 3, 4, 5 -> put(key);
      case 6, 7, 8, 9 -> get(key, false);
      case 10 -> get(key, true);
      case 11, 12, 13 -> putIf();
      case 14 -> delete(key);
      case 15 -> putBoth(key);
      case 16 -> range();
      case 17, 18 -> putOnce(key);
      default -> {
        if (random.nextInt(10) == 0) {
          compact();
        } else {
          putOnce(key);
        }
      }
    }
  }

  private long timeout() {
    return 200 + random.nextInt(3_000);
  }

  // ---- Writes

  private void put(Bytes key) {
    long id = world.operations.next();
    Bytes value = Operations.value(id);
    write(
        id,
        List.of(key),
        new Action.Put(value),
        new Request.Write(Op.Put.of(key, value, 0)),
        (written, since) -> {
          OpResult.Put put = (OpResult.Put) written.result();
          mustBe(id, written.revision(), put.revision());
          KeyValue item = world.oracle.itemAt(key, written.revision());
          Violation.unless(
              item.version() == put.version(), "version %d told, not %s", put.version(), item);
          return new Result.Applied(written.revision());
        });
  }

  private void putBoth(Bytes key) {
    long id = world.operations.next();
    Bytes value = Operations.value(id);
    Bytes other = key(keys); // One that only these write.
    write(
        id,
        List.of(key, other),
        new Action.Put(value),
        new Request.Write(
            new Op.Txn(
                List.of(),
                List.of(Op.Put.of(key, value, 0), Op.Put.of(other, value, 0)),
                List.of())),
        (written, since) -> {
          mustBe(id, written.revision(), written.revision());
          return new Result.Applied(written.revision());
        });
  }

  private void putIf() {
    long id = world.operations.next();
    Bytes key = knownKey;
    long expected = known;
    Bytes value = Operations.value(id);
    Compare unchanged =
        Compare.number(key, Compare.Target.MOD_REVISION, Compare.Operator.EQUAL, expected);
    Op read = Op.Range.of(KeyRange.of(key), 0, 0, false);
    write(
        id,
        List.of(key),
        new Action.PutIf(expected, value),
        new Request.Write(
            new Op.Txn(List.of(unchanged), List.of(Op.Put.of(key, value, 0)), List.of(read))),
        (written, since) -> {
          OpResult.Txn txn = (OpResult.Txn) written.result();
          if (txn.succeeded()) {
            mustBe(id, written.revision(), written.revision());
            KeyValue before = world.oracle.itemAt(key, written.revision() - 1);
            long found = before == null ? 0 : before.modRevision();
            Violation.unless(
                found == expected, "write %d: expected %d, was %d", id, expected, found);
            known = written.revision();
            return new Result.Applied(written.revision());
          }
          List<KeyValue> items = ((OpResult.Ranged) txn.results().get(0)).items();
          mustSee(KeyRange.of(key), items, written.revision(), since);
          known = items.isEmpty() ? 0 : items.get(0).modRevision();
          Violation.unless(known != expected, "write %d was refused for nothing", id);
          return new Result.NotMet();
        });
  }

  private void delete(Bytes key) {
    long id = world.operations.next();
    write(
        id,
        List.of(key),
        new Action.Delete(),
        new Request.Write(new Op.DeleteRange(KeyRange.of(key), true)),
        (written, since) -> {
          OpResult.Deleted deleted = (OpResult.Deleted) written.result();
          boolean existed = deleted.deleted() == 1;
          Violation.unless(
              world.oracle.itemAt(key, written.revision()) == null,
              "%s is there at %d, where it was deleted",
              key,
              written.revision());
          Violation.unless(
              written.revision() >= since, "deleted at %d, after %d", written.revision(), since);
          if (existed) {
            Violation.unless(
                deleted
                    .previous()
                    .equals(List.of(world.oracle.itemAt(key, written.revision() - 1))),
                "deleted another item than %s",
                deleted.previous());
          }
          return new Result.Deleted(existed, written.revision());
        });
  }

  private void mustBe(long id, long revision, long told) {
    long effect = world.oracle.effectOf(id);
    Violation.unless(
        effect == revision && told == revision,
        "write %d was acknowledged at revision %d, it took effect at %d (0: never)",
        id,
        revision,
        effect);
  }

  /** Judges the answer to a write, given the revision that was known when it was asked. */
  private interface Judge {
    Result judge(Reply.Written written, long since);
  }

  private void write(
      long id, List<Bytes> written, Action action, Request.Write request, Judge judge) {
    long invoked = timeline.now();
    long since = world.knownRevision();
    ask(
        request,
        timeout(),
        reply -> {
          if (reply instanceof Reply.Written applied) {
            world.coverage.writesAcknowledged++;
            Result result = judge.judge(applied, since);
            Violation.unless(
                applied.revision() >= since, "write %d at %d, after %d", id, applied, since);
            world.know(applied.revision());
            record(written, action, result, invoked, timeline.now());
          } else if (reply instanceof Reply.Refused refused && !refused.unknown()) {
            world.coverage.refusals++;
            world.refused(id, refused);
          } else {
            world.coverage.count(Rare.OUTCOME_UNKNOWN);
            record(written, action, new Result.Unknown(), invoked, Long.MAX_VALUE);
          }
          later();
        });
  }

  private void record(List<Bytes> keys, Action action, Result result, long invoked, long returned) {
    for (Bytes key : keys) {
      world.history.add(new Operation(0, key, action, result, invoked, returned));
    }
  }

  // ---- Exactly once

  private void putOnce(Bytes key) {
    if (session == 0) {
      put(key);
      return;
    }
    long id = world.operations.next();
    Request.Write request =
        new Request.Write(Op.Put.of(key, Operations.value(id), 0), new Once(session, ++sequence));
    new Repetition(id, key, request).next();
  }

  /** A write that is sent until it is known to be done, and sometimes once more. */
  private final class Repetition {
    private final long id;
    private final Bytes key;
    private final Request.Write request;
    private final long invoked = timeline.now();
    private final long since = world.knownRevision();
    private Reply.Written first;
    private int tries;

    Repetition(long id, Bytes key, Request.Write request) {
      this.id = id;
      this.key = key;
      this.request = request;
    }

    void next() {
      if (world.isOver() || tries++ == TRIES_MAX) {
        finish();
        return;
      }
      if (!connect()) {
        timeline.after(Timeline.SECONDS, this::next);
        return;
      }
      ask(request, timeout(), this::answered);
    }

    private void answered(Reply reply) {
      if (reply instanceof Reply.Written written) {
        if (first != null || tries > 1) {
          world.coverage.count(Rare.WRITE_REPEATED);
        }
        Violation.unless(
            first == null || written.equals(first),
            "write %d is answered %s, and then %s",
            id,
            first,
            written);
        mustBe(id, written.revision(), ((OpResult.Put) written.result()).revision());
        world.know(written.revision());
        if (first == null && random.nextInt(3) == 0) {
          first = written;
          next();
        } else {
          first = written;
          finish();
        }
      } else {
        timeline.after((1 + random.nextInt(500)) * Timeline.MILLIS, this::next);
      }
    }

    private void finish() {
      if (first != null) {
        world.coverage.writesAcknowledged++;
        record(
            List.of(key),
            new Action.Put(Operations.value(id)),
            new Result.Applied(first.revision()),
            invoked,
            timeline.now());
        Violation.unless(first.revision() >= since, "write %d at %s, after %d", id, first, since);
      } else {
        record(
            List.of(key),
            new Action.Put(Operations.value(id)),
            new Result.Unknown(),
            invoked,
            Long.MAX_VALUE);
      }
      later();
    }
  }

  // ---- Reads

  private void get(Bytes key, boolean serializable) {
    KeyRange range = KeyRange.of(key);
    read(
        range,
        serializable,
        (items, invoked) -> {
          knownKey = key;
          known = items.isEmpty() ? 0 : items.get(0).modRevision();
          if (!serializable) {
            Bytes value = items.isEmpty() ? null : items.get(0).value();
            record(
                List.of(key),
                new Action.Get(),
                new Result.Value(value, known),
                invoked,
                timeline.now());
          }
        });
  }

  private void range() {
    read(KeyRange.prefix(PREFIX), false, (items, invoked) -> {});
  }

  private interface Seen {
    void items(List<KeyValue> items, long invoked);
  }

  private void read(KeyRange range, boolean serializable, Seen seen) {
    long invoked = timeline.now();
    long since = serializable ? 0 : world.knownRevision();
    boolean follower = member().view() != null && !member().view().isLeader();
    ask(
        new Request.Read(Op.Range.of(range, 0, 0, false), serializable),
        timeout(),
        reply -> {
          if (reply instanceof Reply.Read read) {
            world.coverage.readsServed++;
            if (follower && !serializable) {
              world.coverage.count(Rare.READ_AT_FOLLOWER);
            }
            List<KeyValue> items = ((OpResult.Ranged) read.result()).items();
            mustSee(range, items, read.revision(), since);
            if (!serializable) {
              world.know(read.revision());
            }
            seen.items(items, invoked);
          } else if (reply instanceof Reply.Refused) {
            world.coverage.refusals++;
          }
          later();
        });
  }

  private void mustSee(KeyRange range, List<KeyValue> items, long revision, long since) {
    Violation.unless(
        revision >= since, "a read at revision %d came after one at %d was known", revision, since);
    Violation.unless(
        revision <= world.oracle.revision(), "a read at revision %d: not committed", revision);
    List<KeyValue> expected = world.oracle.itemsAt(range, revision);
    Violation.unless(
        items.equals(expected),
        "a read at revision %d gives %s, not %s",
        revision,
        items,
        expected);
  }

  private void compact() {
    long to = world.knownRevision() - random.nextInt(200);
    if (to < 1) {
      later();
      return;
    }
    ask(new Request.Compact(to), timeout(), reply -> later());
  }
}
