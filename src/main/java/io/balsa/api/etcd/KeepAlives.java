package io.balsa.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseKeepAliveRequest;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;

/** A call of {@code Lease.LeaseKeepAlive}: one lease after the other, each answered in its turn. */
final class KeepAlives implements StreamMethod.Session {
  static final String METHOD = "/etcdserverpb.Lease/LeaseKeepAlive";

  private static final int ANSWER_BYTES = 80;

  private final StreamCall call;
  private boolean asking;

  KeepAlives(StreamCall call) {
    this.call = call;
  }

  @Override
  public void take(byte[] message) throws InvalidProtocolBufferException {
    long lease = LeaseKeepAliveRequest.parseFrom(message).getID();
    asking = true;
    call.ask(new Request.LeaseKeepAlive(lease), reply -> answered(lease, reply));
  }

  private void answered(long lease, Reply reply) {
    asking = false;
    long ttlSeconds = 0; // Of a lease that is not known.
    if (reply instanceof Reply.Lease alive) {
      ttlSeconds = alive.lease().ttlSeconds();
    } else if (Errors.is(reply, Refusal.NO_LEADER) || Errors.is(reply, Refusal.TIMEOUT)) {
      throw Errors.noLeader();
    } else if (!Errors.is(reply, Refusal.LEASE_NOT_FOUND)) {
      throw Errors.of((Reply.Refused) reply);
    }
    BackwardWriter answer = new BackwardWriter(ANSWER_BYTES).number(3, ttlSeconds).number(2, lease);
    KvResponse.header(answer, call.header(), call.header().revision());
    call.send(answer);
  }

  @Override
  public void clientDone() {
    call.finish();
  }

  @Override
  public boolean isBusy() {
    return asking;
  }

  @Override
  public void write() {
    // Each answer is sent when it comes; there is one at a time.
  }

  @Override
  public void closed() {
    // Nothing is held: an answer that is under way is dropped.
  }
}
