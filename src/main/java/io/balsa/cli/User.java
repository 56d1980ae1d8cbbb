package io.balsa.cli;

import io.balsa.config.BadSettingException;
import java.io.Console;

/**
 * Who asks, where a cluster enforces users.
 *
 * @param name empty for nobody in particular
 */
record User(String name, String password) {
  static final User NOBODY = new User("", "");
  static final String VARIABLE = "BALSA_USER";

  /** Asks a person for a password. */
  interface Prompt {
    /** What was typed in; null where nobody can be asked. */
    String password(String name);
  }

  /**
   * The user that a flag or variable names.
   *
   * @param origin of the text
   * @param text {@code NAME:PASSWORD}, or {@code NAME} and the password is asked for; empty or null
   *     for nobody
   */
  static User of(String origin, String text, Prompt prompt) throws BadSettingException {
    if (text == null || text.isEmpty()) {
      return NOBODY;
    }
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    if (name.isEmpty()) {
      throw BadSettingException.of(origin, "", "must be NAME or NAME:PASSWORD");
    }
    String password = colon < 0 ? prompt.password(name) : text.substring(colon + 1);
    if (password == null) {
      throw BadSettingException.of(
          origin, name, "must be NAME:PASSWORD where there is no terminal to ask for the password");
    }
    return new User(name, password);
  }

  /** Asks at the terminal, if there is one. */
  static String atTerminal(String name) {
    Console console = System.console();
    char[] typed = console == null ? null : console.readPassword("password of %s: ", name);
    return typed == null ? null : new String(typed);
  }

  @Override
  public String toString() {
    return name; // And never the password.
  }
}
