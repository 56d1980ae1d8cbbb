package io.balsa.raft.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class QuorumTest {
  private static MajorityConfig voters(Long... ids) {
    return MajorityConfig.of(List.of(ids));
  }

  private static JointConfig joint(MajorityConfig incoming, MajorityConfig outgoing) {
    return new JointConfig(incoming, outgoing);
  }

  private static Map<Long, Boolean> votes(List<Long> granted, List<Long> refused) {
    Map<Long, Boolean> votes = new TreeMap<>();
    granted.forEach(id -> votes.put(id, true));
    refused.forEach(id -> votes.put(id, false));
    return votes;
  }

  @Test
  void votersAreASetInUnsignedOrder() {
    MajorityConfig config = voters(-1L, 2L, 1L, 2L);
    assertThat(config.members()).containsExactly(1L, 2L, -1L);
    assertThat(config).isEqualTo(voters(1L, 2L, -1L)).hasSameHashCodeAs(voters(2L, -1L, 1L));
    assertThat(config).isNotEqualTo(voters(1L, 2L)).isNotEqualTo(List.of(1L, 2L, -1L));
    assertThat(voters(1L).hashCode()).isNotEqualTo(voters(2L).hashCode());
    assertThat(voters(1L, 2L)).hasToString("[1, 2]");
    assertThat(config.contains(2)).isTrue();
    assertThat(config.contains(3)).isFalse();
  }

  @Test
  void committedIsWhatMoreThanHalfHave() {
    assertThat(voters(1L, 2L, 3L).committedIndex(id -> id * 10)).isEqualTo(20);
    assertThat(voters(1L, 2L, 3L, 4L).committedIndex(id -> id * 10)).isEqualTo(20);
    assertThat(voters(1L, 2L, 3L, 4L, 5L).committedIndex(id -> id * 10)).isEqualTo(30);
    assertThat(voters(7L).committedIndex(id -> 5)).isEqualTo(5);
  }

  @Test
  void noVotersHoldNobodyBack() {
    assertThat(MajorityConfig.EMPTY.committedIndex(id -> 0)).isEqualTo(Long.MAX_VALUE);
    assertThat(MajorityConfig.EMPTY.voteResult(Map.of())).isEqualTo(VoteResult.WON);
    assertThat(MajorityConfig.EMPTY.isEmpty()).isTrue();
    assertThat(joint(voters(1L), MajorityConfig.EMPTY).committedIndex(id -> 4)).isEqualTo(4);
  }

  @Test
  void voteIsOpenUntilMoreThanHalfAgree() {
    MajorityConfig four = voters(1L, 2L, 3L, 4L);
    assertThat(four.voteResult(votes(List.of(1L, 2L), List.of()))).isEqualTo(VoteResult.PENDING);
    assertThat(four.voteResult(votes(List.of(1L, 2L), List.of(3L)))).isEqualTo(VoteResult.PENDING);
    assertThat(four.voteResult(votes(List.of(1L, 2L), List.of(3L, 4L)))).isEqualTo(VoteResult.LOST);
    assertThat(four.voteResult(votes(List.of(), List.of(3L, 4L)))).isEqualTo(VoteResult.LOST);
    assertThat(four.voteResult(votes(List.of(1L, 2L, 3L), List.of()))).isEqualTo(VoteResult.WON);
    assertThat(four.voteResult(votes(List.of(7L, 8L, 9L), List.of(6L))))
        .isEqualTo(VoteResult.PENDING);
  }

  @Test
  void bothHalvesOfAJointConfigurationMustAgree() {
    JointConfig joint = joint(voters(1L, 2L, 3L), voters(3L, 4L, 5L));
    assertThat(joint.isJoint()).isTrue();
    assertThat(joint.committedIndex(id -> id <= 3 ? 9 : 4)).isEqualTo(4);
    assertThat(joint.committedIndex(id -> id >= 3 ? 9 : 4)).isEqualTo(4);

    assertThat(joint.voteResult(votes(List.of(1L, 2L), List.of()))).isEqualTo(VoteResult.PENDING);
    assertThat(joint.voteResult(votes(List.of(4L, 5L), List.of()))).isEqualTo(VoteResult.PENDING);
    assertThat(joint.voteResult(votes(List.of(1L, 2L, 4L, 5L), List.of())))
        .isEqualTo(VoteResult.WON);
    assertThat(joint.voteResult(votes(List.of(1L, 2L), List.of(4L, 5L))))
        .isEqualTo(VoteResult.LOST);
    assertThat(joint.voteResult(votes(List.of(), List.of(1L, 2L)))).isEqualTo(VoteResult.LOST);
    assertThat(joint.voteResult(votes(List.of(), List.of(4L, 5L)))).isEqualTo(VoteResult.LOST);
    assertThat(joint.voteResult(Map.of())).isEqualTo(VoteResult.PENDING);
  }

  @Test
  void membersOfAJointConfigurationAreThoseOfBothHalves() {
    JointConfig joint = joint(voters(3L, -1L), voters(1L, 3L));
    assertThat(joint.members()).containsExactly(1L, 3L, -1L);
    assertThat(joint.contains(-1)).isTrue();
    assertThat(joint.contains(1)).isTrue();
    assertThat(joint.contains(2)).isFalse();
    assertThat(joint(voters(3L, 1L), MajorityConfig.EMPTY).members()).containsExactly(1L, 3L);
    assertThat(joint(voters(1L), MajorityConfig.EMPTY).isJoint()).isFalse();
  }

  @Test
  void memberDecidesAloneOnlyAsTheOnlyVoterOfTheOnlyHalf() {
    assertThat(joint(voters(1L), MajorityConfig.EMPTY).isOnly(1)).isTrue();
    assertThat(joint(voters(1L), MajorityConfig.EMPTY).isOnly(2)).isFalse();
    assertThat(joint(voters(1L, 2L), MajorityConfig.EMPTY).isOnly(1)).isFalse();
    assertThat(joint(voters(1L), voters(1L)).isOnly(1)).isFalse();
    assertThat(JointConfig.EMPTY.isOnly(1)).isFalse();
  }
}
