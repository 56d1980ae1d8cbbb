package io.balsa.engine;

import io.balsa.engine.request.Reply;
import java.util.List;

/** What the parts of a replica look at: the state, consensus as last seen, and the time. */
final class Present {
  /** Everything applied so far; another object once a snapshot was installed. */
  StateMachine state;

  /** As the raft loop last told it. */
  RaftView view;

  /** By the clock of the caller, in nanoseconds. */
  long nowNanos;

  /** Before the raft loop has told anything. */
  Present(StateMachine state, long nowNanos) {
    this.state = state;
    this.nowNanos = nowNanos;
    this.view =
        new RaftView(
            0,
            0,
            false,
            0,
            false,
            false,
            List.of(),
            Reply.Wal.NONE,
            state.applied().index(),
            0,
            false,
            false,
            List.of());
  }

  boolean knowsLeader() {
    return view.leader() != 0;
  }
}
