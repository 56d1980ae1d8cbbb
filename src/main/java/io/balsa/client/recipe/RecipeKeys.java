package io.balsa.client.recipe;

import io.balsa.data.Names;

/** The keys that recipes use: under a prefix of their own, apart from those of applications. */
final class RecipeKeys {
  private RecipeKeys() {}

  /** What the keys of all who want a lock begin with. */
  static String lock(String name) {
    return "balsa/lock/" + checked("lock", name) + "/";
  }

  /** What the keys of all candidates begin with. */
  static String election(String name) {
    return "balsa/election/" + checked("election", name) + "/";
  }

  static String counter(String name) {
    return "balsa/counter/" + checked("counter", name);
  }

  static String latch(String name) {
    return "balsa/latch/" + checked("latch", name);
  }

  private static String checked(String what, String name) {
    if (Names.isName(name)) {
      return name;
    }
    String found =
        name.length() <= Names.CHARACTERS_MAX ? "'" + name + "'" : name.length() + " characters";
    throw Refusals.invalid(what + " name: found " + found + ", expected " + Names.RULE);
  }
}
