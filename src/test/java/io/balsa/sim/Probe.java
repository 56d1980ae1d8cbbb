package io.balsa.sim;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Op;

/** Asks one member for a write and a read, when everything is well. */
final class Probe extends SimClient {
  private final SimMember asked;
  private final Bytes key;
  private boolean served;

  Probe(Simulation world, SimMember asked, long seed) {
    super(world, "probe of member %x".formatted(asked.id), seed);
    this.asked = asked;
    this.key = Bytes.utf8("probe/%x".formatted(asked.id));
  }

  /** Whether both were done. */
  boolean isServed() {
    return served;
  }

  @Override
  void begin() {
    connect(asked);
    long id = world.operations.next();
    ask(
        new Request.Write(Op.Put.of(key, Operations.value(id), 0)),
        2_000,
        written -> {
          if (written instanceof Reply.Written) {
            ask(
                new Request.Read(Op.Range.of(KeyRange.of(key), 0, 0, false), false),
                2_000,
                read -> served = read instanceof Reply.Read);
          }
        });
  }
}
