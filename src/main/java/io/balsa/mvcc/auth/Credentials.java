package io.balsa.mvcc.auth;

/**
 * Who asks.
 *
 * @param name of the user; of a {@link Kind#TOKEN} the token itself
 * @param revision of the auth store that the token was made at
 */
public record Credentials(Kind kind, String name, long revision) {
  /** Nobody in particular. */
  public static final Credentials NOBODY = new Credentials(Kind.NOBODY, "", 0);

  /** Code in the process of a member: it may do everything. */
  public static final Credentials TRUSTED = new Credentials(Kind.TRUSTED, "", 0);

  /** How much is known; the order is that of the numbers in the log. */
  public enum Kind {
    NOBODY,
    TRUSTED,
    /** A token as a client sent it, which nobody has looked up yet. */
    TOKEN,
    /** A user known by a token of ours, good until the user is changed. */
    USER,
    /** A user known by what was signed, good until the auth store has a later revision. */
    CLAIM
  }

  /** A token as a client sent it. */
  public static Credentials token(String token) {
    return new Credentials(Kind.TOKEN, token, 0);
  }

  /** A user whose connection proves who it is: there is nothing that could be old about it. */
  public static Credentials connected(String user) {
    return new Credentials(Kind.CLAIM, user, Long.MAX_VALUE);
  }

  /** Whether a user is known. */
  public boolean isUser() {
    return kind == Kind.USER || kind == Kind.CLAIM;
  }
}
