package io.balsa.raft.message;

import java.util.List;

/**
 * Every message of the protocol. Members are named by ids of 64 unsigned bits; 0 is nobody, and two
 * ids name the local storage threads of a member.
 *
 * <p>Terms: {@code term} is the sender's, but for a pre-vote request and its grant, which carry the
 * term that the sender would campaign in (Raft thesis §9.6), and for proposals, requests for a read
 * index and storage applies, which carry 0: they are not bound to a term.
 */
public sealed interface Message {
  /** No member. */
  long NOBODY = 0;

  /** The local thread that makes entries durable: target of {@link StorageAppend}. */
  long APPEND_THREAD = -1;

  /** The local thread that applies committed entries: target of {@link StorageApply}. */
  long APPLY_THREAD = -2;

  /** The sender. */
  long from();

  /** The receiver. */
  long to();

  /** See the type's description. */
  long term();

  /** A member as people read it: hexadecimal, or the name of a storage thread. */
  static String name(long member) {
    if (member == APPEND_THREAD) {
      return "append-thread";
    }
    return member == APPLY_THREAD ? "apply-thread" : Long.toHexString(member);
  }

  /** Members as people read them. */
  static String names(List<Long> members) {
    return members.stream().map(Message::name).toList().toString();
  }

  private static String describe(Message message, String content) {
    String term = message.term() == 0 ? "" : " term " + message.term();
    return message.getClass().getSimpleName()
        + " "
        + name(message.from())
        + "->"
        + name(message.to())
        + term
        + (content.isEmpty() ? "" : ": " + content);
  }

  /** Calls the handler's method for this type. */
  void deliverTo(Handler handler);

  /** One method for each message that one member may send to another or to itself. */
  interface Handler {
    void onPropose(Propose message);

    void onAppendRequest(AppendRequest message);

    void onAppendResponse(AppendResponse message);

    void onVoteRequest(VoteRequest message);

    void onVoteResponse(VoteResponse message);

    void onInstallSnapshot(InstallSnapshot message);

    void onHeartbeat(Heartbeat message);

    void onHeartbeatResponse(HeartbeatResponse message);

    void onTimeoutNow(TimeoutNow message);

    void onTransferLeader(TransferLeader message);

    void onReadIndexRequest(ReadIndexRequest message);

    void onReadIndexResponse(ReadIndexResponse message);

    void onProposeRefused(ProposeRefused message);

    void onStorageAppend(StorageAppend message);

    void onStorageAppendResponse(StorageAppendResponse message);

    void onStorageApply(StorageApply message);

    void onStorageApplyResponse(StorageApplyResponse message);
  }

  /**
   * Entries for the leader to append; a follower hands them on. The core sends it with term 0. The
   * engine hands its own batches on with the term of the leader they are meant for, and a member
   * that is not leader of just that term takes none of them: so a proposal that outlived its leader
   * is known never to be applied.
   */
  record Propose(long from, long to, long term, List<Entry> entries) implements Message {
    public Propose {
      entries = Entries.copyOf(entries);
    }

    @Override
    public void deliverTo(Handler handler) {
      handler.onPropose(this);
    }

    @Override
    public String toString() {
      return describe(this, Entry.describe(entries));
    }
  }

  /**
   * The answer of a leader's engine to proposals that it did not take; not for the core.
   *
   * @param proposals the proposals by the numbers that their engine gave them
   * @param code the name of the engine's refusal
   * @param detail what was found and which rule refuses it
   */
  record ProposeRefused(
      long from, long to, long term, List<Long> proposals, String code, String detail)
      implements Message {
    public ProposeRefused {
      proposals = List.copyOf(proposals);
    }

    @Override
    public void deliverTo(Handler handler) {
      handler.onProposeRefused(this);
    }

    @Override
    public String toString() {
      return describe(this, proposals.size() + " proposals, " + code + ", " + detail);
    }
  }

  /** Leader to follower: store {@code entries} after {@code previous} (Raft paper §5.3). */
  record AppendRequest(
      long from, long to, long term, EntryId previous, List<Entry> entries, long commit)
      implements Message {
    public AppendRequest {
      entries = Entries.copyOf(entries);
    }

    @Override
    public void deliverTo(Handler handler) {
      handler.onAppendRequest(this);
    }

    @Override
    public String toString() {
      return describe(
          this, "after " + previous + ", " + Entry.describe(entries) + ", commit " + commit);
    }
  }

  /**
   * Follower to leader. Accepted: the log agrees up to {@code index}. Rejected: {@code index} is
   * the rejected previous index and {@code hint} the last entry that may agree (term 0: unknown).
   */
  record AppendResponse(long from, long to, long term, long index, boolean rejected, EntryId hint)
      implements Message {
    @Override
    public void deliverTo(Handler handler) {
      handler.onAppendResponse(this);
    }

    @Override
    public String toString() {
      return describe(
          this, rejected ? "rejects " + index + ", may agree at " + hint : "agrees to " + index);
    }
  }

  /**
   * Candidate to voter (Raft paper §5.2).
   *
   * @param last the candidate's last entry
   * @param preVote asks whether a vote would be granted; nobody's term or vote changes by it
   * @param transfer the leader asked for this campaign: the lease of CheckQuorum does not apply
   */
  record VoteRequest(long from, long to, long term, EntryId last, boolean preVote, boolean transfer)
      implements Message {
    @Override
    public void deliverTo(Handler handler) {
      handler.onVoteRequest(this);
    }

    @Override
    public String toString() {
      return describe(
          this, "log to " + last + (preVote ? ", pre-vote" : "") + (transfer ? ", transfer" : ""));
    }
  }

  /** Voter to candidate. */
  record VoteResponse(long from, long to, long term, boolean preVote, boolean rejected)
      implements Message {
    @Override
    public void deliverTo(Handler handler) {
      handler.onVoteResponse(this);
    }

    @Override
    public String toString() {
      return describe(this, (rejected ? "refused" : "granted") + (preVote ? ", pre-vote" : ""));
    }
  }

  /** Leader to follower whose next entry is compacted (Raft paper §7). */
  record InstallSnapshot(long from, long to, long term, Snapshot snapshot) implements Message {
    @Override
    public void deliverTo(Handler handler) {
      handler.onInstallSnapshot(this);
    }

    @Override
    public String toString() {
      return describe(this, snapshot.toString());
    }
  }

  /**
   * Leader to member, every heartbeat.
   *
   * @param commit never above what the receiver is known to have
   * @param readPosition the newest read round this heartbeat confirms, 0 for none
   */
  record Heartbeat(long from, long to, long term, long commit, long readPosition)
      implements Message {
    @Override
    public void deliverTo(Handler handler) {
      handler.onHeartbeat(this);
    }

    @Override
    public String toString() {
      return describe(
          this, "commit " + commit + (readPosition == 0 ? "" : ", read " + readPosition));
    }
  }

  /** The answer, with the same read position. */
  record HeartbeatResponse(long from, long to, long term, long readPosition) implements Message {
    @Override
    public void deliverTo(Handler handler) {
      handler.onHeartbeatResponse(this);
    }

    @Override
    public String toString() {
      return describe(this, readPosition == 0 ? "" : "read " + readPosition);
    }
  }

  /** Leader to the member that shall succeed it: campaign at once (Raft thesis §3.10). */
  record TimeoutNow(long from, long to, long term) implements Message {
    @Override
    public void deliverTo(Handler handler) {
      handler.onTimeoutNow(this);
    }

    @Override
    public String toString() {
      return describe(this, "");
    }
  }

  /** To the leader: hand over to {@code from}, the transferee. */
  record TransferLeader(long from, long to, long term) implements Message {
    @Override
    public void deliverTo(Handler handler) {
      handler.onTransferLeader(this);
    }

    @Override
    public String toString() {
      return describe(this, "");
    }
  }

  /**
   * Follower to leader (Raft thesis §6.4).
   *
   * @param context chosen by the reader, comes back unread
   */
  record ReadIndexRequest(long from, long to, long term, long context) implements Message {
    @Override
    public void deliverTo(Handler handler) {
      handler.onReadIndexRequest(this);
    }

    @Override
    public String toString() {
      return describe(this, "context " + context);
    }
  }

  /**
   * Leader to follower: once {@code index} is applied the read of {@code context} may be served.
   */
  record ReadIndexResponse(long from, long to, long term, long index, long context)
      implements Message {
    @Override
    public void deliverTo(Handler handler) {
      handler.onReadIndexResponse(this);
    }

    @Override
    public String toString() {
      return describe(this, "context " + context + " at " + index);
    }
  }

  /**
   * To {@link #APPEND_THREAD}: make this durable, in the order of sending, then release the
   * responses in order. An entry replaces an earlier one at its index and all after it.
   *
   * @param hardState {@link HardState#EMPTY} for no change
   * @param snapshot {@link Snapshot#EMPTY} for none; it replaces the log
   * @param mustSync whether the responses depend on a sync: entries, or term or vote changed
   * @param responses messages to other members and to this one that wait for durability
   */
  record StorageAppend(
      long from,
      long to,
      HardState hardState,
      List<Entry> entries,
      Snapshot snapshot,
      boolean mustSync,
      List<Message> responses)
      implements Message {
    public StorageAppend {
      entries = Entries.copyOf(entries);
      responses = List.copyOf(responses);
    }

    @Override
    public long term() {
      return hardState.term();
    }

    @Override
    public void deliverTo(Handler handler) {
      handler.onStorageAppend(this);
    }

    @Override
    public String toString() {
      return describe(
          this,
          (hardState.isEmpty() ? "" : hardState + ", ")
              + Entry.describe(entries)
              + (snapshot.isEmpty() ? "" : ", " + snapshot)
              + (mustSync ? ", sync" : "")
              + ", then "
              + responses);
    }
  }

  /**
   * From {@link #APPEND_THREAD}: all up to {@code last} is durable. Ignored for entries when {@code
   * term} is no longer the member's, because they may have been replaced and come back since.
   */
  record StorageAppendResponse(long from, long to, long term, EntryId last, Snapshot snapshot)
      implements Message {
    @Override
    public void deliverTo(Handler handler) {
      handler.onStorageAppendResponse(this);
    }

    @Override
    public String toString() {
      return describe(this, "stable to " + last + (snapshot.isEmpty() ? "" : ", " + snapshot));
    }
  }

  /**
   * To {@link #APPLY_THREAD}: apply these committed entries in order, then release the responses.
   */
  record StorageApply(long from, long to, List<Entry> entries, List<Message> responses)
      implements Message {
    public StorageApply {
      entries = Entries.copyOf(entries);
      responses = List.copyOf(responses);
    }

    @Override
    public long term() {
      return 0;
    }

    @Override
    public void deliverTo(Handler handler) {
      handler.onStorageApply(this);
    }

    @Override
    public String toString() {
      return describe(this, Entry.describe(entries));
    }
  }

  /** From {@link #APPLY_THREAD}: these entries are applied. */
  record StorageApplyResponse(long from, long to, List<Entry> entries) implements Message {
    public StorageApplyResponse {
      entries = Entries.copyOf(entries);
    }

    @Override
    public long term() {
      return 0;
    }

    @Override
    public void deliverTo(Handler handler) {
      handler.onStorageApplyResponse(this);
    }

    @Override
    public String toString() {
      return describe(this, Entry.describe(entries));
    }
  }
}
