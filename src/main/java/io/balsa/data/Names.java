package io.balsa.data;

/**
 * The rule for the names that operators give to members and clusters: they stand in lists, URLs,
 * log lines and the identity file, and are the same wherever one is taken.
 */
public final class Names {
  /** The longest name. */
  public static final int CHARACTERS_MAX = 128;

  /** The rule in words, to stand behind "must be" or "expected". */
  public static final String RULE =
      "1 to "
          + CHARACTERS_MAX
          + " characters without spaces, control characters, commas, slashes and equals signs";

  private Names() {}

  /** Whether {@code text} can be a name. */
  public static boolean isName(String text) {
    return !text.isEmpty()
        && text.length() <= CHARACTERS_MAX
        && text.codePoints().allMatch(Names::isAllowed);
  }

  private static boolean isAllowed(int c) {
    boolean separates = c == ',' || c == '=' || c == '/';
    // Half a surrogate pair, and what decoders put in place of bytes that are no text.
    boolean broken = Character.getType(c) == Character.SURROGATE || c == '\uFFFD';
    return !separates
        && !broken
        && !Character.isISOControl(c)
        && !Character.isWhitespace(c)
        && !Character.isSpaceChar(c);
  }
}
