package io.balsa.api;

import io.balsa.data.Bytes;

/** The rule for keys: 1 to 4,096 bytes, whatever they are. */
public final class Keys {
  public static final int BYTES_MAX = 4_096;

  private Keys() {}

  /**
   * The key, if it is one.
   *
   * @param what names it in the refusal
   */
  public static Bytes key(Bytes key, String what) {
    if (key.isEmpty() || key.length() > BYTES_MAX) {
      throw ProblemException.invalid(
          what + ": " + key.length() + " bytes, expected a key of 1 to " + BYTES_MAX + " bytes");
    }
    return key;
  }

  /** The prefix, if keys can start with it. */
  public static Bytes prefix(Bytes prefix, String what) {
    if (prefix.length() > BYTES_MAX) {
      throw ProblemException.invalid(
          what
              + ": "
              + prefix.length()
              + " bytes, expected a prefix of at most "
              + BYTES_MAX
              + " bytes");
    }
    return prefix;
  }
}
