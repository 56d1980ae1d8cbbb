package io.balsa.api;

/** Ids of members, leases and the cluster in lower-case hexadecimal, as etcdctl prints them. */
public final class HexId {
  private HexId() {}

  public static String format(long id) {
    return Long.toHexString(id);
  }

  /**
   * The id that {@code text} stands for, never 0.
   *
   * @param what names the text in the refusal
   */
  public static long parse(String text, String what) {
    long id = 0;
    boolean good = !text.isEmpty() && text.length() <= 16;
    for (int i = 0; good && i < text.length(); i++) {
      char c = text.charAt(i);
      good = c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
      id = id << 4 | Character.digit(c, 16);
    }
    if (!good || id == 0) {
      throw ProblemException.invalid(
          what
              + ": found "
              + Problem.quote(text)
              + ", expected an id of 1 to 16 lower-case hexadecimal digits other than 0");
    }
    return id;
  }
}
