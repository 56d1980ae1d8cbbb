package io.balsa.mvcc;

import io.balsa.data.Bytes;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.Compare;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Once;
import io.balsa.mvcc.command.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Draws commands that are often valid, over few keys, values and leases, so that they interact. */
public final class RandomCommands {
  private final Random random;
  private final int keys;
  private long front = 1; // About the highest sequence drawn.

  /** Draws from {@code random} over {@code keys} different keys. */
  public RandomCommands(Random random, int keys) {
    this.random = random;
    this.keys = keys;
  }

  /** Any command; compactions are near {@code revision}. */
  public Command command(long revision) {
    int kind = random.nextInt(100);
    if (kind < 4) {
      return new Command.LeaseGrant(lease(), 1 + random.nextInt(20));
    }
    if (kind < 6) {
      return new Command.LeaseRevoke(lease());
    }
    if (kind < 9) {
      return new Command.LeaseKeepAlive(lease());
    }
    if (kind < 11) {
      return new Command.Compact(revision - random.nextInt(60) + 2);
    }
    if (kind < 12) {
      return new Command.LeaseCheckpoint(remaining());
    }
    if (kind < 40) {
      return new Command.WriteOnce(once(), op(revision, 3));
    }
    return new Command.Write(op(revision, 3));
  }

  private List<Command.Remaining> remaining() {
    List<Command.Remaining> leases = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      leases.add(new Command.Remaining(lease(), random.nextInt(2_000), random.nextInt(30) - 2));
    }
    return leases;
  }

  /** A name for a write: often new, sometimes drawn before, sometimes far behind. */
  private Once once() {
    front += random.nextInt(3);
    long behind = random.nextInt(3) > 0 ? random.nextInt(4) : random.nextInt(2 * Once.WINDOW);
    return new Once(lease(), Math.max(1, front - behind));
  }

  /** Any operation; transactions are nested at most {@code depth} deep. */
  public Op op(long revision, int depth) {
    int kind = random.nextInt(100);
    if (kind < 45) {
      boolean ignoreValue = random.nextInt(12) == 0;
      boolean ignoreLease = random.nextInt(12) == 0;
      return new Op.Put(
          key(),
          ignoreValue ? Bytes.EMPTY : value(),
          ignoreLease || random.nextInt(3) > 0 ? 0 : lease(),
          random.nextBoolean(),
          ignoreValue,
          ignoreLease);
    }
    if (kind < 60) {
      return new Op.DeleteRange(random.nextInt(3) > 0 ? KeyRange.of(key()) : range(), flip());
    }
    if (kind < 75 || depth == 0) {
      return range(revision);
    }
    return new Op.Txn(compares(revision), ops(revision, depth - 1), ops(revision, depth - 1));
  }

  /** A range read with any options, at any revision. */
  public Op.Range range(long revision) {
    boolean past = random.nextInt(3) == 0;
    boolean filtered = random.nextInt(4) == 0;
    return new Op.Range(
        range(),
        past ? revision - random.nextInt(80) + 2 : random.nextInt(9) == 0 ? -1 : 0,
        flip() ? 0 : random.nextInt(8),
        one(Op.SortOrder.values()),
        flip() ? Op.SortTarget.KEY : one(Op.SortTarget.values()),
        random.nextInt(4) == 0,
        random.nextInt(8) == 0,
        filtered && flip() ? revision - random.nextInt(50) : 0,
        filtered && flip() ? revision - random.nextInt(50) : 0,
        filtered && flip() ? revision - random.nextInt(50) : 0,
        filtered && flip() ? revision - random.nextInt(50) : 0);
  }

  /** One key, a prefix, all, or from one key to another, which may be below it. */
  public KeyRange range() {
    return switch (random.nextInt(6)) {
      case 0 -> KeyRange.of(key());
      case 1 -> KeyRange.ALL;
      case 2 -> KeyRange.prefix(Bytes.copyOf(key().toArray(), 0, 2));
      case 3 -> new KeyRange(key(), KeyRange.UNBOUNDED);
      default -> new KeyRange(key(), key());
    };
  }

  /** A lease id of a few, never 0. */
  public long lease() {
    return 1 + random.nextInt(5) * 1_000_003L;
  }

  private Bytes key() {
    return Bytes.utf8(String.format("k%03d", random.nextInt(keys)));
  }

  private Bytes value() {
    return Bytes.utf8("v".repeat(random.nextInt(3)) + random.nextInt(10));
  }

  private boolean flip() {
    return random.nextBoolean();
  }

  private <T> T one(T[] values) {
    return values[random.nextInt(values.length)];
  }

  private List<Op> ops(long revision, int depth) {
    List<Op> ops = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      ops.add(op(revision, depth));
    }
    return ops;
  }

  private List<Compare> compares(long revision) {
    List<Compare> compares = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      KeyRange keys = random.nextInt(3) > 0 ? KeyRange.of(key()) : range();
      Compare.Target target = one(Compare.Target.values());
      Compare.Operator operator = one(Compare.Operator.values());
      compares.add(
          target == Compare.Target.VALUE
              ? new Compare(keys, target, operator, value(), 0)
              : new Compare(
                  keys, target, operator, Bytes.EMPTY, number(target, Math.max(1, revision))));
    }
    return compares;
  }

  private long number(Compare.Target target, long revision) {
    return switch (target) {
      case VERSION -> random.nextInt(4);
      case LEASE -> flip() ? 0 : lease();
      default -> flip() ? 0 : revision - random.nextInt(20);
    };
  }
}
