package io.balsa.storage.wal;

/** Whose log this is: repeated in every segment, so that a misplaced file is noticed. */
public record LogOwner(long clusterId, long memberId) {
  @Override
  public String toString() {
    return "member " + Long.toHexString(memberId) + " of cluster " + Long.toHexString(clusterId);
  }
}
