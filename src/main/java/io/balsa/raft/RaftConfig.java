package io.balsa.raft;

import io.balsa.data.Checks;
import io.balsa.raft.log.LogStorage;
import io.balsa.raft.log.RaftLog;
import io.balsa.raft.message.Message;
import java.util.random.RandomGenerator;

/**
 * What a member of the core is made with.
 *
 * @param id not 0, nor the id of a storage thread
 * @param electionTicks a follower campaigns after this many ticks without a leader, up to twice as
 *     many less one, by chance; more than {@code heartbeatTicks}
 * @param heartbeatTicks at least 1
 * @param applied the last index that the application has applied already, 0 for none
 * @param maxMessageBytes encoded entries of one append; at least one entry goes
 * @param maxCommittedBytes encoded entries handed out and not acknowledged as applied
 * @param maxUncommittedBytes payload of this leader's uncommitted tail; beyond it proposals drop
 * @param maxInflightMessages appends under way to one member, at least 1
 * @param maxInflightBytes their payload; 0 for no bound, else at least {@code maxMessageBytes}
 */
public record RaftConfig(
    long id,
    int electionTicks,
    int heartbeatTicks,
    LogStorage storage,
    long applied,
    boolean asyncStorageWrites,
    long maxMessageBytes,
    long maxCommittedBytes,
    long maxUncommittedBytes,
    int maxInflightMessages,
    long maxInflightBytes,
    boolean checkQuorum,
    boolean preVote,
    ReadOnlyOption readOnlyOption,
    boolean disableProposalForwarding,
    boolean disableConfChangeValidation,
    boolean stepDownOnRemoval,
    RandomGenerator random,
    RaftObserver observer) {
  public RaftConfig {
    Checks.argument(
        id != 0 && id != Message.APPEND_THREAD && id != Message.APPLY_THREAD,
        "config: id must not be 0 or a storage thread's: %s",
        Long.toHexString(id));
    Checks.argument(
        heartbeatTicks > 0, "config: heartbeatTicks must be positive: %d", heartbeatTicks);
    Checks.argument(
        electionTicks > heartbeatTicks,
        "config: electionTicks must exceed heartbeatTicks: %d <= %d",
        electionTicks,
        heartbeatTicks);
    Checks.argument(
        maxInflightMessages > 0,
        "config: maxInflightMessages must be positive: %d",
        maxInflightMessages);
    Checks.argument(
        maxInflightBytes == 0 || maxInflightBytes >= maxMessageBytes,
        "config: maxInflightBytes must be at least maxMessageBytes: %d < %d",
        maxInflightBytes,
        maxMessageBytes);
    Checks.argument(
        readOnlyOption != ReadOnlyOption.LEASE_BASED || checkQuorum,
        "config: lease-based reads need checkQuorum: %s",
        checkQuorum);
  }

  /** Starts with the reference's defaults: no limits, no PreVote, no CheckQuorum. */
  public static Builder builder(long id, LogStorage storage, RandomGenerator random) {
    return new Builder(id, storage, random);
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {
    private final long id;
    private final LogStorage storage;
    private final RandomGenerator random;
    private int electionTicks = 10;
    private int heartbeatTicks = 1;
    private long applied;
    private boolean asyncStorageWrites;
    private long maxMessageBytes = RaftLog.NO_LIMIT;
    private long maxCommittedBytes = RaftLog.NO_LIMIT;
    private long maxUncommittedBytes = RaftLog.NO_LIMIT;
    private int maxInflightMessages = Integer.MAX_VALUE;
    private long maxInflightBytes;
    private boolean checkQuorum;
    private boolean preVote;
    private ReadOnlyOption readOnlyOption = ReadOnlyOption.SAFE;
    private boolean disableProposalForwarding;
    private boolean disableConfChangeValidation;
    private boolean stepDownOnRemoval;
    private RaftObserver observer = RaftObserver.NONE;

    private Builder(long id, LogStorage storage, RandomGenerator random) {
      this.id = id;
      this.storage = storage;
      this.random = random;
    }

    /** Sets both timeouts. */
    public Builder ticks(int election, int heartbeat) {
      electionTicks = election;
      heartbeatTicks = heartbeat;
      return this;
    }

    /** See {@link RaftConfig#applied}. */
    public Builder applied(long index) {
      applied = index;
      return this;
    }

    /** See {@link RaftConfig#asyncStorageWrites}. */
    public Builder asyncStorageWrites(boolean on) {
      asyncStorageWrites = on;
      return this;
    }

    /** See {@link RaftConfig#maxMessageBytes}. */
    public Builder maxMessageBytes(long bytes) {
      maxMessageBytes = bytes;
      return this;
    }

    /** See {@link RaftConfig#maxCommittedBytes}. */
    public Builder maxCommittedBytes(long bytes) {
      maxCommittedBytes = bytes;
      return this;
    }

    /** See {@link RaftConfig#maxUncommittedBytes}. */
    public Builder maxUncommittedBytes(long bytes) {
      maxUncommittedBytes = bytes;
      return this;
    }

    /** See {@link RaftConfig#maxInflightMessages} and {@link RaftConfig#maxInflightBytes}. */
    public Builder maxInflight(int messages, long bytes) {
      maxInflightMessages = messages;
      maxInflightBytes = bytes;
      return this;
    }

    /** See {@link RaftConfig#checkQuorum}. */
    public Builder checkQuorum(boolean on) {
      checkQuorum = on;
      return this;
    }

    /** See {@link RaftConfig#preVote}. */
    public Builder preVote(boolean on) {
      preVote = on;
      return this;
    }

    /** See {@link RaftConfig#readOnlyOption}. */
    public Builder readOnlyOption(ReadOnlyOption option) {
      readOnlyOption = option;
      return this;
    }

    /** See {@link RaftConfig#disableProposalForwarding}. */
    public Builder disableProposalForwarding(boolean on) {
      disableProposalForwarding = on;
      return this;
    }

    /** See {@link RaftConfig#disableConfChangeValidation}. */
    public Builder disableConfChangeValidation(boolean on) {
      disableConfChangeValidation = on;
      return this;
    }

    /** See {@link RaftConfig#stepDownOnRemoval}. */
    public Builder stepDownOnRemoval(boolean on) {
      stepDownOnRemoval = on;
      return this;
    }

    /** Who is told of what happens. */
    public Builder observer(RaftObserver told) {
      observer = told;
      return this;
    }

    /** Checks everything. */
    public RaftConfig build() {
      return new RaftConfig(
          id,
          electionTicks,
          heartbeatTicks,
          storage,
          applied,
          asyncStorageWrites,
          maxMessageBytes,
          maxCommittedBytes,
          maxUncommittedBytes,
          maxInflightMessages,
          maxInflightBytes,
          checkQuorum,
          preVote,
          readOnlyOption,
          disableProposalForwarding,
          disableConfChangeValidation,
          stepDownOnRemoval,
          random,
          observer);
    }
  }
}
