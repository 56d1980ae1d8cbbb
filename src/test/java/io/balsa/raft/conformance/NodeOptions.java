package io.balsa.raft.conformance;

import io.balsa.raft.RaftConfig;
import io.balsa.raft.ReadOnlyOption;
import io.balsa.raft.conformance.DataFile.Argument;
import io.balsa.raft.conformance.DataFile.Case;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The options of {@code add-nodes} (sections 3.1 and 4.1), and our own.
 *
 * @param initial what the nodes start from, empty for nothing
 * @param settings what differs from the environment's defaults
 */
record NodeOptions(boolean async, Snapshot initial, List<Consumer<RaftConfig.Builder>> settings) {
  static final int ELECTION_TICKS = 3;
  static final int HEARTBEAT_TICKS = 1;

  static NodeOptions of(Case test) throws CommandException {
    List<Long> voters = List.of();
    List<Long> learners = List.of();
    long index = 0;
    boolean hasSnapshot = false;
    boolean async = false;
    List<Consumer<RaftConfig.Builder>> settings = new ArrayList<>();
    for (Argument argument : test.arguments().subList(1, test.arguments().size())) {
      switch (argument.key()) {
        case "voters" -> {
          voters = argument.numbers();
          hasSnapshot = true;
        }
        case "learners" -> {
          learners = argument.numbers();
          hasSnapshot = true;
        }
        case "index" -> {
          index = argument.number();
          hasSnapshot = true;
        }
        case "content" -> hasSnapshot = true;
        case "async-storage-writes" -> async = argument.isTrue();
        default -> settings.add(setting(argument));
      }
    }
    if (hasSnapshot && index <= 1) {
      throw new CommandException("index must be specified as > 1 due to bootstrap");
    }
    ConfState members = new ConfState(voters, List.of(), learners, List.of(), false);
    Snapshot initial = hasSnapshot ? new Snapshot(new EntryId(1, index), members) : Snapshot.EMPTY;
    return new NodeOptions(async, initial, settings);
  }

  private static Consumer<RaftConfig.Builder> setting(Argument argument) throws CommandException {
    return switch (argument.key()) {
      case "inflight" -> {
        int count = Math.toIntExact(argument.number());
        yield b -> b.maxInflightMessages(count);
      }
      case "max-committed-size-per-ready" -> limit(argument, b -> b::maxCommittedBytesPerReady);
      case "prevote" -> onOff(argument, b -> b::preVote);
      case "checkquorum" -> onOff(argument, b -> b::checkQuorum);
      case "step-down-on-removal" -> onOff(argument, b -> b::stepDownOnRemoval);
      case "disable-conf-change-validation" -> onOff(argument, b -> b::disableConfChangeValidation);
      case "read-only" -> {
        ReadOnlyOption option =
            switch (argument.value()) {
              case "safe" -> ReadOnlyOption.SAFE;
              case "lease-based" -> ReadOnlyOption.LEASE_BASED;
              default -> throw new IllegalArgumentException("unknown value: " + argument.text());
            };
        yield b -> b.readOnlyOption(option);
      }
      // Our own.
      case "disable-proposal-forwarding" -> onOff(argument, b -> b::disableProposalForwarding);
      case "max-size-per-message" -> limit(argument, b -> b::maxMessageBytes);
      case "max-inflight-size" -> limit(argument, b -> b::maxInflightBytes);
      case "max-uncommitted-size" -> limit(argument, b -> b::maxUncommittedBytes);
      default -> throw new IllegalArgumentException("unknown option: " + argument.text());
    };
  }

  private interface Setter<T> {
    Consumer<T> of(RaftConfig.Builder builder);
  }

  private static Consumer<RaftConfig.Builder> limit(Argument argument, Setter<Long> setter) {
    long bytes = argument.number();
    return b -> setter.of(b).accept(bytes);
  }

  private static Consumer<RaftConfig.Builder> onOff(Argument argument, Setter<Boolean> setter) {
    boolean on = argument.isTrue();
    return b -> setter.of(b).accept(on);
  }

  /** The environment's defaults, then what was set. */
  RaftConfig.Builder configure(RaftConfig.Builder builder) {
    builder
        .electionTicks(ELECTION_TICKS)
        .heartbeatTicks(HEARTBEAT_TICKS)
        .asyncStorageWrites(async)
        .maxMessageBytes(RaftConfig.UNLIMITED)
        .maxCommittedBytesPerReady(RaftConfig.UNLIMITED)
        .maxUncommittedBytes(RaftConfig.UNLIMITED)
        .maxInflightMessages(Integer.MAX_VALUE)
        .maxInflightBytes(RaftConfig.UNLIMITED)
        .checkQuorum(false)
        .preVote(false)
        .stepDownOnRemoval(false);
    settings.forEach(s -> s.accept(builder));
    return builder;
  }
}
