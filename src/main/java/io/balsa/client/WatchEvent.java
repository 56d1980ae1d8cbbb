package io.balsa.client;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** All changes of one revision that a watch asked for. Immutable. */
@DataObject
public final class WatchEvent {
  private final long revision;
  private final List<Change> changes;

  /** The changes of one revision, in the order in which they were made. */
  public WatchEvent(long revision, List<Change> changes) {
    this.revision = revision;
    this.changes = List.copyOf(changes);
  }

  /** A copy. */
  public WatchEvent(WatchEvent other) {
    this(other.revision, other.changes);
  }

  /** Reads what {@link #toJson} wrote. */
  public WatchEvent(JsonObject json) {
    this(json.getLong("revision"), JsonBytes.list(json, "changes", Change::new));
  }

  /** One more is where a watch resumes that has taken this event. */
  public long revision() {
    return revision;
  }

  /** In the order in which they were made. */
  public List<Change> changes() {
    return changes;
  }

  /** The data of an event over HTTP. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("revision", revision)
        .put("changes", JsonBytes.array(changes, Change::toJson));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WatchEvent that
        && revision == that.revision
        && changes.equals(that.changes);
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(revision) + changes.hashCode();
  }

  @Override
  public String toString() {
    return "WatchEvent[revision=" + revision + ", changes=" + changes + "]";
  }
}
