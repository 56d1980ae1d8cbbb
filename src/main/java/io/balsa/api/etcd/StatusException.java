package io.balsa.api.etcd;

import java.util.Locale;

/** Ends a call with a status other than OK, in etcd's words. */
final class StatusException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Code code;

  /** The status codes of gRPC, in the order of their numbers. */
  enum Code {
    OK,
    CANCELLED,
    UNKNOWN,
    INVALID_ARGUMENT,
    DEADLINE_EXCEEDED,
    NOT_FOUND,
    ALREADY_EXISTS,
    PERMISSION_DENIED,
    RESOURCE_EXHAUSTED,
    FAILED_PRECONDITION,
    ABORTED,
    OUT_OF_RANGE,
    UNIMPLEMENTED,
    INTERNAL,
    UNAVAILABLE,
    DATA_LOSS,
    UNAUTHENTICATED;

    /** As it stands on the wire. */
    int number() {
      return ordinal();
    }

    /** As Go's gRPC library calls it. */
    String goName() {
      if (this == OK) {
        return "OK";
      }
      if (this == CANCELLED) {
        return "Canceled";
      }
      StringBuilder name = new StringBuilder();
      for (String word : name().split("_")) {
        name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
      }
      return name.toString();
    }
  }

  StatusException(Code code, String text) {
    super(text, null, false, false); // Expected, so without a stack trace.
    this.code = code;
  }

  Code code() {
    return code;
  }

  /** As etcd's own language prints it: there it became a part of texts that clients get. */
  String asGoSaysIt() {
    return "rpc error: code = " + code.goName() + " desc = " + getMessage();
  }
}
