package io.balsa.mvcc.command;

import io.balsa.data.Bytes;

/**
 * One condition of a transaction. A missing key has version, revisions and lease 0, and no value:
 * comparing the value of a missing key is false. Over a range the condition must hold for each key;
 * an empty range counts as one missing key.
 *
 * @param value compared when the target is {@link Target#VALUE}
 * @param number compared otherwise
 */
public record Compare(KeyRange keys, Target target, Operator operator, Bytes value, long number) {
  /** What is compared. */
  public enum Target {
    VERSION,
    CREATE_REVISION,
    MOD_REVISION,
    VALUE,
    LEASE
  }

  /** How: what is found stands on the left. */
  public enum Operator {
    EQUAL,
    GREATER,
    LESS,
    NOT_EQUAL
  }

  /** Compares a number of one key. */
  public static Compare number(Bytes key, Target target, Operator operator, long number) {
    return new Compare(KeyRange.of(key), target, operator, Bytes.EMPTY, number);
  }

  /** Compares the value of one key. */
  public static Compare value(Bytes key, Operator operator, Bytes value) {
    return new Compare(KeyRange.of(key), Target.VALUE, operator, value, 0);
  }
}
