package io.balsa.client.recipe;

import io.balsa.client.Condition;
import io.balsa.client.KeyValue;
import io.balsa.client.Operation;
import io.balsa.client.Txn;
import io.balsa.client.TxnResult;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A key whose value is a number of 64 bits in decimal text; 0 while it is missing.
 *
 * @param isMissingAtZero whether it is deleted when it is set to 0
 */
record NumberKey(StandardClient client, String key, boolean isMissingAtZero) {
  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,19}");

  /**
   * The number as it was at some time.
   *
   * @param revision of the store then
   * @param modRevision of the key, 0 if it was missing
   */
  record Seen(long revision, long modRevision, long number) {
    boolean isMissing() {
      return modRevision == 0;
    }
  }

  /**
   * What became of a change.
   *
   * @param done whether it was made
   * @param seen after it; where it was not made, what is there instead of what was expected
   */
  record Outcome(boolean done, Seen seen) {}

  /** Reads it, linearizable. */
  Future<Seen> read() {
    return client.txn(new Txn().then(Operation.get(key))).map(this::seen);
  }

  /** Sets it, if it is as it was seen. */
  Future<Outcome> set(Seen seen, long number) {
    boolean deletes = number == 0 && isMissingAtZero;
    Operation operation =
        deletes ? Operation.delete(key) : Operation.put(key, Buffer.buffer(Long.toString(number)));
    return change(seen, operation)
        .map(
            done -> {
              if (!done.succeeded()) {
                return new Outcome(false, seen(done));
              }
              long revision = done.revision();
              return new Outcome(true, new Seen(revision, deletes ? 0 : revision, number));
            });
  }

  private Future<TxnResult> change(Seen seen, Operation operation) {
    return client.txn(
        new Txn()
            .when(Condition.modRevisionIs(key, seen.modRevision()))
            .then(operation)
            .otherwise(Operation.get(key)));
  }

  private Seen seen(TxnResult read) {
    List<KeyValue> items = read.results().get(0).items();
    return items.isEmpty()
        ? new Seen(read.revision(), 0, 0)
        : new Seen(read.revision(), items.get(0).modRevision(), number(items.get(0)));
  }

  private long number(KeyValue item) {
    String text = item.text();
    if (!DECIMAL.matcher(text).matches()) {
      throw Refusals.notANumber(key);
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw Refusals.notANumber(key);
    }
  }
}
