package io.balsa.migration;

import io.vertx.grpc.common.GrpcStatus;

/** Something cannot go on; the message is one line for people. */
public final class MigrationException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  MigrationException(String line) {
    this(-1, line);
  }

  MigrationException(int status, String line) {
    super(line);
    this.status = status;
  }

  /** Whether with another token, or with one at all, it may be done. */
  boolean isOfToken() {
    return is(GrpcStatus.UNAUTHENTICATED.code)
        || getMessage().endsWith(": revision of auth store is old")
        || getMessage().endsWith(": user name is empty");
  }

  /** Whether the store ended the call with this status of gRPC. */
  boolean is(int code) {
    return status == code;
  }
}
