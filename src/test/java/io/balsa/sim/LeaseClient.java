package io.balsa.sim;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.Op;

/**
 * Takes leases, writes keys under them, keeps them alive for a while, and lets them go. That none
 * ends early is judged by the {@link Oracle}.
 */
final class LeaseClient extends SimClient {
  private static final Bytes KEY = Bytes.utf8("l/key");

  private long lease;
  private long ttlSeconds;
  private int renewals;

  LeaseClient(Simulation world, String name, long seed) {
    super(world, name, seed);
  }

  @Override
  void begin() {
    timeline.after(Timeline.SECONDS, this::act);
  }

  private void act() {
    if (world.isOver()) {
      return;
    }
    if (!isConnected() && !connect()) {
      timeline.after(Timeline.SECONDS, this::act);
    } else if (lease == 0) {
      grant();
    } else if (renewals > 0) {
      renew();
    } else {
      letGo();
    }
  }

  private void grant() {
    renewals = random.nextInt(8);
    ask(
        new Request.LeaseGrant(0, 1 + random.nextInt(6)),
        2_000,
        reply -> {
          if (reply instanceof Reply.Lease granted) {
            lease = granted.lease().id();
            ttlSeconds = granted.lease().ttlSeconds();
            write();
          }
          next(1_000);
        });
  }

  private void write() {
    long id = world.operations.next();
    ask(
        new Request.Write(Op.Put.of(KEY, Operations.value(id), lease)),
        2_000,
        reply -> {
          if (reply instanceof Reply.Refused refused && !refused.unknown()) {
            world.refused(id, refused);
          }
        });
  }

  private void renew() {
    renewals--;
    ask(
        new Request.LeaseKeepAlive(lease),
        2_000,
        reply -> {
          if (reply instanceof Reply.Refused refused
              && refused.refusal() == Refusal.LEASE_NOT_FOUND) {
            lease = 0;
          }
          // Sometimes just before the end.
          next(ttlSeconds * (random.nextInt(3) == 0 ? 960 : 300));
        });
  }

  private void letGo() {
    long gone = lease;
    lease = 0;
    if (random.nextInt(3) == 0) {
      ask(new Request.LeaseRevoke(gone), 2_000, reply -> next(1_000));
    } else {
      next(ttlSeconds * 1_500);
    }
  }

  private void next(long millis) {
    timeline.after(millis * Timeline.MILLIS, this::act);
  }
}
