package io.balsa.client;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.core.json.JsonObject;

/** How a key is read: by default linearizable, and as it is now. */
@DataObject
public class GetOptions {
  private Consistency consistency = Consistency.LINEARIZABLE;
  private long revision;

  /** Linearizable, now. */
  public GetOptions() {}

  /** A copy. */
  public GetOptions(GetOptions other) {
    consistency = other.consistency;
    revision = other.revision;
  }

  /** Reads what {@link #toJson} wrote. */
  public GetOptions(JsonObject json) {
    consistency = JsonFields.consistency(json);
    revision = json.getLong("revision", 0L);
  }

  /** What the read may show. */
  public Consistency getConsistency() {
    return consistency;
  }

  /** What the read may show. */
  public GetOptions setConsistency(Consistency consistency) {
    this.consistency = consistency;
    return this;
  }

  /** The store revision to read at, 0 for now. */
  public long getRevision() {
    return revision;
  }

  /** Reads the past: the store as it was at this revision; 0 for now. */
  public GetOptions setRevision(long revision) {
    this.revision = revision;
    return this;
  }

  /** The fields that are set. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    JsonFields.putConsistency(json, consistency);
    if (revision != 0) {
      json.put("revision", revision);
    }
    return json;
  }
}
