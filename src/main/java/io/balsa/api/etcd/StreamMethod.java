package io.balsa.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;

/** What is done for a streaming method. */
interface StreamMethod {
  /** Begins to serve a call. */
  Session open(StreamCall call);

  /**
   * One call being served. All that is thrown ends it: {@link StatusException} with its status,
   * anything else as an error of this member.
   */
  interface Session {
    /** Takes a message of the client. Not called while {@link #isBusy}. */
    void take(byte[] message) throws InvalidProtocolBufferException;

    /** The client has sent its last message. It still reads. */
    void clientDone();

    /** Whether the client's next message must wait. */
    boolean isBusy();

    /** Sends what waits to be sent, while {@link StreamCall#hasRoom}. */
    void write();

    /** The call is over, for whatever reason. Called once. */
    void closed();
  }
}
