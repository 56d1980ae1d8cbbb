package io.balsa.raft.message;

/**
 * What must be durable before a message that depends on it leaves (Raft paper, figure 2).
 *
 * @param vote the member voted for in {@code term}, 0 for none
 * @param commit the highest index known to be committed; alone it needs no sync
 */
public record HardState(long term, long vote, long commit) {
  /** The state of a member that has seen nothing. */
  public static final HardState EMPTY = new HardState(0, 0, 0);

  @Override
  public String toString() {
    return "term " + term + ", vote " + Message.name(vote) + ", commit " + commit;
  }

  /** Whether all parts are 0, which means: nothing to store. */
  public boolean isEmpty() {
    return term == 0 && vote == 0 && commit == 0;
  }
}
