package io.balsa.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;

/**
 * What is done for a unary method, from bytes to bytes.
 *
 * <p>A method may throw {@link StatusException}, at once or in what it is called back for.
 */
interface UnaryMethod {
  /** Serves a call; its answer may come later. */
  void serve(UnaryCall call, byte[] message) throws InvalidProtocolBufferException;

  /** What is done with a request that was read. */
  interface Service<Q extends Message> {
    void serve(UnaryCall call, Q request);
  }

  /** A method whose requests are read by the generated classes. */
  static <Q extends Message> UnaryMethod of(Parser<Q> parser, Service<Q> service) {
    return (call, message) -> service.serve(call, parser.parseFrom(message));
  }
}
