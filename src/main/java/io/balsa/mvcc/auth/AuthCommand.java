package io.balsa.mvcc.auth;

import io.balsa.mvcc.command.KeyRange;

/** What goes through the log to the auth state. */
public sealed interface AuthCommand {
  /** From now on permissions are enforced. */
  record Enable() implements AuthCommand {}

  /** From now on everybody may do everything; all tokens are void. */
  record Disable() implements AuthCommand {}

  /**
   * Adds a user.
   *
   * @param hash of the password, empty for a user that has none and can never log in by one
   */
  record UserAdd(String name, String hash, boolean noPassword) implements AuthCommand {}

  /** Removes a user. */
  record UserDelete(String name) implements AuthCommand {}

  /** Replaces a password; the user's tokens are void. */
  record UserChangePassword(String name, String hash) implements AuthCommand {}

  /** Gives a user a role. */
  record UserGrantRole(String user, String role) implements AuthCommand {}

  /** Takes a role from a user. */
  record UserRevokeRole(String user, String role) implements AuthCommand {}

  /** Adds a role without permissions. */
  record RoleAdd(String name) implements AuthCommand {}

  /** Removes a role, also from all users. */
  record RoleDelete(String name) implements AuthCommand {}

  /** Gives a role a permission, in the place of one for the same range. */
  record RoleGrant(String role, Permission permission) implements AuthCommand {}

  /** Takes all permissions for exactly this range from a role. */
  record RoleRevoke(String role, KeyRange keys) implements AuthCommand {}

  /**
   * Lets all members know a token of a user whose password was checked.
   *
   * @param secret its beginning; the end is the index of the entry
   * @param revision of the auth store against which the password was checked
   */
  record AddToken(String user, String secret, long revision) implements AuthCommand {}
}
