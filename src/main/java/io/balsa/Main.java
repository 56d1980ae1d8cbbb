package io.balsa;

/** Entry. */
public final class Main {
  private Main() {}

  /** Runs. */
  public static void main(String[] args) {
    System.out.println("balsa");
  }
}
