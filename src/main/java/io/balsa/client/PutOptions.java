package io.balsa.client;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.core.json.JsonObject;

/** How a key is written: by default whatever it was before, and without a lease. */
@DataObject
public class PutOptions {
  private String leaseId;
  private Long ifModRevision;
  private Boolean ifExists;

  /** Unconditional, without a lease. */
  public PutOptions() {}

  /** A copy. */
  public PutOptions(PutOptions other) {
    leaseId = other.leaseId;
    ifModRevision = other.ifModRevision;
    ifExists = other.ifExists;
  }

  /** Reads what {@link #toJson} wrote. */
  public PutOptions(JsonObject json) {
    leaseId = json.getString("lease");
    ifModRevision = json.getLong("ifModRevision");
    ifExists = json.getBoolean("ifExists");
  }

  /** The lease that the key hangs on, null for none. */
  public String getLeaseId() {
    return leaseId;
  }

  /** Hangs the key on a lease: it is deleted when the lease ends. Null for none. */
  public PutOptions setLeaseId(String leaseId) {
    this.leaseId = leaseId;
    return this;
  }

  /** The only mod revision of the key at which it is written; null for any. */
  public Long getIfModRevision() {
    return ifModRevision;
  }

  /** Writes only if the key was changed last at this revision; 0: if it is missing. */
  public PutOptions setIfModRevision(Long ifModRevision) {
    this.ifModRevision = ifModRevision;
    return this;
  }

  /** Whether the key must exist, or must not; null for either. */
  public Boolean getIfExists() {
    return ifExists;
  }

  /** True writes only a key that exists, false only one that does not. */
  public PutOptions setIfExists(Boolean ifExists) {
    this.ifExists = ifExists;
    return this;
  }

  /** The fields that are set. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    if (leaseId != null) {
      json.put("lease", leaseId);
    }
    if (ifModRevision != null) {
      json.put("ifModRevision", ifModRevision);
    }
    if (ifExists != null) {
      json.put("ifExists", ifExists);
    }
    return json;
  }
}
