package io.balsa.mvcc.auth;

/** Why something is refused; the words are etcd's. */
public enum AuthFault {
  NO_CREDENTIALS("user name is empty"),
  TOKEN_INVALID("invalid auth token"),
  REVISION_OLD("revision of auth store is old"),
  PERMISSION_DENIED("permission denied"),
  NOT_ENABLED("authentication is not enabled"),
  /** No such user, or a wrong password: the client is not told which. */
  AUTHENTICATION_FAILED("authentication failed, invalid user ID or password"),
  ROOT_USER_MISSING("root user does not exist"),
  ROOT_ROLE_MISSING("root user does not have root role"),
  INVALID_MANAGEMENT("invalid auth management"),
  USER_EMPTY("user name is empty"),
  USER_EXISTS("user name already exists"),
  USER_NOT_FOUND("user name not found"),
  ROLE_EMPTY("role name is empty"),
  ROLE_EXISTS("role name already exists"),
  ROLE_NOT_FOUND("role name not found"),
  ROLE_NOT_GRANTED("role is not granted to the user"),
  PERMISSION_NOT_GRANTED("permission is not granted to the role");

  private final String text;

  AuthFault(String text) {
    this.text = text;
  }

  /** In etcd's words. */
  public String text() {
    return text;
  }
}
