package io.balsa.raft;

import io.balsa.data.Bytes;
import io.balsa.data.Checks;
import io.balsa.data.MalformedException;
import io.balsa.raft.log.CompactedException;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.raft.quorum.VoteResult;
import io.balsa.raft.tracker.Progress;
import io.balsa.raft.tracker.ProgressState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Appends, replicates, commits, confirms reads, hands over. */
final class Leader extends Role {
  private int heartbeatElapsed;
  // Changes up to this index may be unapplied: no other is let through before they are.
  private long pendingConfIndex;
  // Payload of the uncommitted tail, a bound and not a count: it starts at 0 with each leader.
  private long uncommittedBytes;
  private long transferee;
  private final ReadQueue reads = new ReadQueue();
  private final List<Message.ReadIndexRequest> earlyReads = new ArrayList<>();

  Leader(Raft raft) {
    super(raft);
  }

  @Override
  RoleName name() {
    return RoleName.LEADER;
  }

  long transferee() {
    return transferee;
  }

  /** Takes office: an empty entry of the own term commits all before it (paper §5.4.2). */
  void begin() {
    Progress own = raft.progress.get(raft.id);
    own.becomeReplicate();
    own.recentActive(true);
    pendingConfIndex = raft.log.lastIndex();
    boolean appended = append(List.of(Entry.proposal(EntryType.NORMAL, Bytes.EMPTY)));
    Checks.invariant(appended, "empty entry of a new leader refused, term %d", raft.term);
    broadcastAppend();
  }

  // ---- time

  @Override
  void tick() {
    heartbeatElapsed++;
    raft.electionElapsed++;
    if (raft.electionElapsed >= raft.config.electionTicks()) {
      raft.electionElapsed = 0;
      if (raft.config.checkQuorum() && !checkQuorum()) {
        return;
      }
      transferee = Message.NOBODY; // It had its time.
    }
    if (heartbeatElapsed >= raft.config.heartbeatTicks()) {
      heartbeatElapsed = 0;
      broadcastHeartbeat();
    }
  }

  private boolean checkQuorum() {
    Map<Long, Boolean> active = new TreeMap<>(Long::compareUnsigned);
    raft.progress.forEach(
        (member, known) -> {
          if (!known.learner()) {
            active.put(member, member == raft.id || known.recentActive());
          }
        });
    if (raft.configuration.voters().voteResult(active) != VoteResult.WON) {
      raft.becomeFollower(raft.term, Message.NOBODY);
      return false;
    }
    raft.progress.forEach(
        (member, known) -> {
          if (member != raft.id) {
            known.recentActive(false);
          }
        });
    return true;
  }

  private void broadcastHeartbeat() {
    long position = reads.lastPosition();
    raft.progress.forEach(
        (member, known) -> {
          if (member != raft.id) {
            // Never beyond what the member is known to have, or it would commit what it lacks.
            long commit = Math.min(known.match(), raft.log.committed());
            raft.send(new Message.Heartbeat(raft.id, member, raft.term, commit, position));
            known.sentCommit(commit);
          }
        });
  }

  // ---- proposals

  @Override
  void propose(Message.Propose proposal) throws ProposalDroppedException {
    Checks.invariant(!proposal.entries().isEmpty(), "empty proposal from %d", proposal.from());
    if (!raft.progress.containsKey(raft.id)) {
      throw new ProposalDroppedException(ProposalDroppedException.Reason.NOT_A_MEMBER);
    }
    if (transferee != Message.NOBODY) {
      throw new ProposalDroppedException(ProposalDroppedException.Reason.TRANSFERRING);
    }
    List<Entry> entries = new ArrayList<>(proposal.entries());
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).type() != EntryType.NORMAL) {
        entries.set(i, checkConfChange(entries.get(i), raft.log.lastIndex() + i + 1));
      }
    }
    if (!append(entries)) {
      throw new ProposalDroppedException(ProposalDroppedException.Reason.UNCOMMITTED_LIMIT);
    }
    broadcastAppend();
  }

  private Entry checkConfChange(Entry entry, long index) {
    String refusal = null;
    ConfChange change = null;
    try {
      change = ConfChange.decode(entry.data());
      boolean leaves = change.operations().isEmpty();
      boolean joint = raft.configuration.isJoint();
      if (pendingConfIndex > raft.log.applied()) {
        refusal =
            "possible unapplied conf change at index %d (applied to %d)"
                .formatted(pendingConfIndex, raft.log.applied());
      } else if (joint && !leaves) {
        refusal = "must transition out of joint config first";
      } else if (!joint && leaves) {
        refusal = "not in joint state; refusing empty conf change";
      }
    } catch (MalformedException e) {
      refusal = e.getMessage();
    }
    if (refusal == null || (change != null && raft.config.disableConfChangeValidation())) {
      pendingConfIndex = index;
      return entry;
    }
    raft.config.observer().confChangeReplaced(change, refusal);
    return Entry.proposal(EntryType.NORMAL, Bytes.EMPTY);
  }

  private boolean append(List<Entry> proposals) {
    long payload = 0;
    for (Entry proposal : proposals) {
      payload += proposal.data().length();
    }
    // Empty payloads and a first proposal of any size pass, or a leader could be stuck for ever.
    if (uncommittedBytes > 0
        && payload > 0
        && uncommittedBytes + payload > raft.config.maxUncommittedBytes()) {
      return false;
    }
    uncommittedBytes += payload;
    long index = raft.log.lastIndex();
    List<Entry> entries = new ArrayList<>(proposals.size());
    for (Entry proposal : proposals) {
      entries.add(new Entry(raft.term, ++index, proposal.type(), proposal.data()));
    }
    raft.log.append(entries);
    // The own copy counts when it is durable, like any other (thesis §10.2.1).
    raft.send(new Message.AppendResponse(raft.id, raft.id, raft.term, index, false, EntryId.ZERO));
    return true;
  }

  void reduceUncommitted(List<Entry> applied) {
    for (Entry entry : applied) {
      uncommittedBytes -= entry.data().length();
    }
    uncommittedBytes = Math.max(0, uncommittedBytes);
  }

  // ---- replication

  private void broadcastAppend() {
    for (long member : raft.progress.keySet()) {
      if (member != raft.id) {
        maybeSendAppend(member, true);
      }
    }
  }

  private boolean maybeSendAppend(long member, boolean evenIfEmpty) {
    Progress known = raft.progress.get(member);
    if (known.paused()) {
      return false;
    }
    long previous = known.next() - 1;
    Optional<Long> previousTerm = raft.log.term(previous);
    if (previousTerm.isEmpty()) {
      return maybeSendSnapshot(member, known);
    }
    List<Entry> entries = List.of();
    // With full inflights only an empty append: lost messages must not stall the member for ever.
    if (known.state() != ProgressState.REPLICATE || !known.inflights().full()) {
      try {
        entries = raft.log.entriesFrom(known.next(), raft.config.maxMessageBytes());
      } catch (CompactedException e) {
        return maybeSendSnapshot(member, known);
      }
    }
    if (entries.isEmpty() && !evenIfEmpty) {
      return false;
    }
    raft.send(
        new Message.AppendRequest(
            raft.id,
            member,
            raft.term,
            new EntryId(previousTerm.get(), previous),
            entries,
            raft.log.committed()));
    long bytes = 0;
    for (Entry entry : entries) {
      bytes += entry.data().length();
    }
    known.sentEntries(entries.size(), bytes);
    known.sentCommit(raft.log.committed());
    return true;
  }

  private boolean maybeSendSnapshot(long member, Progress known) {
    if (!known.recentActive()) {
      return false;
    }
    Optional<Snapshot> snapshot = raft.log.snapshot();
    if (snapshot.isEmpty()) {
      return false;
    }
    Checks.invariant(
        !snapshot.get().isEmpty(), "log is compacted without a snapshot, to %d", member);
    known.becomeSnapshot(snapshot.get().last().index());
    raft.send(new Message.InstallSnapshot(raft.id, member, raft.term, snapshot.get()));
    return true;
  }

  @Override
  public void onAppendResponse(Message.AppendResponse response) {
    Progress known = raft.progress.get(response.from());
    if (known == null) {
      return;
    }
    known.recentActive(true);
    if (response.rejected()) {
      rejected(response, known);
    } else {
      acknowledged(response, known);
    }
  }

  private void rejected(Message.AppendResponse response, Progress known) {
    long hint = response.hint().index();
    if (response.hint().term() > 0) {
      // Skip our entries of terms above the member's there: they cannot agree either.
      hint = raft.log.findConflictByTerm(hint, response.hint().term()).index();
    }
    if (known.maybeDecrease(response.index(), hint)) {
      if (known.state() == ProgressState.REPLICATE) {
        known.becomeProbe();
      }
      maybeSendAppend(response.from(), true);
    }
  }

  private void acknowledged(Message.AppendResponse response, Progress known) {
    boolean news =
        known.maybeUpdate(response.index())
            || (known.match() == response.index() && known.state() == ProgressState.PROBE);
    if (!news) {
      return;
    }
    switch (known.state()) {
      case PROBE -> known.becomeReplicate();
      case SNAPSHOT -> {
        // Any acknowledgement that reaches our log will do, not only that of the snapshot.
        if (known.match() + 1 >= raft.log.firstIndex()) {
          known.becomeProbe();
          known.becomeReplicate();
        }
      }
      case REPLICATE -> known.inflights().freeUpTo(response.index());
    }
    if (maybeCommit()) {
      releaseEarlyReads();
      broadcastAppend();
    } else if (response.from() != raft.id && known.canBumpCommit(raft.log.committed())) {
      maybeSendAppend(response.from(), true);
    }
    if (response.from() != raft.id) {
      boolean more = true;
      while (more) {
        more = maybeSendAppend(response.from(), false);
      }
    }
    if (response.from() == transferee && known.match() == raft.log.lastIndex()) {
      raft.send(new Message.TimeoutNow(raft.id, transferee, raft.term));
    }
  }

  /** Commits what a quorum has, if it is of this term (paper §5.4.2). */
  private boolean maybeCommit() {
    long index =
        raft.configuration
            .voters()
            .committedIndex(
                member -> {
                  Progress known = raft.progress.get(member);
                  return known == null ? 0 : known.match();
                });
    return raft.log.maybeCommit(index, raft.term);
  }

  @Override
  public void onHeartbeatResponse(Message.HeartbeatResponse response) {
    Progress known = raft.progress.get(response.from());
    if (known == null) {
      return;
    }
    known.recentActive(true);
    known.flowPaused(false);
    if (known.match() < raft.log.lastIndex() || known.state() == ProgressState.PROBE) {
      maybeSendAppend(response.from(), true);
    }
    if (raft.config.readOnlyOption() == ReadOnlyOption.SAFE && response.readPosition() != 0) {
      confirmReads(response.from(), response.readPosition());
    }
  }

  @Override
  void reportUnreachable(long member) {
    Progress known = raft.progress.get(member);
    // What was under way is likely lost; to go on sending would only lose more.
    if (known != null && known.state() == ProgressState.REPLICATE) {
      known.becomeProbe();
    }
  }

  @Override
  void reportSnapshot(long member, boolean delivered) {
    Progress known = raft.progress.get(member);
    if (known == null || known.state() != ProgressState.SNAPSHOT) {
      return;
    }
    if (!delivered) {
      known.forgetPendingSnapshot();
    }
    known.becomeProbe();
    // Delivered: wait for the acknowledgement. Failed: try again with the next heartbeat's answer.
    known.flowPaused(true);
  }

  // ---- reads (thesis §6.4)

  @Override
  void readIndex(Message.ReadIndexRequest request) {
    if (raft.configuration.isSingleton()) {
      answerRead(request, raft.log.committed());
      return;
    }
    if (!committedInTerm()) {
      earlyReads.add(request); // The commit index of an earlier term may be behind.
      return;
    }
    confirmThenAnswer(request);
  }

  private void confirmThenAnswer(Message.ReadIndexRequest request) {
    if (raft.config.readOnlyOption() == ReadOnlyOption.LEASE_BASED) {
      answerRead(request, raft.log.committed());
      return;
    }
    // The position, never the caller's context: a context that is used again would let an answer
    // to an older heartbeat confirm a newer read.
    long position = reads.add(request, raft.log.committed());
    broadcastHeartbeat();
    confirmReads(raft.id, position);
  }

  private void confirmReads(long member, long position) {
    reads
        .acknowledge(member, position, raft.configuration.voters())
        .forEach(read -> answerRead(read.request(), read.index()));
  }

  private void answerRead(Message.ReadIndexRequest request, long index) {
    if (request.from() == raft.id) {
      raft.readStates.add(new ReadState(index, request.context()));
    } else {
      raft.send(
          new Message.ReadIndexResponse(
              raft.id, request.from(), raft.term, index, request.context()));
    }
  }

  private void releaseEarlyReads() {
    if (!earlyReads.isEmpty() && committedInTerm()) {
      List<Message.ReadIndexRequest> released = List.copyOf(earlyReads);
      earlyReads.clear();
      released.forEach(this::confirmThenAnswer);
    }
  }

  boolean committedInTerm() {
    return raft.log.term(raft.log.committed()).orElse(0L) == raft.term;
  }

  // ---- handing over (thesis §3.10)

  @Override
  void transferLeader(Message.TransferLeader request) {
    long target = request.from();
    Progress known = raft.progress.get(target);
    if (known == null || known.learner() || target == transferee || target == raft.id) {
      return;
    }
    raft.electionElapsed = 0; // The target has one election timeout.
    transferee = target;
    if (known.match() == raft.log.lastIndex()) {
      raft.send(new Message.TimeoutNow(raft.id, target, raft.term));
    } else {
      maybeSendAppend(target, true);
    }
  }

  // ---- configuration

  /** A change took effect: what it lets commit is committed, whom it added is sent to. */
  void configurationChanged() {
    Progress own = raft.progress.get(raft.id);
    if (own == null || own.learner()) {
      if (raft.config.stepDownOnRemoval()) {
        raft.becomeFollower(raft.term, Message.NOBODY);
      }
      return;
    }
    if (raft.configuration.voters().incoming().voters().isEmpty()) {
      return;
    }
    if (maybeCommit()) {
      broadcastAppend();
    } else {
      for (long member : raft.progress.keySet()) {
        if (member != raft.id) {
          maybeSendAppend(member, false);
        }
      }
    }
    if (transferee != Message.NOBODY && !raft.configuration.voters().contains(transferee)) {
      transferee = Message.NOBODY;
    }
  }

  /** Tried again with each entry applied, so that a lost attempt leaves nobody joint for ever. */
  void maybeLeaveJoint() {
    if (raft.configuration.autoLeave() && raft.log.applied() >= pendingConfIndex) {
      try {
        propose(
            new Message.Propose(
                raft.id,
                raft.id,
                0,
                List.of(
                    Entry.proposal(EntryType.CONF_CHANGE_V2, ConfChange.LEAVE_JOINT.encode()))));
      } catch (ProposalDroppedException e) {
        // Leadership is being handed over: the next leader leaves it.
      }
    }
  }
}
