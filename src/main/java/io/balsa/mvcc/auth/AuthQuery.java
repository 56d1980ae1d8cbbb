package io.balsa.mvcc.auth;

/** What may be asked of the auth state. */
public sealed interface AuthQuery {
  /** Whether auth is enabled, and its revision; answered by {@link AuthAnswer.Status}. */
  record Status() implements AuthQuery {}

  /** The names of all users; answered by {@link AuthAnswer.Names}. */
  record Users() implements AuthQuery {}

  /** The roles of a user; answered by {@link AuthAnswer.Names}. */
  record User(String name) implements AuthQuery {}

  /** The names of all roles; answered by {@link AuthAnswer.Names}. */
  record Roles() implements AuthQuery {}

  /** What a role may do; answered by {@link AuthAnswer.Permissions}. */
  record Role(String name) implements AuthQuery {}

  /** Whether who asks has the role root; answered by {@link AuthAnswer.Done}. */
  record Admin() implements AuthQuery {}

  /**
   * What a password is checked against; answered by {@link AuthAnswer.Password}, which must not
   * leave the process.
   */
  record Password(String user) implements AuthQuery {}
}
