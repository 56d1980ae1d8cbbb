package io.balsa.engine;

import io.balsa.engine.request.Refusal;
import io.balsa.raft.Status;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.tracker.Progress;
import io.balsa.raft.tracker.ProgressState;
import java.util.TreeSet;
import java.util.function.LongPredicate;

/**
 * What only a leader can judge of a configuration change: whether the cluster that it leads to
 * could go on serving. Everything else is judged when the change is applied, on every member alike.
 */
final class ChangeGuard {
  // A voter that lags further holds up the commits that need it.
  private static final long LEARNER_LAG_ENTRIES_MAX = 1000;

  private ChangeGuard() {}

  /**
   * Judges a change.
   *
   * @param status of the leader
   * @param active whether a member was heard of within an election timeout; true for the leader
   * @param name of the member that the change is about
   * @param force whether a cluster without quorum is accepted
   * @return null if it may be proposed
   */
  static Membership.Fault judge(
      Status status, LongPredicate active, ConfChange change, String name, boolean force) {
    TreeSet<Long> voters = new TreeSet<>(status.configuration().voters());
    for (Operation operation : change.operations()) {
      long member = operation.member();
      if (operation.type() == OperationType.REMOVE) {
        Progress progress = status.progress().get(member);
        if (progress != null && active.test(member) && progress.state() == ProgressState.PROBE) {
          // It shall learn of its removal from the log, and tell who asked it: not before the log
          // flows to it.
          return new Membership.Fault(
              Refusal.NO_LEADER, "the leader has yet to find where the log of " + name + " ends");
        }
        voters.remove(member);
      } else if (operation.type() == OperationType.ADD_VOTER) {
        if (status.isLearner(member)) {
          Membership.Fault fault = judgePromotion(status, active, member);
          if (fault != null) {
            return fault;
          }
        }
        voters.add(member);
      }
    }
    if (voters.isEmpty()) {
      return new Membership.Fault(
          Refusal.CONFLICT, name + " is the last voter: it cannot be removed");
    }
    boolean changesVoters = !voters.equals(new TreeSet<>(status.configuration().voters()));
    // The second member of a cluster of one cannot be started before it is added.
    boolean first = status.configuration().voters().size() == 1;
    if (!changesVoters || force || first) {
      return null;
    }
    int quorum = voters.size() / 2 + 1;
    long alive = voters.stream().filter(active::test).count();
    return alive >= quorum
        ? null
        : new Membership.Fault(
            Refusal.CONFLICT,
            "the change would cost the quorum: %d of %d voters answer, %d are needed"
                .formatted(alive, voters.size(), quorum));
  }

  private static Membership.Fault judgePromotion(
      Status status, LongPredicate active, long learner) {
    Progress progress = status.progress().get(learner);
    long last = status.progress().get(status.id()).match();
    if (progress == null || !active.test(learner)) {
      return new Membership.Fault(
          Refusal.CONFLICT,
          "learner %s does not answer: start it first".formatted(Long.toHexString(learner)));
    }
    long lag = last - progress.match();
    if (progress.state() != ProgressState.REPLICATE || lag > LEARNER_LAG_ENTRIES_MAX) {
      return new Membership.Fault(
          Refusal.CONFLICT,
          "learner %s is %d entries behind, at most %d are allowed"
              .formatted(Long.toHexString(learner), lag, LEARNER_LAG_ENTRIES_MAX));
    }
    return null;
  }
}
