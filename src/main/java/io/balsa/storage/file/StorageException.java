package io.balsa.storage.file;

/**
 * Durable state could not be read or written. Unless a method says otherwise it is final: what was
 * to become durable may be lost, and the member must acknowledge nothing more.
 */
public class StorageException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Says what failed, with the values found and expected. */
  public StorageException(String message) {
    super(message);
  }

  /** Says what failed, and because of what. */
  public StorageException(String message, Throwable cause) {
    super(message + ": " + cause, cause);
  }
}
