package io.balsa.client;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.core.json.JsonObject;

/** How a key is deleted: by default whatever it is. */
@DataObject
public class DeleteOptions {
  private Long ifModRevision;

  /** Unconditional. */
  public DeleteOptions() {}

  /** A copy. */
  public DeleteOptions(DeleteOptions other) {
    ifModRevision = other.ifModRevision;
  }

  /** Reads what {@link #toJson} wrote. */
  public DeleteOptions(JsonObject json) {
    ifModRevision = json.getLong("ifModRevision");
  }

  /** The only mod revision of the key at which it is deleted; null for any. */
  public Long getIfModRevision() {
    return ifModRevision;
  }

  /** Deletes only if the key was changed last at this revision; 0: if it is missing. */
  public DeleteOptions setIfModRevision(Long ifModRevision) {
    this.ifModRevision = ifModRevision;
    return this;
  }

  /** The fields that are set. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    if (ifModRevision != null) {
      json.put("ifModRevision", ifModRevision);
    }
    return json;
  }
}
