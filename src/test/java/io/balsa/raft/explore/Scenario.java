package io.balsa.raft.explore;

import io.balsa.raft.RaftConfig;
import io.balsa.raft.ReadOnlyOption;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfState;
import java.util.List;
import java.util.stream.LongStream;

/**
 * What is to be explored: who is there, how the core is set, what may happen and how often. Never
 * changes; each {@code with} makes another one.
 */
final class Scenario implements Cloneable {
  private final int members;
  private final ConfState first;
  private long budgets;
  private List<ConfChange> changes = List.of();
  private boolean preVote;
  private boolean checkQuorum;
  private ReadOnlyOption reads = ReadOnlyOption.SAFE;
  private long maxMessageBytes = RaftConfig.UNLIMITED;
  private boolean storesAtOnce;
  private boolean appliesAtOnce;
  private int inFlightMax = Integer.MAX_VALUE;
  private Flaw flaw = Flaw.NONE;
  private String text;

  private Scenario(int members, ConfState first) {
    this.members = members;
    this.first = first;
    this.text = members + " members";
  }

  /** This many voters, whom nothing happens to. */
  static Scenario ofVoters(int members) {
    return of(members, ConfState.ofVoters(LongStream.rangeClosed(1, members).boxed().toList()));
  }

  /**
   * Members with the ids from 1 on, whom nothing happens to.
   *
   * @param first the configuration they begin with, by a snapshot at index 1 of term 1; members
   *     outside of it begin with nothing
   */
  static Scenario of(int members, ConfState first) {
    return new Scenario(members, first);
  }

  /** Something may happen so many times more. */
  Scenario with(Budget budget, int count) {
    Scenario result = named(budget + "=" + count);
    result.budgets = budget.add(budgets, count);
    return result;
  }

  /** The configuration may be changed in one of these ways, so many times. */
  Scenario withChanges(int count, ConfChange... all) {
    Scenario result = with(Budget.CONF_CHANGES, count);
    result.changes = List.of(all);
    return result;
  }

  Scenario withPreVote() {
    Scenario result = named("pre-vote");
    result.preVote = true;
    return result;
  }

  Scenario withCheckQuorum() {
    Scenario result = named("check-quorum");
    result.checkQuorum = true;
    return result;
  }

  /** Reads rely on clocks, which do not exist here. */
  Scenario withLeaseBasedReads() {
    Scenario result = named("lease-based reads").withCheckQuorum();
    result.reads = ReadOnlyOption.LEASE_BASED;
    return result;
  }

  /** An append has one entry at most, else as many as there are. */
  Scenario withOneEntryPerMessage() {
    Scenario result = named("one entry per message");
    result.maxMessageBytes = 0;
    return result;
  }

  /** The disk is faster than anything else; otherwise it is slower at will. */
  Scenario storingAtOnce() {
    Scenario result = named("stores at once");
    result.storesAtOnce = true;
    return result;
  }

  /** Committed entries are applied before anything else; otherwise later, at will. */
  Scenario applyingAtOnce() {
    Scenario result = named("applies at once");
    result.appliesAtOnce = true;
    return result;
  }

  /** So many messages are on their way at most; then drops are not limited. */
  Scenario withInFlightMax(int messages) {
    Scenario result = named("messages<=" + messages);
    result.inFlightMax = messages;
    return result;
  }

  /** Every member has the flaw. */
  Scenario with(Flaw newFlaw) {
    Scenario result = named(newFlaw.name());
    result.flaw = newFlaw;
    return result;
  }

  private Scenario named(String name) {
    try {
      Scenario result = (Scenario) clone();
      result.text = text + ", " + name;
      return result;
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  int members() {
    return members;
  }

  ConfState first() {
    return first;
  }

  long budgets() {
    return budgets;
  }

  List<ConfChange> changes() {
    return changes;
  }

  boolean preVote() {
    return preVote;
  }

  boolean checkQuorum() {
    return checkQuorum;
  }

  ReadOnlyOption reads() {
    return reads;
  }

  long maxMessageBytes() {
    return maxMessageBytes;
  }

  boolean storesAtOnce() {
    return storesAtOnce;
  }

  boolean appliesAtOnce() {
    return appliesAtOnce;
  }

  int inFlightMax() {
    return inFlightMax;
  }

  boolean dropsFreely() {
    return inFlightMax < Integer.MAX_VALUE;
  }

  Flaw flaw() {
    return flaw;
  }

  @Override
  public String toString() {
    return text;
  }
}
