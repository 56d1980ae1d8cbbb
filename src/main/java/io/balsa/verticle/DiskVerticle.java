package io.balsa.verticle;

import io.balsa.bus.Addresses;
import io.balsa.engine.DiskInput;
import io.balsa.engine.DiskWriter;
import io.balsa.storage.file.StorageException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.eventbus.MessageConsumer;

/**
 * Runs the disk writer of one member. A worker verticle with a pool of one thread, which may wait
 * for the disk; what is not in the way of appends is done by a second thread.
 */
final class DiskVerticle extends VerticleBase {
  private static final long LOOK_MILLIS = 250;

  private final DiskWriter disk;
  private final Addresses addresses;
  private final Handler<Throwable> failed;
  private WorkerExecutor preparer;
  private MessageConsumer<DiskInput> consumer;
  private long timer;
  private Future<Void> preparation = Future.succeededFuture();
  private boolean over;

  DiskVerticle(DiskWriter disk, Addresses addresses, Handler<Throwable> failed) {
    this.disk = disk;
    this.addresses = addresses;
    this.failed = failed;
  }

  @Override
  public Future<?> start() {
    preparer = vertx.createSharedWorkerExecutor(addresses.prefix() + ".prepare", 1);
    consumer = vertx.eventBus().localConsumer(addresses.disk(), message -> handle(message.body()));
    timer = vertx.setPeriodic(LOOK_MILLIS, none -> prepare());
    return Future.succeededFuture();
  }

  private void handle(DiskInput input) {
    if (over) {
      return;
    }
    try {
      disk.handle(input);
    } catch (StorageException | RuntimeException e) {
      over = true;
      failed.handle(e);
    }
  }

  private void prepare() {
    if (over || !preparation.isComplete() || !disk.wantsPreparation()) {
      return;
    }
    preparation =
        preparer
            .executeBlocking(disk::prepare)
            .map(
                step -> {
                  handle(step);
                  if (!step.full() && !step.failed()) {
                    vertx.runOnContext(none -> prepare());
                  }
                  return null;
                });
  }

  /** In order: what has come is done, and nothing comes to a thread that is no more. */
  @Override
  public Future<?> stop() {
    vertx.cancelTimer(timer);
    return consumer
        .unregister()
        .eventually(
            () -> {
              over = true;
              return preparation;
            })
        .eventually(preparer::close)
        .eventually(this::close);
  }

  private Future<Void> close() {
    try {
      disk.close();
      return Future.succeededFuture();
    } catch (StorageException e) {
      return Future.failedFuture(e);
    }
  }
}
