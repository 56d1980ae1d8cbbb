package io.balsa.bus;

import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;

/**
 * The local addresses of one member's verticles. The member's id is in each, so that several
 * members can live in one Vert.x.
 */
public record Addresses(String prefix) {
  /** Local only, with the codec that passes values as they are. */
  public static final DeliveryOptions LOCAL =
      new DeliveryOptions().setLocalOnly(true).setCodecName(PassThroughCodec.NAME);

  /** The addresses of the member with this id. */
  public static Addresses of(long member) {
    return new Addresses("balsa." + Long.toHexString(member));
  }

  /** Takes {@code RaftInput}. */
  public String raft() {
    return prefix + ".raft";
  }

  /** Takes {@code DiskInput}. */
  public String disk() {
    return prefix + ".disk";
  }

  /** Takes {@code PeerInput}. */
  public String peer() {
    return prefix + ".peer";
  }

  /** Takes {@code SnapshotIo} for the peer transport. */
  public String peerSnapshots() {
    return prefix + ".peer.snapshots";
  }

  /** Takes {@code ReplicaInput}. */
  public String replica() {
    return prefix + ".replica";
  }

  /** Takes {@code Leadership}. */
  public String leadership() {
    return prefix + ".leadership";
  }

  /** Takes {@code Answers} for the {@code number}-th client of the replica. */
  public String answers(long number) {
    return prefix + ".answers." + number;
  }

  /** Sends {@code value} to {@code address} in this JVM. */
  public static void send(Vertx vertx, String address, Object value) {
    vertx.eventBus().send(address, value, LOCAL);
  }
}
