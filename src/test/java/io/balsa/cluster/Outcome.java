package io.balsa.cluster;

/** What a client knows of its request. */
enum Outcome {
  /** Done. */
  APPLIED,
  /** Nothing happened, and nothing will. */
  REFUSED,
  /** It may have happened, or may happen later. */
  UNKNOWN
}
