package io.balsa.config;

/**
 * A setting that cannot be used. The message is one line for the operator: the flag, variable or
 * YAML key, the value found, the rule.
 */
public final class BadSettingException extends Exception {
  private static final long serialVersionUID = 1L;

  /** The longest value that a message repeats, in characters. */
  private static final int SHOWN_CHARACTERS_MAX = 120;

  /** Takes the line as it is. */
  public BadSettingException(String line) {
    super(line);
  }

  /** The {@code value} that {@code origin} gave breaks {@code rule}. */
  public static BadSettingException of(String origin, String value, String rule) {
    return new BadSettingException(origin + " " + quoted(value) + ": " + rule);
  }

  /** {@code value} in quotes on one line: control characters escaped, cut off when too long. */
  public static String quoted(String value) {
    StringBuilder shown = new StringBuilder("\"");
    int end = Math.min(value.length(), SHOWN_CHARACTERS_MAX);
    for (int i = 0; i < end; i++) {
      char c = value.charAt(i);
      if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
        shown.append(String.format("\\u%04x", (int) c));
      } else {
        shown.append(c);
      }
    }
    return shown.append(end < value.length() ? "...\"" : "\"").toString();
  }
}
