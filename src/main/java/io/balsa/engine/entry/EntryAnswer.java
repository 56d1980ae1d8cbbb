package io.balsa.engine.entry;

/**
 * What one who was asked says.
 *
 * @param from its member id
 * @param reason for people; empty for a grant
 */
public record EntryAnswer(long from, Verdict verdict, String reason) {
  /** What the process that asked may do. */
  public enum Verdict {
    /** Not known yet: ask again. */
    LATER,
    /** Enter, for all that this one knows. */
    GRANTED,
    /** Never enter. */
    REFUSED,
    /** Never enter under this id, which the log has removed; a new member may join. */
    REMOVED
  }
}
