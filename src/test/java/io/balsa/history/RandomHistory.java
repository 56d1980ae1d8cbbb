package io.balsa.history;

import io.balsa.data.Bytes;
import io.balsa.history.Action.Delete;
import io.balsa.history.Action.Get;
import io.balsa.history.Action.Put;
import io.balsa.history.Action.PutIf;
import io.balsa.history.Result.Applied;
import io.balsa.history.Result.Deleted;
import io.balsa.history.Result.NotMet;
import io.balsa.history.Result.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Histories of a store that keeps its promises, with answers lost; and spoilt ones. */
final class RandomHistory {
  private final RandomGenerator random;
  private final int clients;
  private final int keys;

  /** How many different values there are; fewer make more histories possible. */
  private final int values;

  /** Of 100 writes. */
  private final int lost;

  private final Map<Bytes, Value> store = new HashMap<>();
  private final List<Operation> operations = new ArrayList<>();
  private long revision;

  RandomHistory(RandomGenerator random, int clients, int keys, int values, int lost) {
    this.random = random;
    this.clients = clients;
    this.keys = keys;
    this.values = values;
    this.lost = lost;
  }

  /**
   * As many operations; each client's one after the other, those of different clients overlap. One
   * that is lost may happen or not, also long after the client went on.
   */
  List<Operation> generate(int count) {
    long[] idleSince = new long[clients];
    List<Operation> late = new ArrayList<>();
    long now = 0;
    while (operations.size() + late.size() < count) {
      now += 1 + random.nextInt(3);
      if (!late.isEmpty() && random.nextInt(5) == 0) {
        Operation happens = late.remove(random.nextInt(late.size()));
        apply(happens.key(), happens.action());
        operations.add(happens);
      }
      int client = random.nextInt(clients);
      long invoked = Math.min(now, idleSince[client] + 1 + random.nextInt(8));
      Bytes key = Bytes.utf8("k" + random.nextInt(keys));
      Action action = action(key);
      if (action.isWrite() && random.nextInt(100) < lost) {
        Operation unknown = Operation.unknown(client, key, action, invoked);
        (random.nextInt(3) == 0 ? operations : late).add(unknown);
        idleSince[client] = now;
        continue;
      }
      long returned = now + random.nextInt(2 * clients);
      operations.add(new Operation(client, key, action, apply(key, action), invoked, returned));
      idleSince[client] = returned;
    }
    operations.addAll(late);
    return operations;
  }

  private Action action(Bytes key) {
    Bytes value = Bytes.utf8("v" + random.nextInt(values));
    long held = store.getOrDefault(key, Value.ABSENT).modRevision();
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> new Get();
      case 3, 4 -> new Put(value);
      case 5 -> new Delete();
      case 6 -> new PutIf(held, value);
      default -> new PutIf(random.nextLong(revision + 2), value);
    };
  }

  private Result apply(Bytes key, Action action) {
    Value held = store.getOrDefault(key, Value.ABSENT);
    if (action instanceof Get) {
      return held;
    }
    if (action instanceof Delete) {
      boolean existed = store.remove(key) != null;
      revision += existed ? 1 : 0;
      return new Deleted(existed, revision);
    }
    if (action instanceof PutIf putIf) {
      if (held.modRevision() != putIf.expectedModRevision()) {
        return new NotMet();
      }
      return put(key, putIf.value());
    }
    return put(key, ((Put) action).value());
  }

  private Applied put(Bytes key, Bytes value) {
    revision++;
    store.put(key, new Value(value, revision));
    return new Applied(revision);
  }

  /** The history with one answer changed; it may be right all the same. */
  List<Operation> spoil(List<Operation> history) {
    List<Operation> spoilt = new ArrayList<>(history);
    int at = random.nextInt(spoilt.size());
    Operation operation = spoilt.get(at);
    if (operation.isAnswered()) {
      long other = random.nextLong(revision + 2);
      Result result = operation.result();
      if (random.nextInt(4) == 0) {
        long moved = random.nextLong(operation.returned() + 5);
        long took = operation.returned() - operation.invoked();
        spoilt.set(
            at,
            new Operation(
                operation.client(),
                operation.key(),
                operation.action(),
                result,
                moved,
                moved + took));
        return spoilt;
      }
      if (result instanceof Value) {
        result =
            other == 0 ? Value.ABSENT : new Value(Bytes.utf8("v" + random.nextInt(values)), other);
      } else if (result instanceof Deleted deleted) {
        result = new Deleted(!deleted.existed(), Math.max(1, other));
      } else {
        result =
            operation.action() instanceof PutIf && result instanceof Applied
                ? new NotMet()
                : new Applied(Math.max(1, other));
      }
      spoilt.set(
          at,
          new Operation(
              operation.client(),
              operation.key(),
              operation.action(),
              result,
              operation.invoked(),
              operation.returned()));
    }
    return spoilt;
  }
}
