package io.balsa.raft;

import io.balsa.data.Checks;
import io.balsa.raft.log.LogStorage;
import io.balsa.raft.message.Message;
import io.balsa.raft.tracker.ProgressTracker;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * What a member starts with. Sizes are in bytes of {@link io.balsa.raft.message.Entry#encodedBytes}
 * unless said otherwise; {@link #UNLIMITED} lifts a limit.
 *
 * @param id of this member, neither 0 nor that of a storage thread
 * @param electionTicks a follower campaigns after electionTicks to 2 × electionTicks − 1 ticks
 *     without a leader, drawn at random; must exceed heartbeatTicks
 * @param heartbeatTicks a leader sends heartbeats every so many ticks; at least 1
 * @param storage what is durable at the start, and later
 * @param applied up to where the application has applied; 0 for the storage's snapshot
 * @param asyncStorageWrites which of the two contracts holds: see the package
 * @param maxMessageBytes entries in one append; at least one entry goes in
 * @param maxCommittedBytesPerReady committed entries handed out and not acknowledged as applied
 * @param maxUncommittedBytes data of a leader's entries not yet applied; a proposal beyond it is
 *     dropped, unless there are none
 * @param maxInflightMessages appends on their way to one member; at least 1
 * @param maxInflightBytes entries on their way to one member; at least 1, not below maxMessageBytes
 * @param checkQuorum a leader that hears of no quorum for an election timeout steps down, and
 *     members that hear of a leader do not vote
 * @param preVote members ask whether they would win before they raise their term
 * @param readOnlyOption LEASE_BASED needs checkQuorum
 * @param disableProposalForwarding followers drop proposals instead of handing them to the leader
 * @param disableConfChangeValidation a leader appends every configuration change; for callers that
 *     check changes when they apply them
 * @param stepDownOnRemoval a leader that applies its own removal or demotion becomes follower
 * @param random draws the election timeouts
 */
public record RaftConfig(
    long id,
    int electionTicks,
    int heartbeatTicks,
    LogStorage storage,
    long applied,
    boolean asyncStorageWrites,
    long maxMessageBytes,
    long maxCommittedBytesPerReady,
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
  /** No limit. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  public RaftConfig {
    Checks.argument(
        id != Message.NOBODY && id != Message.APPEND_THREAD && id != Message.APPLY_THREAD,
        "config: id must be neither 0 nor that of a storage thread: %x",
        id);
    Checks.argument(
        heartbeatTicks > 0, "config: heartbeatTicks must be positive: %d", heartbeatTicks);
    Checks.argument(
        electionTicks > heartbeatTicks,
        "config: electionTicks must exceed heartbeatTicks: %d <= %d",
        electionTicks,
        heartbeatTicks);
    Objects.requireNonNull(storage, "config: storage is missing");
    Checks.argument(applied >= 0, "config: applied must not be negative: %d", applied);
    Checks.argument(
        maxMessageBytes >= 0, "config: maxMessageBytes must not be negative: %d", maxMessageBytes);
    Checks.argument(
        maxCommittedBytesPerReady > 0,
        "config: maxCommittedBytesPerReady must be positive: %d",
        maxCommittedBytesPerReady);
    Checks.argument(
        maxUncommittedBytes > 0,
        "config: maxUncommittedBytes must be positive: %d",
        maxUncommittedBytes);
    Checks.argument(
        maxInflightMessages > 0,
        "config: maxInflightMessages must be positive: %d",
        maxInflightMessages);
    Checks.argument(
        maxInflightBytes > 0, "config: maxInflightBytes must be positive: %d", maxInflightBytes);
    Checks.argument(
        maxInflightBytes >= maxMessageBytes,
        "config: maxInflightBytes must not be below maxMessageBytes: %d < %d",
        maxInflightBytes,
        maxMessageBytes);
    Checks.argument(
        readOnlyOption != ReadOnlyOption.LEASE_BASED || checkQuorum,
        "config: readOnlyOption LEASE_BASED needs checkQuorum");
    Objects.requireNonNull(readOnlyOption, "config: readOnlyOption is missing");
    Objects.requireNonNull(random, "config: random is missing");
    Objects.requireNonNull(observer, "config: observer is missing");
  }

  /** Starts with the defaults of {@link Builder}. */
  public static Builder builder(long id, LogStorage storage, RandomGenerator random) {
    return new Builder(id, storage, random);
  }

  ProgressTracker.Limits inflightLimits() {
    return new ProgressTracker.Limits(maxInflightMessages, maxInflightBytes);
  }

  /** Sets what differs from the defaults; each method is named as its component. */
  public static final class Builder {
    private final long id;
    private final LogStorage storage;
    private final RandomGenerator random;
    private int electionTicks = 10;
    private int heartbeatTicks = 1;
    private long applied;
    private boolean asyncStorageWrites;
    private long maxMessageBytes = 1L << 20;
    private long maxCommittedBytesPerReady = 64L << 20;
    private long maxUncommittedBytes = 256L << 20;
    private int maxInflightMessages = 256;
    private long maxInflightBytes = 64L << 20;
    private boolean checkQuorum = true;
    private boolean preVote = true;
    private ReadOnlyOption readOnlyOption = ReadOnlyOption.SAFE;
    private boolean disableProposalForwarding;
    private boolean disableConfChangeValidation;
    private boolean stepDownOnRemoval = true;
    private RaftObserver observer = RaftObserver.NONE;

    private Builder(long id, LogStorage storage, RandomGenerator random) {
      this.id = id;
      this.storage = storage;
      this.random = random;
    }

    /** 10 by default. */
    public Builder electionTicks(int value) {
      electionTicks = value;
      return this;
    }

    /** 1 by default. */
    public Builder heartbeatTicks(int value) {
      heartbeatTicks = value;
      return this;
    }

    /** 0 by default. */
    public Builder applied(long value) {
      applied = value;
      return this;
    }

    /** False by default. */
    public Builder asyncStorageWrites(boolean value) {
      asyncStorageWrites = value;
      return this;
    }

    /** 1 MiB by default. */
    public Builder maxMessageBytes(long value) {
      maxMessageBytes = value;
      return this;
    }

    /** 64 MiB by default. */
    public Builder maxCommittedBytesPerReady(long value) {
      maxCommittedBytesPerReady = value;
      return this;
    }

    /** 256 MiB by default. */
    public Builder maxUncommittedBytes(long value) {
      maxUncommittedBytes = value;
      return this;
    }

    /** 256 by default. */
    public Builder maxInflightMessages(int value) {
      maxInflightMessages = value;
      return this;
    }

    /** 64 MiB by default. */
    public Builder maxInflightBytes(long value) {
      maxInflightBytes = value;
      return this;
    }

    /** True by default. */
    public Builder checkQuorum(boolean value) {
      checkQuorum = value;
      return this;
    }

    /** True by default. */
    public Builder preVote(boolean value) {
      preVote = value;
      return this;
    }

    /** SAFE by default. */
    public Builder readOnlyOption(ReadOnlyOption value) {
      readOnlyOption = value;
      return this;
    }

    /** False by default. */
    public Builder disableProposalForwarding(boolean value) {
      disableProposalForwarding = value;
      return this;
    }

    /** False by default. */
    public Builder disableConfChangeValidation(boolean value) {
      disableConfChangeValidation = value;
      return this;
    }

    /** True by default. */
    public Builder stepDownOnRemoval(boolean value) {
      stepDownOnRemoval = value;
      return this;
    }

    /** None by default. */
    public Builder observer(RaftObserver value) {
      observer = value;
      return this;
    }

    /**
     * Checks everything.
     *
     * @throws IllegalArgumentException with the component, its value and the rule
     */
    public RaftConfig build() {
      return new RaftConfig(
          id,
          electionTicks,
          heartbeatTicks,
          storage,
          applied,
          asyncStorageWrites,
          maxMessageBytes,
          maxCommittedBytesPerReady,
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
