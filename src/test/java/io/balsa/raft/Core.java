package io.balsa.raft;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.raft.log.MemoryStorage;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/**
 * One core with its storage, driven by hand: inputs are given by the test, {@link #run} does what
 * the plain contract asks for and keeps what is sent and applied.
 */
public final class Core {
  /** Ticks of the election timeout, before chance adds to it. */
  public static final int ELECTION_TICKS = 10;

  // Far more than any test needs: a core that always has something to do must fail, not hang.
  private static final int READYS_MAX = 100_000;

  public final long id;
  public final MemoryStorage storage;
  public final RawNode node;

  /** Everything applied, in order. */
  public final List<Entry> applied = new ArrayList<>();

  /** Everything sent since the last {@link #take}. */
  public final List<Message> sent = new ArrayList<>();

  public final List<ReadState> reads = new ArrayList<>();

  /** Reasons of configuration changes that were replaced by empty entries. */
  public final List<ConfChangeRefusal> refusals = new ArrayList<>();

  private final Builder builder;

  private Core(Builder builder) {
    this.builder = builder;
    this.id = builder.id;
    this.storage = builder.storage;
    RaftObserver observer =
        new RaftObserver() {
          @Override
          public void confChangeReplaced(
              Entry proposal, EntryId place, ConfChangeRefusal reason, String detail) {
            refusals.add(reason);
          }
        };
    RaftConfig.Builder config =
        RaftConfig.builder(id, storage, new Random(builder.seed))
            .electionTicks(ELECTION_TICKS)
            .preVote(false)
            .checkQuorum(false)
            .stepDownOnRemoval(false)
            .observer(observer);
    this.node = new RawNode(builder.options.apply(config).build());
  }

  /** A member of voters 1, 2 and 3 with an empty log, nothing but what the paper has. */
  public static Builder core(long id) {
    return new Builder(id);
  }

  /** Says how a member starts. */
  public static final class Builder {
    private final long id;
    private final MemoryStorage storage = new MemoryStorage();
    private ConfState members = ConfState.ofVoters(List.of(1L, 2L, 3L));
    private EntryId snapshot = EntryId.ZERO;
    private HardState hardState = HardState.EMPTY;
    private final List<Entry> entries = new ArrayList<>();
    private UnaryOperator<RaftConfig.Builder> options = UnaryOperator.identity();

    private long seed;

    private Builder(long id) {
      this.id = id;
      this.seed = id;
    }

    /** What chance begins with; the member's id if not said. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** The voters. */
    public Builder voters(long... voters) {
      return members(ConfState.ofVoters(LongStream.of(voters).boxed().toList()));
    }

    /** The learners, beside the voters. */
    public Builder learners(long... learners) {
      return members(
          new ConfState(
              members.voters(),
              members.votersOutgoing(),
              LongStream.of(learners).boxed().toList(),
              members.learnersNext(),
              members.autoLeave()));
    }

    /** A joint configuration: the voters given before are the incoming half, these the other. */
    public Builder outgoing(long... voters) {
      return members(
          new ConfState(
              members.voters(),
              LongStream.of(voters).boxed().toList(),
              members.learners(),
              members.learnersNext(),
              members.autoLeave()));
    }

    /** The configuration. */
    public Builder members(ConfState state) {
      members = state;
      return this;
    }

    /** The log begins after this entry. */
    public Builder snapshot(long term, long index) {
      snapshot = new EntryId(term, index);
      return this;
    }

    /** The terms of the entries in the log. */
    public Builder log(long... terms) {
      for (long term : terms) {
        long index = snapshot.index() + entries.size() + 1;
        entries.add(new Entry(term, index, EntryType.NORMAL, Bytes.EMPTY));
      }
      return this;
    }

    /** One more entry in the log. */
    public Builder entry(Entry entry) {
      entries.add(entry);
      return this;
    }

    /** What is stored. */
    public Builder hardState(long term, long vote, long commit) {
      hardState = new HardState(term, vote, commit);
      return this;
    }

    /** Options beyond the paper. */
    public Builder options(UnaryOperator<RaftConfig.Builder> more) {
      UnaryOperator<RaftConfig.Builder> before = options;
      options = builder -> more.apply(before.apply(builder));
      return this;
    }

    /** Starts as follower. */
    public Core build() {
      storage.applySnapshot(new Snapshot(snapshot, members));
      storage.append(entries);
      storage.setHardState(hardState);
      return new Core(this);
    }

    /** Starts, campaigns and wins the votes of all others; all that was sent is forgotten. */
    public Core leader() {
      Core core = build();
      core.win();
      return core;
    }
  }

  /** Starts once more from what is stored, as after a crash; applies all anew. */
  public Core restart() {
    return new Core(builder);
  }

  /** Campaigns and runs. */
  public Core campaign() {
    node.campaign();
    return run();
  }

  /** Campaigns and wins the votes of all others; all that was sent is forgotten. */
  public void win() {
    campaign();
    // A pre-vote and a vote: more rounds would not help.
    for (int round = 0; round < 2 && !node.isLeader(); round++) {
      boolean preVote = node.role() == Role.PRE_CANDIDATE;
      long term = preVote ? node.term() + 1 : node.term();
      for (long voter : otherVoters()) {
        step(new Message.VoteResponse(voter, id, term, preVote, false));
      }
      run();
    }
    if (!node.isLeader()) {
      throw new AssertionError("did not win: " + node.role());
    }
    take();
  }

  private Set<Long> otherVoters() {
    ConfState state = node.status().configuration();
    Set<Long> voters = new LinkedHashSet<>(state.voters());
    voters.addAll(state.votersOutgoing());
    voters.remove(id);
    return voters;
  }

  /** Feeds in a message that must be taken. */
  public void step(Message message) {
    try {
      node.step(message);
    } catch (StepException | ProposalDroppedException e) {
      throw new AssertionError("not taken: " + message, e);
    }
  }

  /** Feeds in a message that must be taken, and runs. */
  public Core stepAndRun(Message message) {
    step(message);
    return run();
  }

  /** Proposes text that must be taken. */
  public void propose(String text) {
    try {
      node.propose(Bytes.utf8(text));
    } catch (ProposalDroppedException e) {
      throw new AssertionError("not taken: " + e.reason(), e);
    }
  }

  /** Proposes a change that must be taken, though perhaps as an empty entry. */
  public void propose(ConfChange change) {
    try {
      node.proposeConfChange(change);
    } catch (ProposalDroppedException e) {
      throw new AssertionError("not taken: " + e.reason(), e);
    }
  }

  /** Why a proposal is dropped, null if it is not. */
  public ProposalDroppedException.Reason dropReason(String text) {
    try {
      node.propose(Bytes.utf8(text));
      return null;
    } catch (ProposalDroppedException e) {
      return e.reason();
    }
  }

  /** Lets time pass and runs. */
  public Core tick(int ticks) {
    for (int i = 0; i < ticks; i++) {
      node.tick();
      run();
    }
    return this;
  }

  /** Does what the plain contract asks for until there is nothing to do. */
  public Core run() {
    for (int readys = 0; node.hasReady(); readys++) {
      if (readys == READYS_MAX) {
        throw new AssertionError("still not quiet after " + readys + " readys");
      }
      runOnce();
    }
    return this;
  }

  /** Does what the plain contract asks for, for one Ready. */
  public Ready runOnce() {
    Ready ready = node.ready();
    if (!ready.hardState().isEmpty()) {
      storage.setHardState(ready.hardState());
    }
    if (!ready.snapshot().isEmpty()) {
      storage.applySnapshot(ready.snapshot());
    }
    storage.append(ready.entries());
    sent.addAll(ready.messages());
    reads.addAll(ready.readStates());
    ready.committedEntries().forEach(this::apply);
    node.advance();
    return ready;
  }

  private void apply(Entry entry) {
    applied.add(entry);
    if (entry.type() != EntryType.NORMAL) {
      try {
        node.applyConfChange(entry.index(), ConfChange.decode(entry.data()));
      } catch (MalformedException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** What was sent since the last time. */
  public List<Message> take() {
    List<Message> taken = List.copyOf(sent);
    sent.clear();
    return taken;
  }

  /** What was sent of one type since the last time; the rest is forgotten. */
  public <T extends Message> List<T> take(Class<T> type) {
    return take().stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** The terms of the stored entries. */
  public List<Long> logTerms() {
    long first = storage.firstIndex();
    return storage.entries(first, storage.lastIndex() + 1, Long.MAX_VALUE).stream()
        .map(Entry::term)
        .toList();
  }

  /** The texts applied, without empty entries and configuration changes. */
  public List<String> appliedTexts() {
    return applied.stream()
        .filter(e -> e.type() == EntryType.NORMAL && !e.data().isEmpty())
        .map(e -> e.data().toString())
        .toList();
  }

  /**
   * All others acknowledge the whole log, until nothing more comes into it; all that was sent is
   * forgotten.
   */
  public Core acknowledgedByAll() {
    run();
    long acknowledged = 0;
    while (acknowledged != node.lastIndex()) {
      acknowledged = node.lastIndex();
      for (long member : node.status().progress().keySet()) {
        if (member != id) {
          stepAndRun(acknowledge(member, acknowledged));
        }
      }
    }
    take();
    return this;
  }

  // ---- Messages

  /** An acknowledgement of this core's appends. */
  public Message acknowledge(long from, long index) {
    return new Message.AppendResponse(from, id, node.term(), index, false, EntryId.ZERO);
  }

  /** A rejection of this core's append behind {@code index}. */
  public Message reject(long from, long index, EntryId hint) {
    return new Message.AppendResponse(from, id, node.term(), index, true, hint);
  }

  /** An answer to this core's heartbeat. */
  public Message heartbeatResponse(long from, long readPosition) {
    return new Message.HeartbeatResponse(from, id, node.term(), readPosition);
  }

  /** A vote for this core's campaign. */
  public Message grant(long from) {
    return new Message.VoteResponse(from, id, node.term(), false, false);
  }

  /** A vote refused to this core's campaign. */
  public Message refuse(long from) {
    return new Message.VoteResponse(from, id, node.term(), false, true);
  }

  /** An append to this core in the given term. */
  public Message.AppendRequest append(
      long from, long term, EntryId previous, long commit, long... entryTerms) {
    List<Entry> entries = new ArrayList<>();
    for (long entryTerm : entryTerms) {
      entries.add(
          new Entry(
              entryTerm, previous.index() + entries.size() + 1, EntryType.NORMAL, Bytes.EMPTY));
    }
    return new Message.AppendRequest(from, id, term, previous, entries, commit);
  }

  /** A request for this core's vote. */
  public Message.VoteRequest voteRequest(long from, long term, EntryId last) {
    return new Message.VoteRequest(from, id, term, last, false, false);
  }

  /** A request for this core's pre-vote: {@code term} is the one asked about. */
  public Message.VoteRequest preVoteRequest(long from, long term, EntryId last) {
    return new Message.VoteRequest(from, id, term, last, true, false);
  }

  /** A snapshot of voters 1, 2 and 3 to this core. */
  public Message.InstallSnapshot install(long from, long term, EntryId last) {
    ConfState voters = ConfState.ofVoters(List.of(1L, 2L, 3L));
    return new Message.InstallSnapshot(from, id, term, new Snapshot(last, voters));
  }

  /** A heartbeat to this core. */
  public Message.Heartbeat heartbeat(long from, long term) {
    return new Message.Heartbeat(from, id, term, 0, 0);
  }

  /** Names an entry, term first. */
  public static EntryId at(long term, long index) {
    return new EntryId(term, index);
  }
}
