package io.balsa.storage.file;

/**
 * A write was refused before it began, because it would use up the reserve of free space. Nothing
 * was written and nothing is lost: the same call succeeds once there is space.
 */
public final class DiskFullException extends StorageException {
  private static final long serialVersionUID = 1L;

  /** Says how much was needed and how much there is. */
  public DiskFullException(String message) {
    super(message);
  }
}
