package io.balsa.raft.conformance;

/** What a command prints: kept back when quiet, indented where blocks nest (section 2). */
final class Output {
  private StringBuilder buffer = new StringBuilder();
  private boolean quiet;

  void setQuiet(boolean value) {
    quiet = value;
  }

  boolean isQuiet() {
    return quiet;
  }

  void print(String text) {
    if (!quiet) {
      buffer.append(text);
    }
  }

  void line(String text) {
    print(text + "\n");
  }

  /** Indents all lines that {@code block} prints by two blanks. */
  void indented(Runnable block) {
    StringBuilder outer = buffer;
    buffer = new StringBuilder();
    try {
      block.run();
    } finally {
      buffer.toString().lines().forEach(l -> outer.append("  ").append(l).append('\n'));
      buffer = outer;
    }
  }

  /** Everything printed since the last call; {@code error} is null if the command succeeded. */
  String take(String error) {
    String text = buffer.toString();
    buffer = new StringBuilder();
    if (error != null) {
      text = quiet ? error : text + error;
    }
    if (text.isEmpty()) {
      text = "ok";
    }
    return text.endsWith("\n") ? text : text + "\n";
  }
}
