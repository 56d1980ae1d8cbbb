package io.balsa.raft.confchange;

import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.tracker.Inflights;
import java.util.Optional;

/** What a change makes of a configuration, for those who keep no progress. */
public final class Configurations {
  private Configurations() {}

  /** The configuration after the change; empty where a rule forbids it. */
  public static Optional<ConfState> after(ConfState state, ConfChange change) {
    try {
      Changer.Change before = Changer.restore(state, 1, () -> new Inflights(1, 0));
      Changer changer =
          new Changer(before.configuration(), before.progress(), 1, () -> new Inflights(1, 0));
      return Optional.of(changer.apply(change).configuration().toConfState());
    } catch (ConfChangeException e) {
      return Optional.empty();
    }
  }
}
