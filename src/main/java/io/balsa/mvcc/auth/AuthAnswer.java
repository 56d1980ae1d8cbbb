package io.balsa.mvcc.auth;

import java.util.List;

/** What the auth state answers. */
public sealed interface AuthAnswer {
  /** It is so. */
  record Done() implements AuthAnswer {}

  /** Nothing was changed. */
  record Refused(AuthFault fault) implements AuthAnswer {}

  /** Names in their order. */
  record Names(List<String> names) implements AuthAnswer {
    public Names {
      names = List.copyOf(names);
    }
  }

  /** The permissions of a role, by key. */
  record Permissions(List<Permission> permissions) implements AuthAnswer {
    public Permissions {
      permissions = List.copyOf(permissions);
    }
  }

  /** Whether permissions are enforced, and how many changes there were. */
  record Status(boolean enabled, long revision) implements AuthAnswer {}

  /** A password's hash, and the revision at which it was looked up. */
  record Password(String hash, boolean noPassword, long revision) implements AuthAnswer {}

  /**
   * A new token.
   *
   * @param revision of the auth store at which it was made
   */
  record Token(String token, String user, long revision) implements AuthAnswer {}
}
