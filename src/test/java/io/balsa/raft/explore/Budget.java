package io.balsa.raft.explore;

/** What may still happen, each kind a limited number of times, in 5 bits of one number. */
enum Budget {
  CAMPAIGNS,
  TICKS,
  HEARTBEATS,
  PROPOSALS,
  CONF_CHANGES,
  READS,
  COMPACTIONS,
  CRASHES,
  DROPS,
  DUPLICATES;

  private static final int BITS = 5;

  int left(long budgets) {
    return (int) (budgets >>> ordinal() * BITS) & (1 << BITS) - 1;
  }

  long spend(long budgets) {
    return budgets - (1L << ordinal() * BITS);
  }

  long add(long budgets, int count) {
    if (count < 0 || left(budgets) + count >= 1 << BITS) {
      throw new IllegalArgumentException(this + " out of range: " + count);
    }
    return budgets + ((long) count << ordinal() * BITS);
  }
}
