package io.balsa.parity;

import io.balsa.api.etcd.proto.etcdserverpb.WatchRequest;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Something on a call of Watch.
 *
 * @param stream which call, counted from 0 in the order in which they are opened
 * @param requests what is sent; with {@link Kind#CLOSE} nothing
 */
record WatchStep(Kind kind, int stream, List<WatchRequest> requests) implements ProgramStep {
  /** What is done to the call. */
  enum Kind {
    OPEN,
    SEND,
    CLOSE
  }

  @Override
  public String toString() {
    return kind
        + " watch stream "
        + stream
        + requests.stream().map(each -> " " + Answer.line(each)).collect(Collectors.joining());
  }
}
