package io.balsa.sim;

import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;

/** Grants the lease that stands for the session of the clients, once there is a leader. */
final class Founding extends SimClient {
  private static final long TTL_SECONDS = 1_000_000;

  private final long session;

  Founding(Simulation world, long seed, long session) {
    super(world, "founding", seed);
    this.session = session;
  }

  @Override
  void begin() {
    if (!connect()) {
      timeline.after(Timeline.SECONDS, this::begin);
      return;
    }
    ask(
        new Request.LeaseGrant(session, TTL_SECONDS),
        1_000,
        reply -> {
          boolean exists =
              reply instanceof Reply.Refused refused && refused.refusal() == Refusal.LEASE_EXISTS;
          if (!(reply instanceof Reply.Lease) && !exists) {
            timeline.after(Timeline.SECONDS, this::begin);
          }
        });
  }
}
