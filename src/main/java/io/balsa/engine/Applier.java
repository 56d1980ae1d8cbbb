package io.balsa.engine;

import io.balsa.engine.request.Reply;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.Result;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import java.util.ArrayList;
import java.util.List;

/** Applies what is committed, and tells everybody whom it concerns. */
final class Applier {
  private final long self;
  private final Present present;
  private final Proposals proposals;
  private final LeaderDuties duties;
  private final StateReader reader;
  private final AnswerBatches answers;
  private final Counts counts;
  private final Outbox out;
  private boolean membersChanged = true;
  private boolean removed;

  Applier(
      long self,
      Present present,
      Proposals proposals,
      LeaderDuties duties,
      StateReader reader,
      AnswerBatches answers,
      Counts counts,
      Outbox out) {
    this.self = self;
    this.present = present;
    this.proposals = proposals;
    this.duties = duties;
    this.reader = reader;
    this.answers = answers;
    this.counts = counts;
    this.out = out;
  }

  /** Applies a batch, answers who waits for its entries, and tells the raft loop. */
  void apply(Message.StorageApply batch) {
    List<ConfChange> changes = List.of();
    for (Entry entry : batch.entries()) {
      StateMachine.Outcome outcome = null;
      if (entry.index() > present.state.applied().index()) { // Or an installed snapshot has it.
        outcome = present.state.apply(entry);
        took(entry, outcome);
      }
      if (entry.type() != EntryType.NORMAL) {
        changes = changes.isEmpty() ? new ArrayList<>() : changes;
        changes.add(inForce(entry, outcome));
      }
    }
    out.toRaft(new RaftInput.Applied(batch, changes));
  }

  private static ConfChange inForce(Entry entry, StateMachine.Outcome outcome) {
    if (outcome instanceof StateMachine.Outcome.Reconfigured reconfigured) {
      return reconfigured.change();
    }
    if (outcome instanceof StateMachine.Outcome.ChangeRefused refused) {
      return refused.cancelled();
    }
    return StateMachine.cancelled(entry);
  }

  /** Answers who waits for it, and follows what it changed. */
  private void took(Entry entry, StateMachine.Outcome outcome) {
    proposals.termApplied(entry.term());
    if (outcome instanceof StateMachine.Outcome.Applied applied) {
      counts.proposalsApplied++;
      follow(applied.command(), applied.result());
      Proposals.Pending pending = waitingFor(entry, outcome);
      if (pending != null) {
        answers.answer(pending.caller(), reader.applied(applied.result()));
      }
    } else if (outcome instanceof StateMachine.Outcome.Nothing
        || (outcome instanceof StateMachine.Outcome.ChangeRefused refused
            && refused.fault() == null)) {
      if (outcome.origin() == self) {
        proposals.skipped(outcome.number());
      }
    } else {
      answerMembers(waitingFor(entry, outcome), outcome);
    }
  }

  private Proposals.Pending waitingFor(Entry entry, StateMachine.Outcome outcome) {
    return outcome.origin() == self ? proposals.applied(outcome.number(), entry.data()) : null;
  }

  private void answerMembers(Proposals.Pending pending, StateMachine.Outcome outcome) {
    Reply reply = null;
    if (outcome instanceof StateMachine.Outcome.ChangeRefused refused) {
      reply = Replies.refused(refused.fault().refusal(), refused.fault().detail());
    } else {
      tookMembers();
      if (outcome instanceof StateMachine.Outcome.Reconfigured reconfigured) {
        reply = reader.members(reconfigured.about() == null ? 0 : reconfigured.about().id());
      }
    }
    if (pending != null && reply != null) {
      answers.answer(pending.caller(), reply);
    }
  }

  /** Keeps the clocks of leases in step with the state. */
  private void follow(Command command, Result result) {
    if (command instanceof Command.Write) {
      return;
    }
    if (command instanceof Command.LeaseCheckpoint checkpoint) {
      for (Command.Remaining left : checkpoint.leases()) {
        present.state.store().lease(left.id()).ifPresent(duties.leases()::recorded);
      }
      return;
    }
    if (result instanceof Result.Lease lease) {
      if (!(command instanceof Command.LeaseExpire)) { // Then it came too late.
        duties
            .leases()
            .renewed(present.state.store().lease(lease.id()).orElseThrow(), present.nowNanos);
      }
    } else if (result instanceof Result.LeaseEnded leaseEnded) {
      duties.leases().ended(leaseEnded.id());
      if (command instanceof Command.LeaseExpire) {
        counts.leasesExpired++;
      }
    }
  }

  /** The members may be others than before. */
  void tookMembers() {
    membersChanged = true;
    removed |= present.state.membership().removed().contains(self);
  }

  /** Lets the peer transport know of members that changed. */
  void tellPeers() {
    Membership membership = present.state.membership();
    // A member that has yet to join knows nobody from its state, which must not look as if all
    // were gone.
    if (membersChanged && !membership.members().isEmpty()) {
      out.toPeers(
          new PeerInput.Members(List.copyOf(membership.members().values()), membership.removed()));
    }
    membersChanged = false;
  }

  /** Lets the member end if it is one no longer. */
  void tellRemoved() {
    if (removed) {
      removed = false;
      out.removed();
    }
  }
}
