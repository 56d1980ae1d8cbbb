package io.balsa.raft.tracker;

/**
 * What a leader knows about one member, and with it what may be sent next.
 *
 * <p>Three states: {@link ProgressState}. Each change of state forgets what was on its way.
 */
public final class Progress {
  private final Inflights inflights;
  // Invariant: match < next. Up to match the logs agree; from next on entries are to be sent.
  private long match;
  private long next;
  private long sentCommit;
  private ProgressState state = ProgressState.PROBE;
  private long pendingSnapshot;
  private boolean recentActive;
  private boolean appendsPaused;
  private boolean learner;

  /** Starts in probe state. */
  public Progress(
      long match, long next, boolean learner, boolean recentActive, Inflights inflights) {
    this.match = match;
    this.next = next;
    this.learner = learner;
    this.recentActive = recentActive;
    this.inflights = inflights;
  }

  private Progress(Progress other, Inflights inflights) {
    this(other.match, other.next, other.learner, other.recentActive, inflights);
    this.sentCommit = other.sentCommit;
    this.state = other.state;
    this.pendingSnapshot = other.pendingSnapshot;
    this.appendsPaused = other.appendsPaused;
  }

  /** A copy that changes no more, also in what is on its way. */
  public Progress copy() {
    return new Progress(this, inflights.copy());
  }

  /** The same member as voter or learner; takes the place of this one. */
  public Progress withLearner(boolean isLearner) {
    Progress result = new Progress(this, inflights);
    result.learner = isLearner;
    return result;
  }

  /** The highest index up to which the member's log is known to agree. */
  public long match() {
    return match;
  }

  /** The next index to send. */
  public long next() {
    return next;
  }

  /** How it is sent to. */
  public ProgressState state() {
    return state;
  }

  /** Whether anything came from the member since the last check of the quorum. */
  public boolean recentActive() {
    return recentActive;
  }

  /** Whether it does not vote. */
  public boolean learner() {
    return learner;
  }

  /** The index of the snapshot on its way, 0 for none. */
  public long pendingSnapshot() {
    return pendingSnapshot;
  }

  /** The appends on their way. */
  public Inflights inflights() {
    return inflights;
  }

  /** Whether nothing may be sent until an answer or a heartbeat response comes. */
  public boolean paused() {
    return state == ProgressState.SNAPSHOT || appendsPaused;
  }

  /** Notes whether anything came from the member since the last check of the quorum. */
  public void setRecentActive(boolean active) {
    recentActive = active;
  }

  /** Stops appends until an answer or a heartbeat response comes. */
  public void pauseAppends() {
    appendsPaused = true;
  }

  /** Allows one more append, though none may have been answered. */
  public void resumeAppends() {
    appendsPaused = false;
  }

  /** Nothing is sure any more: ask where the logs agree, from behind a snapshot if one was sent. */
  public void becomeProbe() {
    long sentSnapshot = state == ProgressState.SNAPSHOT ? pendingSnapshot : 0;
    resetState(ProgressState.PROBE);
    next = Math.max(match, sentSnapshot) + 1;
    sentCommit = Math.min(sentCommit, next - 1);
  }

  /** The logs agree up to match: send the rest in a row. */
  public void becomeReplicate() {
    resetState(ProgressState.REPLICATE);
    next = match + 1;
  }

  /** A snapshot of {@code index} is on its way; it tells the commit index as well. */
  public void becomeSnapshot(long index) {
    resetState(ProgressState.SNAPSHOT);
    pendingSnapshot = index;
    next = index + 1;
    sentCommit = index;
  }

  /** The pending snapshot did not arrive. */
  public void forgetSnapshot() {
    pendingSnapshot = 0;
  }

  /** An append of {@code count} entries was sent, their sizes together {@code bytes}. */
  public void sentEntries(int count, long bytes) {
    switch (state) {
      case PROBE -> appendsPaused |= count > 0;
      case REPLICATE -> {
        if (count > 0) {
          next += count;
          inflights.add(next - 1, bytes);
        }
        // Full: not even empty appends, but for those that a heartbeat response allows.
        appendsPaused = inflights.isFull();
      }
      case SNAPSHOT -> throw new IllegalStateException("progress: append sent beside a snapshot");
    }
  }

  /** The member was told this commit index. */
  public void sentCommit(long commit) {
    sentCommit = commit;
  }

  /**
   * Whether telling the member this commit index may move its own: it was not told before, and
   * entries that were sent are beyond what it was told.
   */
  public boolean canBumpCommit(long commit) {
    return commit > sentCommit && sentCommit < next - 1;
  }

  /** The member's log agrees up to {@code index}; returns whether that is news. */
  public boolean acknowledge(long index) {
    if (index <= match) {
      return false;
    }
    match = index;
    next = Math.max(next, index + 1);
    appendsPaused = false;
    return true;
  }

  /**
   * The member rejected an append whose previous index was {@code rejected}; returns whether to
   * send again, false for a rejection that later events made stale.
   *
   * @param hint the last index that may agree
   */
  public boolean reject(long rejected, long hint) {
    if (state == ProgressState.REPLICATE) {
      // Appends in a row may be rejected after a later one was acknowledged.
      if (rejected <= match) {
        return false;
      }
      next = match + 1;
    } else {
      // Only the one append on its way can be meant.
      if (next - 1 != rejected) {
        return false;
      }
      next = Math.max(Math.min(rejected, hint + 1), match + 1);
      appendsPaused = false;
    }
    sentCommit = Math.min(sentCommit, next - 1);
    return true;
  }

  /** The state, and only what is not as it should be. */
  @Override
  public String toString() {
    return state
        + " match "
        + match
        + " next "
        + next
        + (pendingSnapshot == 0 ? "" : " snapshot " + pendingSnapshot)
        + (inflights.count() == 0 ? "" : " in flight " + inflights)
        + (appendsPaused ? " paused" : "")
        + (recentActive ? "" : " inactive")
        + (learner ? " learner" : "");
  }

  private void resetState(ProgressState newState) {
    state = newState;
    appendsPaused = false;
    pendingSnapshot = 0;
    inflights.reset();
  }
}
