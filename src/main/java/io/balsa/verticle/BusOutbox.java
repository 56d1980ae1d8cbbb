package io.balsa.verticle;

import io.balsa.bus.Addresses;
import io.balsa.engine.DiskInput;
import io.balsa.engine.Outbox;
import io.balsa.engine.PeerInput;
import io.balsa.engine.RaftInput;
import io.balsa.engine.ReplicaInput;
import io.balsa.engine.SnapshotIo;
import io.balsa.engine.request.Answers;
import io.balsa.engine.request.Leadership;
import io.vertx.core.Vertx;

/** Takes the engine's effects to the verticles of the same member. */
final class BusOutbox implements Outbox {
  private final Vertx vertx;
  private final Addresses addresses;
  private final Runnable removed;

  BusOutbox(Vertx vertx, Addresses addresses, Runnable removed) {
    this.vertx = vertx;
    this.addresses = addresses;
    this.removed = removed;
  }

  @Override
  public void toRaft(RaftInput input) {
    Addresses.send(vertx, addresses.raft(), input);
  }

  @Override
  public void toDisk(DiskInput input) {
    Addresses.send(vertx, addresses.disk(), input);
  }

  @Override
  public void toPeers(PeerInput input) {
    Addresses.send(vertx, addresses.peer(), input);
  }

  @Override
  public void toReplica(ReplicaInput input) {
    Addresses.send(vertx, addresses.replica(), input);
  }

  @Override
  public void toSnapshotUser(String address, SnapshotIo answer) {
    Addresses.send(vertx, address, answer);
  }

  @Override
  public void toClient(String address, Answers answers) {
    Addresses.send(vertx, address, answers);
  }

  @Override
  public void leadership(Leadership leadership) {
    Addresses.send(vertx, addresses.leadership(), leadership);
  }

  @Override
  public void removed() {
    removed.run();
  }
}
