package io.balsa.examples;

import io.balsa.client.BalsaClient;
import io.balsa.client.BalsaLock;
import io.balsa.client.Operation;
import io.balsa.client.Txn;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/**
 * A job that reads, works and writes: not atomic, so one instance at a time may do it. The lock
 * keeps others out; its condition in the write keeps out a holder that lost it without noticing.
 */
final class LockedJob {
  private final BalsaClient balsa;

  LockedJob(BalsaClient balsa) {
    this.balsa = balsa;
  }

  /** Completes with whether the result was written. */
  Future<Boolean> run() {
    return balsa.lock("report").compose(lock -> work(lock).eventually(lock::unlock));
  }

  private Future<Boolean> work(BalsaLock lock) {
    return balsa
        .get("report/lines")
        .compose(
            lines -> {
              long next = lines == null ? 1 : Long.parseLong(lines.text()) + 1;
              return balsa.txn(
                  new Txn()
                      .when(lock.held())
                      .then(Operation.put("report/lines", Buffer.buffer(Long.toString(next)))));
            })
        .map(result -> result.succeeded());
  }
}
