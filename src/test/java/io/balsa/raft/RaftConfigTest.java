package io.balsa.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.log.MemoryStorage;
import io.balsa.raft.message.Message;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class RaftConfigTest {
  private static RaftConfig.Builder builder(long id) {
    return RaftConfig.builder(id, new MemoryStorage(), new Random(1));
  }

  private static void assertRefused(UnaryOperator<RaftConfig.Builder> change, String message) {
    assertThatThrownBy(() -> change.apply(builder(1)).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void defaultsAreTheSafeOnes() {
    RaftConfig config = builder(1).build();
    assertThat(config.preVote()).isTrue();
    assertThat(config.checkQuorum()).isTrue();
    assertThat(config.stepDownOnRemoval()).isTrue();
    assertThat(config.readOnlyOption()).isEqualTo(ReadOnlyOption.SAFE);
    assertThat(config.maxUncommittedBytes()).isLessThan(RaftConfig.UNLIMITED);
  }

  @Test
  void reservedIdsAreRefused() {
    for (long id : new long[] {0, Message.APPEND_THREAD, Message.APPLY_THREAD}) {
      assertThatThrownBy(() -> builder(id).build())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("config: id must be neither 0 nor that of a storage thread");
    }
  }

  @Test
  void impossibleCombinationsAreRefusedWithValuesAndRule() {
    assertRefused(
        b -> b.electionTicks(3).heartbeatTicks(3),
        "config: electionTicks must exceed heartbeatTicks: 3 <= 3");
    assertRefused(b -> b.heartbeatTicks(0), "config: heartbeatTicks must be positive: 0");
    assertRefused(b -> b.maxInflightMessages(0), "config: maxInflightMessages must be positive: 0");
    assertRefused(
        b -> b.maxMessageBytes(10).maxInflightBytes(9),
        "config: maxInflightBytes must not be below maxMessageBytes: 9 < 10");
    assertRefused(
        b -> b.checkQuorum(false).readOnlyOption(ReadOnlyOption.LEASE_BASED),
        "config: readOnlyOption LEASE_BASED needs checkQuorum");
    assertRefused(b -> b.applied(-1), "config: applied must not be negative: -1");
  }

  @Test
  void limitsThatWouldStopTheMemberAreRefused() {
    assertRefused(b -> b.maxMessageBytes(-1), "config: maxMessageBytes must not be negative: -1");
    assertRefused(
        b -> b.maxCommittedBytesPerReady(0),
        "config: maxCommittedBytesPerReady must be positive: 0");
    assertRefused(
        b -> b.maxMessageBytes(0).maxInflightBytes(0),
        "config: maxInflightBytes must be positive: 0");
    assertRefused(b -> b.maxUncommittedBytes(0), "config: maxUncommittedBytes must be positive: 0");
  }

  @Test
  void smallestValuesAreTaken() {
    RaftConfig config =
        builder(1)
            .heartbeatTicks(1)
            .electionTicks(2)
            .applied(0)
            .maxMessageBytes(0)
            .maxCommittedBytesPerReady(1)
            .maxUncommittedBytes(1)
            .maxInflightMessages(1)
            .maxInflightBytes(1)
            .build();
    assertThat(config.maxMessageBytes()).isZero();
    assertThat(config.inflightLimits().newInflights().isFull()).isFalse();
  }
}
