package io.balsa.raft.explore;

/**
 * Something that happens to one member.
 *
 * @param argument the message, configuration change or context of a read, else null
 */
record Event(Kind kind, Object argument) {
  enum Kind {
    DELIVER,
    CAMPAIGN,
    TICK,
    HEARTBEAT,
    PROPOSE,
    CHANGE,
    READ,
    COMPACT,
    CRASH,
    STORE,
    APPLY
  }

  @Override
  public String toString() {
    return argument == null ? kind.name() : kind + " " + argument;
  }
}
