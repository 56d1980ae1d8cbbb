package io.balsa.storage.file;

/** A file does not hold what was made durable in it; no crash explains that. */
public final class DamagedException extends StorageException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final long offset;

  /** Damage found in {@code file} at {@code offset} bytes; the message must name both. */
  public DamagedException(String message, String file, long offset) {
    super(message);
    this.file = file;
    this.offset = offset;
  }

  /** The name of the file, without directories. */
  public String file() {
    return file;
  }

  /** Where the damage was found, in bytes from the start of the file. */
  public long offset() {
    return offset;
  }
}
