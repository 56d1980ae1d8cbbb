package io.balsa.raft;

import io.balsa.data.Checks;
import io.balsa.data.InvariantException;
import io.balsa.data.MalformedException;
import io.balsa.raft.confchange.Changer;
import io.balsa.raft.confchange.ConfChangeException;
import io.balsa.raft.log.CompactedException;
import io.balsa.raft.log.RaftLog;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.raft.tracker.Configuration;
import io.balsa.raft.tracker.Inflights;
import io.balsa.raft.tracker.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One member: terms, elections, and what is common to all roles. Effects are queued, never
 * performed: see {@link RawNode#ready}.
 */
final class Raft {
  private static final long UNAPPLIED_PAGE_BYTES = 1 << 20;

  final RaftConfig config;
  final long id;
  final RaftLog log;

  long term;
  long vote;
  long leader;
  Role role;

  Configuration configuration = Configuration.empty();
  SortedMap<Long, Progress> progress = new TreeMap<>(Long::compareUnsigned);

  // Entries up to here are in the configuration that a snapshot brought.
  private long restoredIndex;

  int electionElapsed;
  private int electionTimeout;

  List<ReadState> readStates = new ArrayList<>();
  List<Message> messages = new ArrayList<>();
  // Votes and acknowledgements, rejections too: they wait until all that is unstable is durable.
  List<Message> messagesAfterStorage = new ArrayList<>();

  Raft(RaftConfig config) {
    this.config = config;
    this.id = config.id();
    this.log =
        new RaftLog(config.storage(), config.maxCommittedBytes(), !config.asyncStorageWrites());
    restoreConfiguration(config.storage().confState());
    HardState stored = config.storage().hardState();
    log.start(stored.commit(), config.applied());
    becomeFollower(stored.term(), Message.NOBODY);
    vote = stored.vote();
  }

  // ---- roles and terms

  void becomeFollower(long newTerm, long newLeader) {
    reset(newTerm);
    leader = newLeader;
    take(new Follower(this));
  }

  private void becomePreCandidate() {
    // Term and vote stay. The leader is forgotten, or two pre-candidates would refuse each other
    // for ever, each believing in the leader that both have lost.
    leader = Message.NOBODY;
    take(new Candidate(this, true));
  }

  private void becomeCandidate() {
    reset(term + 1);
    vote = id;
    take(new Candidate(this, false));
  }

  void becomeLeader() {
    reset(term);
    leader = id;
    Leader newLeader = new Leader(this);
    take(newLeader);
    newLeader.begin();
  }

  private void take(Role newRole) {
    role = newRole;
    config.observer().becameRole(newRole.name(), term, leader);
  }

  private void reset(long newTerm) {
    if (term != newTerm) {
      term = newTerm;
      vote = Message.NOBODY;
    }
    leader = Message.NOBODY;
    electionElapsed = 0;
    electionTimeout = config.electionTicks() + config.random().nextInt(config.electionTicks());
    long last = log.lastIndex();
    progress.replaceAll(
        (member, known) ->
            new Progress(
                member == id ? last : 0, last + 1, newInflights(), known.learner(), false));
  }

  Inflights newInflights() {
    return new Inflights(config.maxInflightMessages(), config.maxInflightBytes());
  }

  void randomizedElectionTimeout(int ticks) {
    electionTimeout = ticks;
  }

  void tickElection() {
    electionElapsed++;
    if (promotable() && electionElapsed >= electionTimeout) {
      electionElapsed = 0;
      campaignUnlessLeader();
    }
  }

  void campaignUnlessLeader() {
    hup(config.preVote() ? Campaign.PRE_ELECTION : Campaign.ELECTION);
  }

  void hup(Campaign campaign) {
    if (role.name() == RoleName.LEADER || !promotable() || hasUnappliedConfChanges()) {
      return;
    }
    campaign(campaign);
  }

  private boolean promotable() {
    Progress own = progress.get(id);
    return own != null && !own.learner() && !log.hasUnstableSnapshot();
  }

  /** An election under a configuration that is about to change could elect a second leader. */
  private boolean hasUnappliedConfChanges() {
    long from = log.applied() + 1;
    while (from <= log.committed()) {
      try {
        List<Entry> page = log.slice(from, log.committed() + 1, UNAPPLIED_PAGE_BYTES);
        for (Entry entry : page) {
          if (entry.type() != EntryType.NORMAL) {
            return true;
          }
        }
        from += page.size();
      } catch (CompactedException e) {
        throw new InvariantException("unapplied entry is compacted: " + from);
      }
    }
    return false;
  }

  void campaign(Campaign campaign) {
    boolean pre = campaign == Campaign.PRE_ELECTION;
    if (pre) {
      becomePreCandidate();
    } else {
      becomeCandidate();
    }
    long voteTerm = pre ? term + 1 : term;
    for (long voter : configuration.voters().voters()) {
      if (voter == id) {
        // The own vote counts when it is durable, like any other.
        send(new Message.VoteResponse(id, id, voteTerm, pre, false));
      } else {
        send(
            new Message.VoteRequest(
                id, voter, voteTerm, log.last(), pre, campaign == Campaign.TRANSFER));
      }
    }
  }

  // ---- messages

  void send(Message message) {
    if (message instanceof Message.AppendResponse || message instanceof Message.VoteResponse) {
      messagesAfterStorage.add(message);
    } else {
      Checks.invariant(message.to() != id, "message to itself: %s", message);
      messages.add(message);
    }
  }

  /** Feeds one message in. */
  void step(Message message) throws ProposalDroppedException {
    if (message instanceof Message.Propose proposal) {
      role.propose(proposal);
      return;
    }
    if (message instanceof Message.StorageApplyResponse) {
      message.deliverTo(role);
      return;
    }
    if (message.term() > term) {
      if (!takeHigherTerm(message)) {
        return;
      }
    } else if (message.term() < term && !isTermless(message)) {
      answerLowerTerm(message);
      return;
    }
    message.deliverTo(role);
  }

  /** Requests of this member's own application, and those handed on for it, carry no term. */
  private static boolean isTermless(Message message) {
    return message.term() == 0
        && (message instanceof Message.ReadIndexRequest
            || message instanceof Message.TransferLeader);
  }

  private boolean takeHigherTerm(Message message) {
    if (message instanceof Message.VoteRequest request) {
      boolean inLease =
          config.checkQuorum()
              && leader != Message.NOBODY
              && electionElapsed < config.electionTicks();
      if (inLease && !request.transfer()) {
        return false;
      }
      if (request.preVote()) {
        return true; // Asks about a term nobody is in yet (thesis §9.6).
      }
    }
    if (message instanceof Message.VoteResponse response
        && response.preVote()
        && !response.rejected()) {
      return true; // Carries the term we asked about; we enter it when we have won.
    }
    becomeFollower(message.term(), isFromLeader(message) ? message.from() : Message.NOBODY);
    return true;
  }

  private static boolean isFromLeader(Message message) {
    return message instanceof Message.AppendRequest
        || message instanceof Message.Heartbeat
        || message instanceof Message.InstallSnapshot;
  }

  private void answerLowerTerm(Message message) {
    boolean fromOldLeader =
        message instanceof Message.Heartbeat || message instanceof Message.AppendRequest;
    if (fromOldLeader && (config.checkQuorum() || config.preVote())) {
      // We may be stuck with a higher term that nobody follows: the answer deposes the sender, and
      // an election brings us together again. Silence would leave us apart for ever.
      send(new Message.AppendResponse(id, message.from(), term, 0, false, EntryId.ZERO));
    } else if (message instanceof Message.VoteRequest request && request.preVote()) {
      send(new Message.VoteResponse(id, message.from(), term, true, true));
    } else if (message instanceof Message.StorageAppendResponse response) {
      // Its entries may have been replaced and come back since; a snapshot cannot.
      appliedSnapshot(response.snapshot());
    }
  }

  void answerVoteRequest(Message.VoteRequest request) {
    boolean canVote =
        vote == request.from()
            || (vote == Message.NOBODY && leader == Message.NOBODY)
            || (request.preVote() && request.term() > term);
    // Learners vote too: they may be voters without knowing it yet.
    if (canVote && log.isUpToDate(request.last())) {
      send(new Message.VoteResponse(id, request.from(), request.term(), request.preVote(), false));
      if (!request.preVote()) {
        electionElapsed = 0;
        vote = request.from();
      }
    } else {
      send(new Message.VoteResponse(id, request.from(), term, request.preVote(), true));
    }
  }

  // ---- following

  void handleAppend(Message.AppendRequest request) {
    if (request.previous().index() < log.committed()) {
      send(accepted(request.from(), log.committed()));
      return;
    }
    long last = log.maybeAppend(request.previous(), request.entries(), request.commit());
    if (last >= 0) {
      send(accepted(request.from(), last));
      return;
    }
    // Skip entries of terms above the leader's there: they cannot agree (paper §5.3, end).
    EntryId hint =
        log.findConflictByTerm(
            Math.min(request.previous().index(), log.lastIndex()), request.previous().term());
    send(
        new Message.AppendResponse(
            id, request.from(), term, request.previous().index(), true, hint));
  }

  private Message.AppendResponse accepted(long to, long index) {
    return new Message.AppendResponse(id, to, term, index, false, EntryId.ZERO);
  }

  void handleHeartbeat(Message.Heartbeat heartbeat) {
    log.commitTo(heartbeat.commit());
    send(new Message.HeartbeatResponse(id, heartbeat.from(), term, heartbeat.readPosition()));
  }

  void handleSnapshot(Message.InstallSnapshot message) {
    long agreed = restore(message.snapshot()) ? log.lastIndex() : log.committed();
    send(accepted(message.from(), agreed));
  }

  private boolean restore(Snapshot snapshot) {
    if (snapshot.last().index() <= log.committed()) {
      return false;
    }
    ConfState state = snapshot.confState();
    if (!state.voters().contains(id)
        && !state.learners().contains(id)
        && !state.votersOutgoing().contains(id)) {
      return false; // It cannot be meant for us.
    }
    if (log.matches(snapshot.last())) {
      log.commitTo(snapshot.last().index());
      return false;
    }
    log.restore(snapshot);
    restoredIndex = snapshot.last().index();
    restoreConfiguration(state);
    config.observer().snapshotRestored(snapshot);
    return true;
  }

  // ---- storage and applying

  void stored(Message.StorageAppendResponse response) {
    if (response.last().index() != 0) {
      log.stableTo(response.last());
    }
    appliedSnapshot(response.snapshot());
  }

  private void appliedSnapshot(Snapshot snapshot) {
    if (!snapshot.isEmpty()) {
      log.stableSnapshotTo(snapshot.last().index());
      appliedTo(Math.max(snapshot.last().index(), log.applied()), 0);
    }
  }

  void applied(List<Entry> entries) {
    if (!entries.isEmpty()) {
      long last = entries.get(entries.size() - 1).index();
      appliedTo(Math.max(last, log.applied()), RaftLog.encodedBytes(entries));
      if (role instanceof Leader leading) {
        leading.reduceUncommitted(entries);
      }
    }
  }

  private void appliedTo(long index, long bytes) {
    log.appliedTo(index, bytes);
    if (role instanceof Leader leading) {
      leading.maybeLeaveJoint();
    }
  }

  // ---- configuration

  ConfState applyConfChange(long index, ConfChange change) {
    if (index <= restoredIndex) {
      // The apply thread is behind a snapshot that came meanwhile: to take the change again would
      // make a configuration that nobody agreed on.
      return configuration.toConfState();
    }
    try {
      return switchTo(
          new Changer(configuration, progress, log.lastIndex(), this::newInflights).apply(change));
    } catch (ConfChangeException e) {
      throw new InvariantException(
          "committed configuration change cannot be applied: " + e.getMessage());
    }
  }

  private void restoreConfiguration(ConfState state) {
    try {
      Changer.Change change = Changer.restore(state, log.lastIndex(), this::newInflights);
      ConfState restored = switchTo(change);
      Checks.invariant(
          restored.equals(state), "configuration restored as %s from %s", restored, state);
    } catch (ConfChangeException e) {
      throw new InvariantException(
          "configuration of the snapshot breaks a rule: " + e.getMessage() + ": " + state);
    }
  }

  private ConfState switchTo(Changer.Change change) {
    configuration = change.configuration();
    progress = change.progress();
    ConfState state = configuration.toConfState();
    config.observer().configurationChanged(state);
    if (role instanceof Leader leading) {
      leading.configurationChanged();
    }
    return state;
  }

  static ConfChange decode(Entry entry) throws MalformedException {
    return ConfChange.decode(entry.data());
  }

  HardState hardState() {
    return new HardState(term, vote, log.committed());
  }

  SoftState softState() {
    return new SoftState(leader, role.name());
  }
}
