package io.balsa.raft.tracker;

import io.balsa.data.Checks;

/** What the leader knows of one member. */
public final class Progress {
  // Invariant: match < next.
  private long match;
  private long next;
  // The highest commit index sent, so that an empty append goes only where it can tell more.
  private long sentCommit;
  private ProgressState state = ProgressState.PROBE;
  private long pendingSnapshot;
  private boolean recentActive;
  private boolean flowPaused;
  private boolean learner;
  private final Inflights inflights;

  /** A member of which nothing is known but where to begin. */
  public Progress(
      long match, long next, Inflights inflights, boolean learner, boolean recentActive) {
    this.match = match;
    this.next = next;
    this.inflights = inflights;
    this.learner = learner;
    this.recentActive = recentActive;
  }

  /** A copy that later changes do not touch. */
  public Progress copy() {
    Progress copy = new Progress(match, next, inflights.copy(), learner, recentActive);
    copy.sentCommit = sentCommit;
    copy.state = state;
    copy.pendingSnapshot = pendingSnapshot;
    copy.flowPaused = flowPaused;
    return copy;
  }

  /** The last index known to agree. */
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

  /** The index of the snapshot under way, 0 for none. */
  public long pendingSnapshot() {
    return pendingSnapshot;
  }

  /** Whether it answered since the last check of the quorum. */
  public boolean recentActive() {
    return recentActive;
  }

  /** Notes that it answered, or begins a new check. */
  public void recentActive(boolean active) {
    this.recentActive = active;
  }

  /** Whether it learns without a vote. */
  public boolean learner() {
    return learner;
  }

  /** Makes it a learner or a voter. */
  public void learner(boolean learns) {
    this.learner = learns;
  }

  /** The appends on their way. */
  public Inflights inflights() {
    return inflights;
  }

  /** Whether nothing may be sent now. */
  public boolean paused() {
    return state == ProgressState.SNAPSHOT || flowPaused;
  }

  /** Lets one more append through, or stops the flow until the next answer. */
  public void flowPaused(boolean paused) {
    this.flowPaused = paused;
  }

  /** Starts to look for the point where the logs agree; behind a snapshot that was delivered. */
  public void becomeProbe() {
    long from = state == ProgressState.SNAPSHOT ? Math.max(match, pendingSnapshot) + 1 : match + 1;
    reset(ProgressState.PROBE);
    next = from;
    lowerSentCommit();
  }

  /** Starts to send without waiting. */
  public void becomeReplicate() {
    reset(ProgressState.REPLICATE);
    next = match + 1;
  }

  /** A snapshot at {@code index} is on its way. */
  public void becomeSnapshot(long index) {
    reset(ProgressState.SNAPSHOT);
    pendingSnapshot = index;
    next = index + 1;
    sentCommit = index;
  }

  /** The snapshot under way was lost. */
  public void forgetPendingSnapshot() {
    pendingSnapshot = 0;
  }

  /** Notes an append that was sent. */
  public void sentEntries(int count, long bytes) {
    if (state == ProgressState.REPLICATE) {
      if (count > 0) {
        next += count;
        inflights.add(next - 1, bytes);
      }
      flowPaused = inflights.full();
    } else {
      Checks.invariant(state == ProgressState.PROBE, "append sent in state %s", state);
      flowPaused |= count > 0;
    }
  }

  /** Notes the commit index that a message carried. */
  public void sentCommit(long commit) {
    sentCommit = commit;
  }

  /** Whether an empty append with this commit index could tell the member more. */
  public boolean canBumpCommit(long commit) {
    return commit > sentCommit && sentCommit < next - 1;
  }

  /** Takes an acknowledgement; false if it says nothing new. */
  public boolean maybeUpdate(long index) {
    if (index <= match) {
      return false;
    }
    match = index;
    next = Math.max(next, index + 1);
    flowPaused = false;
    return true;
  }

  /** Takes a rejection; false if it is stale. */
  public boolean maybeDecrease(long rejected, long hint) {
    if (state == ProgressState.REPLICATE) {
      if (rejected <= match) {
        return false;
      }
      next = match + 1;
      lowerSentCommit();
      return true;
    }
    if (next - 1 != rejected) {
      return false; // A probe has one append under way: this answers an older one.
    }
    next = Math.max(Math.min(rejected, hint + 1), match + 1);
    lowerSentCommit();
    flowPaused = false;
    return true;
  }

  private void lowerSentCommit() {
    sentCommit = Math.min(sentCommit, next - 1);
  }

  private void reset(ProgressState newState) {
    flowPaused = false;
    pendingSnapshot = 0;
    state = newState;
    inflights.reset();
  }

  @Override
  public String toString() {
    return state
        + " match="
        + match
        + " next="
        + next
        + (learner ? " learner" : "")
        + (paused() ? " paused" : "")
        + (pendingSnapshot > 0 ? " pendingSnapshot=" + pendingSnapshot : "")
        + (recentActive ? "" : " inactive")
        + (inflights.count() > 0 ? " inflight=" + inflights.count() : "");
  }
}
