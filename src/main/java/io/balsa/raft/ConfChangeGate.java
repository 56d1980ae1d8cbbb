package io.balsa.raft;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.raft.confchange.Changer;
import io.balsa.raft.confchange.ConfChangeException;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import java.util.ArrayList;
import java.util.List;

/**
 * Which proposed changes of the configuration a leader takes into its log. What it does not take
 * becomes an empty entry in the same place, so that the other entries of the proposal keep theirs.
 */
final class ConfChangeGate {
  private final Raft raft;
  // No configuration change behind this index is in the log; one at or before it may be, and may
  // be unapplied while it is above applied.
  private long pendingConfIndex;

  /**
   * For a leader that begins its term.
   *
   * @param lastIndex up to where the log may hold changes: looking for them costs more than waiting
   */
  ConfChangeGate(Raft raft, long lastIndex) {
    this.raft = raft;
    this.pendingConfIndex = lastIndex;
  }

  /** Whether no change is in the log behind {@code applied}. */
  boolean isPassed(long applied) {
    return applied >= pendingConfIndex;
  }

  /**
   * Proposals as they would stand in the log.
   *
   * @param lastConfIndex of the last configuration change among and before them
   */
  record Admission(List<Entry> entries, long lastConfIndex, List<Replaced> replaced) {}

  /** A change that was proposed and has become an empty entry. */
  record Replaced(Entry proposal, EntryId place, ConfChangeRefusal reason, String detail) {}

  private record Refusal(ConfChangeRefusal reason, String detail) {}

  /** Gives the proposals their places at the end of the log; nothing is in the log yet. */
  Admission admit(List<Entry> proposals) {
    long term = raft.term();
    long index = raft.log.lastIndex();
    long lastConfIndex = pendingConfIndex;
    List<Entry> entries = new ArrayList<>(proposals.size());
    List<Replaced> replaced = List.of();
    for (Entry proposal : proposals) {
      index++;
      Refusal refusal = null;
      if (proposal.type() != EntryType.NORMAL) {
        refusal = refusal(proposal.data(), lastConfIndex);
        if (refusal == null) {
          lastConfIndex = index;
        }
      }
      if (refusal == null) {
        entries.add(new Entry(term, index, proposal.type(), proposal.data()));
      } else {
        Entry empty = new Entry(term, index, EntryType.NORMAL, Bytes.EMPTY);
        entries.add(empty);
        replaced = new ArrayList<>(replaced);
        replaced.add(new Replaced(proposal, empty.id(), refusal.reason(), refusal.detail()));
      }
    }
    return new Admission(entries, lastConfIndex, replaced);
  }

  /** The admitted entries are in the log. */
  void appended(Admission admission) {
    pendingConfIndex = admission.lastConfIndex();
    for (Replaced change : admission.replaced()) {
      raft.config
          .observer()
          .confChangeReplaced(change.proposal(), change.place(), change.reason(), change.detail());
    }
  }

  // Changes take effect when they are applied, so at most one may be unapplied, or two majorities
  // that do not overlap could decide (Raft thesis §4.1).
  private Refusal refusal(Bytes data, long lastConfIndex) {
    ConfChange change;
    try {
      change = ConfChange.decode(data);
    } catch (MalformedException e) {
      return new Refusal(ConfChangeRefusal.INVALID, e.getMessage());
    }
    if (raft.config.disableConfChangeValidation()) {
      return null;
    }
    long applied = raft.log.applied();
    if (lastConfIndex > applied) {
      return new Refusal(
          ConfChangeRefusal.PENDING,
          "possible unapplied conf change at index "
              + lastConfIndex
              + " (applied to "
              + applied
              + ")");
    }
    boolean joint = raft.tracker().configuration().isJoint();
    boolean leaves = change.operations().isEmpty();
    if (joint && !leaves) {
      return new Refusal(ConfChangeRefusal.JOINT, "must transition out of joint config first");
    }
    if (!joint && leaves) {
      return new Refusal(
          ConfChangeRefusal.NOT_JOINT, "not in joint state; refusing empty conf change");
    }
    try {
      // Nothing is unapplied, so this is the configuration that the change will meet.
      new Changer(raft.tracker(), raft.log.lastIndex(), raft.config.inflightLimits()).apply(change);
      return null;
    } catch (ConfChangeException e) {
      return new Refusal(ConfChangeRefusal.INVALID, e.getMessage());
    }
  }
}
