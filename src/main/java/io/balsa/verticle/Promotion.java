package io.balsa.verticle;

import io.balsa.bus.ReplicaClient;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.vertx.core.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A learner that asks to be made a voter, until it is one; whether it may is up to the leader. */
final class Promotion {
  private static final Logger LOG = LoggerFactory.getLogger(Promotion.class);
  private static final long TIMEOUT_MILLIS = 5_000;

  private final long self;
  private final ReplicaClient replica;
  private Future<Void> asking = Future.succeededFuture();
  private String refusal = "";

  Promotion(long self, ReplicaClient replica) {
    this.self = self;
    this.replica = replica;
  }

  /** Asks if there is reason to, once at a time. To be called now and then. */
  void seek() {
    if (asking.isComplete()) {
      asking = replica.call(new Request.MemberList(), TIMEOUT_MILLIS).compose(this::seek);
    }
  }

  private Future<Void> seek(Reply reply) {
    boolean isLearner =
        reply instanceof Reply.Members members
            && members.members().stream()
                .anyMatch(member -> member.id() == self && member.learner());
    if (!isLearner) {
      return Future.succeededFuture();
    }
    return replica
        .call(new Request.MemberPromote(Long.toHexString(self)), TIMEOUT_MILLIS)
        .map(
            answer -> {
              tell(answer);
              return null;
            });
  }

  private void tell(Reply answer) {
    if (!(answer instanceof Reply.Refused refused)) {
      LOG.info("promoted to voter member={}", Long.toHexString(self));
    } else if (!refused.detail().equals(refusal)) {
      refusal = refused.detail();
      LOG.info("not yet a voter member={} reason=\"{}\"", Long.toHexString(self), refusal);
    }
  }
}
