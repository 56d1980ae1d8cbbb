package io.balsa.engine;

import io.balsa.engine.request.Reply;
import io.balsa.mvcc.auth.AuthAnswer;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.Result;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Applies what is committed, in order and in steps that hold up nobody else for long, and tells
 * everybody whom it concerns. A member that starts, or was cut off, has a long log to apply.
 */
final class Applier {
  private static final long STEP_BYTES_MAX = 256 << 10; // What is more may be a large transaction.

  private final long self;
  private final int stepEntriesMax;
  private final Present present;
  private final Proposals proposals;
  private final LeaderDuties duties;
  private final Tokens tokens;
  private final StateReader reader;
  private final AnswerBatches answers;
  private final Counts counts;
  private final Outbox out;

  private final Deque<Message.StorageApply> batches = new ArrayDeque<>();
  private List<ConfChange> changes = List.of(); // Of the batch that is being applied.
  private int done; // Entries of it.
  private boolean membersChanged = true;
  private boolean removed;

  Applier(
      ReplicaOptions options,
      Present present,
      Proposals proposals,
      LeaderDuties duties,
      Tokens tokens,
      StateReader reader,
      AnswerBatches answers,
      Counts counts,
      Outbox out) {
    this.self = options.self().id();
    this.stepEntriesMax = options.applyEntriesMax();
    this.present = present;
    this.proposals = proposals;
    this.duties = duties;
    this.tokens = tokens;
    this.reader = reader;
    this.answers = answers;
    this.counts = counts;
    this.out = out;
  }

  /** Takes a batch that is to be applied behind those before it. */
  void add(Message.StorageApply batch) {
    batches.add(batch);
  }

  /** Whether there is something to apply. */
  boolean hasWork() {
    return !batches.isEmpty();
  }

  /**
   * Whether a part of a batch is applied, of which the raft loop has not heard. A snapshot of such
   * a state would take entries off the log that it still looks at.
   */
  boolean isWithinBatch() {
    return done > 0;
  }

  /**
   * Applies entries, one at least if there is one, and answers who waits for them. Of each batch
   * that is done the raft loop is told.
   */
  void step() {
    int entries = 0;
    long bytes = 0;
    while (!batches.isEmpty()) {
      Message.StorageApply batch = batches.element();
      while (done < batch.entries().size()) {
        if (entries == stepEntriesMax || bytes >= STEP_BYTES_MAX) {
          return;
        }
        Entry entry = batch.entries().get(done);
        apply(entry);
        done++;
        entries++;
        bytes += entry.data().length();
      }
      batches.remove();
      out.toRaft(new RaftInput.Applied(batch, changes));
      changes = List.of();
      done = 0;
    }
  }

  private void apply(Entry entry) {
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
    } else if (outcome instanceof StateMachine.Outcome.AuthApplied applied) {
      counts.proposalsApplied++;
      if (applied.answer() instanceof AuthAnswer.Token token) {
        tokens.add(token, present.nowNanos);
      }
      Proposals.Pending pending = waitingFor(entry, outcome);
      if (pending != null) {
        answers.answer(pending.caller(), Replies.auth(applied.answer()));
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
