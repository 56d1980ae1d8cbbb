package io.balsa.raft;

import io.balsa.data.Checks;
import io.balsa.raft.confchange.Changer;
import io.balsa.raft.log.LogStorage;
import io.balsa.raft.log.RaftLog;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entries;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.raft.tracker.Progress;
import io.balsa.raft.tracker.ProgressTracker;
import java.util.ArrayList;
import java.util.List;

/**
 * What all roles share: terms, votes, the change of roles, and the effects that wait for the next
 * Ready. Decides and never acts.
 */
final class Raft {
  // Entries looked at together when unapplied configuration changes are searched for.
  private static final long SCAN_BYTES = 1 << 20;

  final long id;
  final RaftConfig config;
  final RaftLog log;

  private ProgressTracker tracker;
  // A snapshot brings its configuration at once, while the application may still be applying
  // changes from before it: those belong to the configuration that the snapshot replaced.
  private ProgressTracker replaced;
  private long restoredIndex;
  private long term;
  private long vote;
  private long leader;
  private ActiveRole role;

  // Ticks since the last word of a leader or granted vote; for a leader, since its quorum check.
  private int electionElapsed;
  private int randomizedElectionTimeout;

  private final List<Message> messages = new ArrayList<>();
  private final List<Message> messagesAfterAppend = new ArrayList<>();
  private final List<ReadState> readStates = new ArrayList<>();
  private ProposalDroppedException.Reason dropReason;

  Raft(RaftConfig config) {
    this.id = config.id();
    this.config = config;
    this.log =
        new RaftLog(
            config.storage(), !config.asyncStorageWrites(), config.maxCommittedBytesPerReady());
    LogStorage.InitialState initial = config.storage().initialState();
    this.tracker = Changer.restore(initial.confState(), log.lastIndex(), config.inflightLimits());
    this.term = initial.hardState().term();
    this.vote = initial.hardState().vote();
    // A commit index alone is not synced, so after a crash the application may be ahead of it;
    // what was applied was committed.
    log.commitTo(Math.max(initial.hardState().commit(), config.applied()));
    if (config.applied() > 0) {
      Checks.argument(
          config.applied() >= log.applied(),
          "config: applied is below the storage's snapshot: %d < %d",
          config.applied(),
          log.applied());
      log.appliedTo(config.applied(), 0);
    }
    becomeFollower(term, Message.NOBODY);
  }

  // ---- State

  long term() {
    return term;
  }

  long vote() {
    return vote;
  }

  long leader() {
    return leader;
  }

  ActiveRole role() {
    return role;
  }

  ProgressTracker tracker() {
    return tracker;
  }

  HardState hardState() {
    return new HardState(term, vote, log.committed());
  }

  List<Message> messages() {
    return messages;
  }

  List<Message> messagesAfterAppend() {
    return messagesAfterAppend;
  }

  List<ReadState> readStates() {
    return readStates;
  }

  void setRandomizedElectionTimeout(int ticks) {
    randomizedElectionTimeout = ticks;
  }

  /** All effects were handed out, as copies. */
  void clearEffects() {
    messages.clear();
    messagesAfterAppend.clear();
    readStates.clear();
  }

  // ---- Effects

  /** Queues a message to another member that may leave at once. */
  void send(Message message) {
    Checks.invariant(message.to() != id, "raft: message to itself: from, to", message.from(), id);
    messages.add(message);
  }

  /**
   * Queues a message that promises something durable, and so waits for everything that is unstable
   * now. Also the member's promises to itself: its own votes and entries count only when they
   * cannot be lost any more.
   */
  void sendAfterAppend(Message message) {
    messagesAfterAppend.add(message);
  }

  /** The reader behind a request: it may come from another member. */
  long readerOf(Message.ReadIndexRequest request) {
    return request.from() == Message.NOBODY ? id : request.from();
  }

  void readReady(ReadState state) {
    readStates.add(state);
  }

  /** The proposal of this step is not taken. */
  void drop(Message.Propose proposal, ProposalDroppedException.Reason reason) {
    config.observer().proposalDropped(reason, proposal.entries().size());
    dropReason = reason;
  }

  void ignore(Message message, String reason) {
    config.observer().messageIgnored(message, reason);
  }

  // ---- Time

  void tick() {
    role.tick();
  }

  void tickElection() {
    electionElapsed++;
    if (electionElapsed >= randomizedElectionTimeout && isPromotable()) {
      electionElapsed = 0;
      campaign();
    }
  }

  /** Counts on; returns whether an election timeout has passed, and then starts again. */
  boolean electionTimeoutPassed() {
    electionElapsed++;
    if (electionElapsed < config.electionTicks()) {
      return false;
    }
    electionElapsed = 0;
    return true;
  }

  void restartElectionTimeout() {
    electionElapsed = 0;
  }

  // ---- Messages

  /** Feeds one message in. Effects are queued, never performed: see {@link RawNode#ready}. */
  void step(Message message) throws ProposalDroppedException {
    long committedBefore = log.committed();
    dropReason = null;
    if (isOutsideOfTerms(message) || enterTermOf(message)) {
      deliver(message);
    }
    observeCommit(committedBefore);
    if (dropReason != null) {
      throw new ProposalDroppedException(dropReason);
    }
  }

  void deliver(Message message) {
    message.deliverTo(role);
  }

  private static boolean isOutsideOfTerms(Message message) {
    return message instanceof Message.Propose
        || message instanceof Message.ReadIndexRequest
        || message instanceof Message.StorageApplyResponse;
  }

  /** Catches up with the message's term; returns whether the message belongs to the term now. */
  private boolean enterTermOf(Message message) {
    if (message.term() == term) {
      return true;
    }
    if (message.term() < term) {
      answerOfOlderTerm(message);
      return false;
    }
    if (message instanceof Message.VoteRequest request) {
      if (!request.transfer() && isInLease()) {
        // Else a member that was cut off could depose a leader that all others hear (thesis
        // §6.4.1).
        ignore(message, "a leader was heard of within the election timeout");
        return false;
      }
      if (request.preVote()) {
        return true; // It asks about a term that nobody is in yet (Raft thesis §9.6).
      }
    }
    if (message instanceof Message.VoteResponse response
        && response.preVote()
        && !response.rejected()) {
      return true; // The grant names the term asked about, which is entered with a quorum only.
    }
    becomeFollower(message.term(), isFromLeader(message) ? message.from() : Message.NOBODY);
    return true;
  }

  private static boolean isFromLeader(Message message) {
    return message instanceof Message.AppendRequest
        || message instanceof Message.Heartbeat
        || message instanceof Message.InstallSnapshot;
  }

  private boolean isInLease() {
    return config.checkQuorum()
        && leader != Message.NOBODY
        && electionElapsed < config.electionTicks();
  }

  private void answerOfOlderTerm(Message message) {
    if ((config.checkQuorum() || config.preVote())
        && (message instanceof Message.AppendRequest || message instanceof Message.Heartbeat)) {
      // This member's votes may be ignored, so it must tell the old leader by other means that
      // its term is over; else it could never follow that leader again.
      sendAfterAppend(new Message.AppendResponse(id, message.from(), term, 0, false, EntryId.ZERO));
    } else if (message instanceof Message.VoteRequest request && request.preVote()) {
      // Lets the sender catch up: otherwise two members could refuse each other for ever.
      sendAfterAppend(new Message.VoteResponse(id, message.from(), term, true, true));
    } else if (message instanceof Message.StorageAppendResponse response) {
      // Entries may have been replaced by other leaders' and have come back since this
      // acknowledgement was made, while a truncation is still under way; a later one makes up
      // for it. Snapshots do not come back.
      snapshotStored(response.snapshot());
    } else {
      ignore(message, "its term is over");
    }
  }

  // ---- Votes

  /** Answers a request for a vote, also as a learner: it may be a voter and not know yet. */
  void answer(Message.VoteRequest request) {
    boolean mayVote =
        vote == request.from()
            || vote == Message.NOBODY && leader == Message.NOBODY
            || request.preVote() && request.term() > term;
    boolean granted = mayVote && log.isUpToDate(request.last());
    // A grant names the term asked about, a refusal the own, for the sender to catch up.
    sendAfterAppend(
        new Message.VoteResponse(
            id, request.from(), granted ? request.term() : term, request.preVote(), !granted));
    if (granted && !request.preVote()) {
      electionElapsed = 0;
      voteFor(request.from());
    }
  }

  private void voteFor(long member) {
    if (vote != member) {
      vote = member;
      config.observer().voted(term, member);
    }
  }

  /** Campaigns, unless this member may not. */
  void campaign() {
    if (mayCampaign()) {
      campaign(config.preVote(), false);
    }
  }

  void campaignForTransfer(Message.TimeoutNow message) {
    if (mayCampaign()) {
      campaign(false, true);
    } else {
      ignore(message, "this member may not campaign");
    }
  }

  /** Campaigns after a pre-vote that was won. */
  void campaignForTerm() {
    campaign(false, false);
  }

  private void campaign(boolean preVote, boolean transfer) {
    if (preVote) {
      becomePreCandidate();
    } else {
      becomeCandidate();
    }
    long campaignTerm = preVote ? term + 1 : term;
    EntryId last = log.last();
    for (long voter : tracker.configuration().voters().members()) {
      if (voter == id) {
        sendAfterAppend(new Message.VoteResponse(id, id, campaignTerm, preVote, false));
      } else {
        send(new Message.VoteRequest(id, voter, campaignTerm, last, preVote, transfer));
      }
    }
  }

  private boolean mayCampaign() {
    return role.role() != Role.LEADER && isPromotable() && !hasUnappliedConfChanges();
  }

  private boolean isPromotable() {
    Progress own = tracker.progress(id);
    return own != null && !own.learner() && !log.hasUnstableSnapshot();
  }

  // A member that does not count by the newest committed configuration could win by an older one.
  private boolean hasUnappliedConfChanges() {
    long next = log.applied() + 1;
    while (next <= log.committed()) {
      List<Entry> page = log.slice(next, log.committed() + 1, SCAN_BYTES);
      for (Entry entry : page) {
        if (entry.type() != EntryType.NORMAL) {
          return true;
        }
      }
      next += page.size();
    }
    return false;
  }

  // ---- Roles

  void becomeFollower(long newTerm, long newLeader) {
    enter(newTerm, newLeader, new Follower(this));
  }

  private void becomePreCandidate() {
    // Nothing else changes: the term is still that of the others. But the leader is forgotten,
    // or two pre-candidates that know one would refuse each other for ever.
    leader = Message.NOBODY;
    role.leave();
    role = new Candidate(this, true);
    observeState();
  }

  private void becomeCandidate() {
    enter(term + 1, Message.NOBODY, new Candidate(this, false));
    voteFor(id);
  }

  void becomeLeader() {
    Checks.invariant(role.role() == Role.CANDIDATE, "raft: leader without a vote: %s", role.role());
    Leader newLeader = new Leader(this);
    enter(term, id, newLeader);
    newLeader.start();
  }

  private void enter(long newTerm, long newLeader, ActiveRole newRole) {
    if (role != null) {
      role.leave();
    }
    if (newTerm != term) {
      term = newTerm;
      vote = Message.NOBODY;
    }
    leader = newLeader;
    role = newRole;
    electionElapsed = 0;
    randomizedElectionTimeout =
        config.electionTicks() + config.random().nextInt(config.electionTicks());
    tracker = tracker.restarted(id, log.lastIndex(), config.inflightLimits());
    observeState();
  }

  void heardFromLeader(long from) {
    electionElapsed = 0;
    setLeader(from);
  }

  void setLeader(long member) {
    if (leader != member) {
      leader = member;
      observeState();
    }
  }

  private void observeState() {
    config.observer().stateChanged(term, role.role(), leader);
  }

  private void observeCommit(long before) {
    if (log.committed() != before) {
      config.observer().commitAdvanced(log.committed());
    }
  }

  // ---- Stored and applied

  /** Entries, a snapshot, or both are durable. */
  void stored(Message.StorageAppendResponse response) {
    if (response.last().index() != 0) {
      log.stableTo(response.last());
    }
    snapshotStored(response.snapshot());
  }

  private void snapshotStored(Snapshot snapshot) {
    if (!snapshot.isEmpty()) {
      log.stableSnapshotTo(snapshot.last().index());
      config.observer().snapshotStored(snapshot);
      appliedTo(snapshot.last().index(), 0);
    }
  }

  /** The application has applied these entries. */
  void applied(List<Entry> entries) {
    if (!entries.isEmpty()) {
      appliedTo(entries.get(entries.size() - 1).index(), RaftLog.encodedBytes(entries));
      role.entriesApplied(Entries.dataBytes(entries));
    }
  }

  private void appliedTo(long index, long bytes) {
    // A snapshot may have overtaken entries that were handed out before it.
    long appliedBefore = log.applied();
    long newApplied = Math.max(index, appliedBefore);
    log.appliedTo(newApplied, bytes);
    if (newApplied != appliedBefore) {
      config.observer().appliedAdvanced(newApplied);
    }
    role.appliedTo(newApplied);
  }

  // ---- Configuration and snapshots

  /** Takes a leader's snapshot, unless it brings nothing new or cannot be meant. */
  void restore(Message.InstallSnapshot message) {
    Snapshot snapshot = message.snapshot();
    if (snapshot.last().index() <= log.committed()) {
      ignore(message, "it is not beyond the commit index");
      return;
    }
    ConfState members = snapshot.confState();
    if (!members.voters().contains(id)
        && !members.votersOutgoing().contains(id)
        && !members.learners().contains(id)) {
      ignore(message, "this member is not in its configuration");
      return;
    }
    if (log.matches(snapshot.last())) {
      // The log has all of it: nothing to restore, but now it is known to be committed.
      log.commitTo(snapshot.last().index());
      return;
    }
    log.restore(snapshot);
    if (replaced == null) {
      replaced = tracker;
    }
    restoredIndex = snapshot.last().index();
    tracker = Changer.restore(members, log.lastIndex(), config.inflightLimits());
    config.observer().snapshotRestored(snapshot);
  }

  ConfState applyConfChange(long index, ConfChange change) {
    if (index <= restoredIndex) {
      replaced = changed(replaced, change);
      return replaced.configuration().toConfState();
    }
    replaced = null;
    tracker = changed(tracker, change);
    ConfState state = tracker.configuration().toConfState();
    config.observer().configurationApplied(state);
    long committedBefore = log.committed();
    role.configurationChanged();
    observeCommit(committedBefore);
    return state;
  }

  private ProgressTracker changed(ProgressTracker before, ConfChange change) {
    return new Changer(before, log.lastIndex(), config.inflightLimits()).apply(change);
  }

  /** Begins the log of a new cluster: see {@link RawNode#bootstrap}. */
  void bootstrap(List<Entry> entries, List<ConfChange> changes) {
    becomeFollower(entries.get(0).term(), Message.NOBODY);
    log.append(entries);
    log.commitTo(log.lastIndex());
    observeCommit(0);
    for (int i = 0; i < changes.size(); i++) {
      applyConfChange(entries.get(i).index(), changes.get(i));
    }
  }
}
