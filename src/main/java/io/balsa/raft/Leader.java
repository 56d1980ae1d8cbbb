package io.balsa.raft;

import io.balsa.data.Bytes;
import io.balsa.raft.log.RaftLog;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.Entries;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.raft.tracker.Configuration;
import io.balsa.raft.tracker.Progress;
import io.balsa.raft.tracker.ProgressState;
import io.balsa.raft.tracker.ProgressTracker;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Orders the log and brings it to all others. */
final class Leader extends ActiveRole {
  private final RaftLog log;
  private final ReadRounds reads;
  private final ConfChangeGate confChanges;
  // Reads from before the first commit of this term.
  private final List<Message.ReadIndexRequest> earlyReads = new ArrayList<>();
  private int heartbeatElapsed;
  private long transferee = Message.NOBODY;
  // Some member was told to campaign. Its election respects no lease, and the word may come late,
  // after the transfer was given up: in this term no lease is sure any more (Raft thesis §6.4.1).
  private boolean leaseEnded;
  private long uncommittedBytes;

  Leader(Raft raft) {
    super(raft);
    this.log = raft.log;
    this.reads = new ReadRounds(raft.id);
    this.confChanges = new ConfChangeGate(raft, log.lastIndex());
  }

  @Override
  Role role() {
    return Role.LEADER;
  }

  /** Begins the term with an empty entry, which commits all before it (Raft paper §8). */
  void start() {
    Progress own = progress(raft.id);
    own.becomeReplicate();
    own.setRecentActive(true);
    append(List.of(new Entry(raft.term(), log.lastIndex() + 1, EntryType.NORMAL, Bytes.EMPTY)));
    broadcastAppend();
  }

  @Override
  void leave() {
    setTransferee(Message.NOBODY);
    int lost = reads.size() + earlyReads.size();
    if (lost > 0) {
      raft.config.observer().readsLost(lost);
    }
  }

  /** The member that leadership is being handed to, 0 for none. */
  long transferee() {
    return transferee;
  }

  // ---- Time

  @Override
  void tick() {
    heartbeatElapsed++;
    if (raft.electionTimeoutPassed()) {
      if (raft.config.checkQuorum() && !checkQuorum()) {
        return;
      }
      setTransferee(Message.NOBODY); // It has one election timeout (Raft thesis §3.10).
    }
    if (heartbeatElapsed >= raft.config.heartbeatTicks()) {
      heartbeatElapsed = 0;
      broadcastHeartbeat();
    }
  }

  /** Steps down and returns false unless a quorum was heard of since the last check. */
  private boolean checkQuorum() {
    if (!raft.tracker().quorumActive()) {
      raft.config.observer().quorumLost(raft.term());
      raft.becomeFollower(raft.term(), Message.NOBODY);
      return false;
    }
    forEachPeer((id, peer) -> peer.setRecentActive(false));
    return true;
  }

  // ---- Proposals

  @Override
  public void onPropose(Message.Propose message) {
    if (message.entries().isEmpty()) {
      ignore(message);
      return;
    }
    ProposalDroppedException.Reason reason = propose(message.entries());
    if (reason != null) {
      raft.drop(message, reason);
    }
  }

  /** Appends and sends the proposed entries, or returns why not. */
  private ProposalDroppedException.Reason propose(List<Entry> proposals) {
    if (progress(raft.id) == null) {
      return ProposalDroppedException.Reason.NOT_A_MEMBER;
    }
    if (transferee != Message.NOBODY) {
      return ProposalDroppedException.Reason.TRANSFERRING;
    }
    ConfChangeGate.Admission admission = confChanges.admit(proposals);
    if (!append(admission.entries())) {
      return ProposalDroppedException.Reason.UNCOMMITTED_LIMIT;
    }
    confChanges.appended(admission);
    broadcastAppend();
    return null;
  }

  /** Appends entries that have their places; returns false, and does not, beyond the limit. */
  private boolean append(List<Entry> entries) {
    long bytes = Entries.dataBytes(entries);
    // Anything goes while nothing is uncommitted, and what has no data goes always: the limit must
    // stop neither a large entry for ever, nor a new leader, nor the end of a joint configuration.
    if (bytes > 0
        && uncommittedBytes > 0
        && bytes > raft.config.maxUncommittedBytes() - uncommittedBytes) {
      return false;
    }
    uncommittedBytes += bytes;
    log.append(entries);
    // Not counted before it is durable here: the others may make a quorum without this member.
    raft.sendAfterAppend(
        new Message.AppendResponse(
            raft.id, raft.id, raft.term(), log.lastIndex(), false, EntryId.ZERO));
    return true;
  }

  @Override
  void entriesApplied(long dataBytes) {
    // Entries of earlier terms were never counted.
    uncommittedBytes = Math.max(0, uncommittedBytes - dataBytes);
  }

  @Override
  void appliedTo(long index) {
    if (raft.tracker().configuration().autoLeave() && confChanges.isPassed(index)) {
      // Dropped while leadership is handed over; then tried again after each later apply, here or
      // on the next leader.
      propose(List.of(Entry.proposal(EntryType.CONF_CHANGE_V2, ConfChange.LEAVE_JOINT.encode())));
    }
  }

  // ---- Sending

  private void broadcastAppend() {
    forEachPeer((id, peer) -> maybeSendAppend(id, peer, true));
  }

  private void broadcastHeartbeat() {
    long position = reads.position();
    forEachPeer(
        (id, peer) -> {
          // Beyond its match the peer's log may differ, and it would commit what is not committed.
          long commit = Math.min(peer.match(), log.committed());
          raft.send(new Message.Heartbeat(raft.id, id, raft.term(), commit, position));
          peer.sentCommit(commit);
        });
  }

  /** Sends what the peer lacks; returns whether it was an append, which may leave more to send. */
  private boolean maybeSendAppend(long to, Progress peer, boolean evenIfEmpty) {
    if (peer.paused()) {
      return false;
    }
    long previous = peer.next() - 1;
    if (!log.knowsTerm(previous)) {
      maybeSendSnapshot(to, peer);
      return false;
    }
    // With full inflights only an empty append: if all that is on its way was lost, its rejection
    // is what gets the peer going again.
    boolean full = peer.state() == ProgressState.REPLICATE && peer.inflights().isFull();
    List<Entry> entries =
        full ? List.of() : log.entriesFrom(peer.next(), raft.config.maxMessageBytes());
    if (entries.isEmpty() && !evenIfEmpty) {
      return false;
    }
    raft.send(
        new Message.AppendRequest(
            raft.id,
            to,
            raft.term(),
            new EntryId(log.term(previous), previous),
            entries,
            log.committed()));
    peer.sentEntries(entries.size(), RaftLog.encodedBytes(entries));
    peer.sentCommit(log.committed());
    return true;
  }

  private void maybeSendSnapshot(long to, Progress peer) {
    if (!peer.recentActive()) {
      return; // Large, and nobody may be there.
    }
    Optional<Snapshot> snapshot = log.snapshot();
    if (snapshot.isEmpty()) {
      return;
    }
    peer.becomeSnapshot(snapshot.get().last().index());
    observe(to, peer);
    raft.send(new Message.InstallSnapshot(raft.id, to, raft.term(), snapshot.get()));
  }

  // ---- Answers

  @Override
  public void onAppendResponse(Message.AppendResponse message) {
    Progress peer = progress(message.from());
    if (peer == null) {
      raft.ignore(message, "its sender is no member");
      return;
    }
    peer.setRecentActive(true);
    if (message.rejected()) {
      rejected(message, peer);
    } else if (message.index() > log.lastIndex()) {
      raft.ignore(message, "it acknowledges an index beyond the last");
    } else {
      acknowledged(message, peer);
    }
  }

  private void rejected(Message.AppendResponse message, Progress peer) {
    EntryId hint = message.hint();
    // Entries of higher terms than the peer's cannot agree with its log: skip them all.
    long lastCandidate =
        hint.term() > 0 ? log.lastAtMostTerm(hint.index(), hint.term()).index() : hint.index();
    if (peer.reject(message.index(), lastCandidate)) {
      if (peer.state() == ProgressState.REPLICATE) {
        peer.becomeProbe();
        observe(message.from(), peer);
      }
      maybeSendAppend(message.from(), peer, true);
    }
  }

  private void acknowledged(Message.AppendResponse message, Progress peer) {
    boolean news = peer.acknowledge(message.index());
    if (!news && (peer.match() != message.index() || peer.state() != ProgressState.PROBE)) {
      return;
    }
    switch (peer.state()) {
      case PROBE -> {
        peer.becomeReplicate();
        observe(message.from(), peer);
      }
      case REPLICATE -> peer.inflights().freeTo(message.index());
      case SNAPSHOT -> {
        // Whatever it was that reconnected the peer to this log, not only the snapshot awaited.
        if (peer.match() + 1 >= log.firstIndex()) {
          peer.becomeReplicate();
          observe(message.from(), peer);
        }
      }
    }
    boolean fromPeer = message.from() != raft.id;
    if (maybeCommit()) {
      broadcastAppend();
    } else if (fromPeer && peer.canBumpCommit(log.committed())) {
      maybeSendAppend(message.from(), peer, true);
    }
    if (fromPeer) {
      boolean sent = true;
      while (sent) {
        sent = maybeSendAppend(message.from(), peer, false);
      }
    }
    if (message.from() == transferee && peer.match() == log.lastIndex()) {
      sendTimeoutNow();
    }
  }

  private boolean maybeCommit() {
    if (!log.maybeCommit(raft.tracker().committedIndex(), raft.term())) {
      return false;
    }
    if (!earlyReads.isEmpty()) {
      List<Message.ReadIndexRequest> released = List.copyOf(earlyReads);
      earlyReads.clear();
      released.forEach(this::onReadIndexRequest);
    }
    return true;
  }

  @Override
  public void onHeartbeatResponse(Message.HeartbeatResponse message) {
    Progress peer = progress(message.from());
    if (peer == null) {
      raft.ignore(message, "its sender is no member");
      return;
    }
    peer.setRecentActive(true);
    peer.resumeAppends();
    if (peer.match() < log.lastIndex() || peer.state() == ProgressState.PROBE) {
      maybeSendAppend(message.from(), peer, true);
    }
    if (message.readPosition() > 0) {
      reads.answered(message.from(), message.readPosition());
      answerConfirmedReads();
    }
  }

  /** Messages to {@code member} are being lost. */
  void unreachable(long member) {
    Progress peer = progress(member);
    if (peer != null && peer.state() == ProgressState.REPLICATE) {
      peer.becomeProbe();
      observe(member, peer);
    }
  }

  /** The snapshot to {@code member} is there or lost. */
  void snapshotSent(long member, boolean delivered) {
    Progress peer = progress(member);
    if (peer == null || peer.state() != ProgressState.SNAPSHOT) {
      return;
    }
    if (!delivered) {
      peer.forgetSnapshot();
    }
    peer.becomeProbe();
    observe(member, peer);
    // Delivered: it is about to answer. Lost: not again at once.
    peer.pauseAppends();
  }

  // ---- Reads

  @Override
  public void onReadIndexRequest(Message.ReadIndexRequest message) {
    // Before it has committed in its own term a leader may not know what is committed
    // (Raft thesis §6.4).
    if (!log.knowsTerm(log.committed()) || log.term(log.committed()) != raft.term()) {
      earlyReads.add(message);
      return;
    }
    if (raft.tracker().configuration().voters().isOnly(raft.id)
        || raft.config.readOnlyOption() == ReadOnlyOption.LEASE_BASED && !leaseEnded) {
      answerRead(message, log.committed());
      return;
    }
    reads.add(log.committed(), message);
    raft.config.observer().readRoundStarted(reads.position(), log.committed());
    broadcastHeartbeat();
  }

  private void answerConfirmedReads() {
    List<ReadRounds.Read> confirmed = reads.takeConfirmed(raft.tracker().configuration().voters());
    if (confirmed.isEmpty()) {
      return;
    }
    raft.config.observer().readRoundConfirmed(confirmed.size());
    for (ReadRounds.Read read : confirmed) {
      answerRead(read.request(), read.index());
    }
  }

  private void answerRead(Message.ReadIndexRequest request, long index) {
    long reader = raft.readerOf(request);
    if (reader == raft.id) {
      raft.readReady(new ReadState(index, request.context()));
    } else {
      raft.send(
          new Message.ReadIndexResponse(raft.id, reader, raft.term(), index, request.context()));
    }
  }

  // ---- Configuration and transfer

  @Override
  void configurationChanged() {
    Configuration configuration = raft.tracker().configuration();
    Progress own = progress(raft.id);
    if (own == null || own.learner()) {
      if (raft.config.stepDownOnRemoval()) {
        raft.becomeFollower(raft.term(), Message.NOBODY);
      }
      return;
    }
    // A smaller quorum may have committed more already; new members are probed at once.
    if (maybeCommit()) {
      broadcastAppend();
    } else {
      forEachPeer((id, peer) -> maybeSendAppend(id, peer, false));
    }
    answerConfirmedReads();
    if (!configuration.voters().contains(transferee)) {
      setTransferee(Message.NOBODY);
    }
  }

  @Override
  public void onTransferLeader(Message.TransferLeader message) {
    long target = message.from();
    Progress peer = progress(target);
    if (peer == null || peer.learner()) {
      raft.ignore(message, "its sender is no voter");
      return;
    }
    if (target == transferee) {
      return;
    }
    if (target == raft.id) {
      setTransferee(Message.NOBODY);
      return;
    }
    setTransferee(target);
    raft.restartElectionTimeout();
    if (peer.match() == log.lastIndex()) {
      sendTimeoutNow();
    } else {
      maybeSendAppend(target, peer, true);
    }
  }

  private void setTransferee(long member) {
    if (transferee != member) {
      transferee = member;
      raft.config.observer().transferChanged(member);
    }
  }

  private void sendTimeoutNow() {
    leaseEnded = true;
    raft.send(new Message.TimeoutNow(raft.id, transferee, raft.term()));
  }

  // ---- Not for a leader

  @Override
  public void onAppendRequest(Message.AppendRequest message) {
    ignore(message);
  }

  @Override
  public void onHeartbeat(Message.Heartbeat message) {
    ignore(message);
  }

  @Override
  public void onInstallSnapshot(Message.InstallSnapshot message) {
    ignore(message);
  }

  @Override
  public void onVoteResponse(Message.VoteResponse message) {
    ignore(message);
  }

  @Override
  public void onTimeoutNow(Message.TimeoutNow message) {
    ignore(message);
  }

  @Override
  public void onReadIndexResponse(Message.ReadIndexResponse message) {
    ignore(message);
  }

  private void observe(long member, Progress peer) {
    raft.config.observer().progressChanged(member, peer);
  }

  private Progress progress(long member) {
    return raft.tracker().progress(member);
  }

  private interface PeerAction {
    void accept(long id, Progress peer);
  }

  /** All members but this one, ascending by unsigned id. */
  private void forEachPeer(PeerAction action) {
    ProgressTracker tracker = raft.tracker();
    for (int i = 0; i < tracker.size(); i++) {
      if (tracker.member(i) != raft.id) {
        action.accept(tracker.member(i), tracker.progressAt(i));
      }
    }
  }
}
