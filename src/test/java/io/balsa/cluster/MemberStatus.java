package io.balsa.cluster;

import io.vertx.core.json.JsonObject;

/**
 * What {@code GET /v1/status} says.
 *
 * @param leader the id, or null
 */
record MemberStatus(
    String self,
    String leader,
    long term,
    long commitIndex,
    long appliedIndex,
    long revision,
    String stateHash,
    long fsyncs,
    long entries) {
  static MemberStatus of(JsonObject json) {
    JsonObject leader = json.getJsonObject("leader");
    JsonObject wal = json.getJsonObject("wal");
    return new MemberStatus(
        json.getJsonObject("self").getString("id"),
        leader == null ? null : leader.getString("id"),
        json.getLong("term"),
        json.getLong("commitIndex"),
        json.getLong("appliedIndex"),
        json.getLong("revision"),
        String.valueOf(json.getValue("stateHash")),
        wal.getLong("fsyncs"),
        wal.getLong("entries"));
  }

  boolean isLeader() {
    return self.equals(leader);
  }
}
