package io.balsa.parity;

import io.balsa.api.etcd.proto.etcdserverpb.WatchRequest;
import java.util.List;

/** A call of Watch to one member. */
interface WatchLine {
  /** Sends one request more. */
  void send(WatchRequest request);

  /** Ends the call from this side. */
  void close();

  /** How such calls are made to one member. */
  interface Opener {
    /** Opens a call, which begins with some requests. */
    WatchLine open(List<WatchRequest> first, WatchInbox inbox);
  }
}
