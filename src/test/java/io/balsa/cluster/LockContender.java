package io.balsa.cluster;

import io.balsa.client.BalsaClient;
import io.balsa.client.BalsaClientOptions;
import io.balsa.client.BalsaException;
import io.balsa.client.BalsaLock;
import io.balsa.client.LockOptions;
import io.balsa.client.Operation;
import io.balsa.client.Txn;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * A process with several contenders for one lock. Each takes it, writes under it for a while, and
 * lets it go, again and again. Arguments: name, number of contenders, time to live in seconds,
 * endpoints.
 */
final class LockContender {
  static final String LOCK = "contended";

  /** Under it each holder writes {@code name token} as often as it can while it holds the lock. */
  static final String RECORD = "record";

  private static final int WRITES = 5;
  private static final long PAUSE_MILLIS = 20;

  private final Vertx vertx;
  private final BalsaClient balsa;
  private final String name;
  private final long ttlSeconds;

  private LockContender(Vertx vertx, BalsaClient balsa, String name, long ttlSeconds) {
    this.vertx = vertx;
    this.balsa = balsa;
    this.name = name;
    this.ttlSeconds = ttlSeconds;
  }

  public static void main(String[] arguments) {
    Vertx vertx = Vertx.vertx();
    int contenders = Integer.parseInt(arguments[1]);
    for (int i = 0; i < contenders; i++) {
      BalsaClient balsa =
          BalsaClient.create(
              vertx, new BalsaClientOptions().setEndpoints(List.of(arguments[3].split(","))));
      new LockContender(vertx, balsa, arguments[0] + "-" + i, Long.parseLong(arguments[2]))
          .contend();
    }
  }

  private void contend() {
    balsa
        .lock(LOCK, new LockOptions().setTtlSeconds(ttlSeconds))
        .compose(lock -> write(lock, WRITES).eventually(lock::unlock))
        .onComplete(
            done -> {
              if (done.failed() && !(done.cause() instanceof BalsaException)) {
                done.cause().printStackTrace();
              }
              vertx.setTimer(PAUSE_MILLIS, timer -> contend());
            });
  }

  private Future<Void> write(BalsaLock lock, int times) {
    if (times == 0) {
      return Future.succeededFuture();
    }
    return balsa
        .txn(
            new Txn()
                .when(lock.held())
                .then(Operation.put(RECORD, Buffer.buffer(name + " " + lock.fencingToken()))))
        .compose(
            result -> {
              if (!result.succeeded()) {
                return Future.succeededFuture();
              }
              Promise<Void> later = Promise.promise();
              vertx.setTimer(PAUSE_MILLIS, timer -> later.complete());
              return later.future().compose(none -> write(lock, times - 1));
            });
  }
}
