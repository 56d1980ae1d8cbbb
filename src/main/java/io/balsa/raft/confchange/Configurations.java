package io.balsa.raft.confchange;

import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.tracker.ProgressTracker.Limits;
import java.util.Optional;

/** What a change makes of a configuration, for those who keep no progress. */
public final class Configurations {
  private static final Limits NOTHING_SENT = new Limits(1, 0);

  private Configurations() {}

  /** The configuration after the change; empty where a rule forbids it. */
  public static Optional<ConfState> after(ConfState state, ConfChange change) {
    try {
      return Optional.of(
          new Changer(Changer.restore(state, 1, NOTHING_SENT), 1, NOTHING_SENT)
              .apply(change)
              .configuration()
              .toConfState());
    } catch (ConfChangeException e) {
      return Optional.empty();
    }
  }
}
