package io.balsa.raft.explore;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfState;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** See the package. How far to go: {@code -Dexplore.states=N}. */
class ExplorerTest {
  private static final int STATES_MAX = Integer.getInteger("explore.states", 100_000);
  private static final int STATES_MAX_LARGE = Integer.getInteger("explore.states", 10_000_000);

  private static final ConfChange[] REMOVE_ANY = {remove(1), remove(2), remove(3)};
  private static final ConfState ONE_AND_TWO = ConfState.ofVoters(List.of(1L, 2L));

  // ---- The core as it is

  static Stream<Scenario> scenarios() {
    return Stream.of(
        everything(2),
        everything(3),
        Scenario.ofVoters(3).with(Budget.CAMPAIGNS, 3).storingAtOnce().applyingAtOnce(),
        Scenario.ofVoters(3)
            .with(Budget.CAMPAIGNS, 2)
            .with(Budget.CRASHES, 2)
            .with(Budget.PROPOSALS, 1)
            .applyingAtOnce()
            .withInFlightMax(2),
        Scenario.ofVoters(3)
            .with(Budget.TICKS, 8)
            .with(Budget.CRASHES, 1)
            .withPreVote()
            .withCheckQuorum()
            .withInFlightMax(3),
        Scenario.ofVoters(3)
            .with(Budget.CAMPAIGNS, 2)
            .with(Budget.READS, 2)
            .storingAtOnce()
            .applyingAtOnce()
            .withInFlightMax(3),
        Scenario.ofVoters(3)
            .with(Budget.CAMPAIGNS, 2)
            .with(Budget.COMPACTIONS, 1)
            .with(Budget.CRASHES, 1)
            .withInFlightMax(2),
        Scenario.ofVoters(3)
            .with(Budget.CAMPAIGNS, 3)
            .withChanges(2, REMOVE_ANY)
            .storingAtOnce()
            .withInFlightMax(2),
        Scenario.of(3, ONE_AND_TWO)
            .with(Budget.CAMPAIGNS, 2)
            .withChanges(
                2,
                add(3),
                change(OperationType.ADD_LEARNER, 3),
                remove(2),
                new ConfChange(
                    ConfChange.Transition.AUTO,
                    List.of(
                        new Operation(OperationType.ADD_VOTER, 3),
                        new Operation(OperationType.REMOVE, 2)),
                    Bytes.EMPTY))
            .storingAtOnce()
            .withInFlightMax(2));
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void everyOrderOfEventsKeepsThePromises(Scenario scenario) {
    assertKeepsThePromises(explored(scenario, STATES_MAX));
  }

  @Test
  @Tag("slow")
  void millionsOfStatesKeepThePromises() {
    Explorer.Result result = explored(everything(3), STATES_MAX_LARGE);

    assertKeepsThePromises(result);
    assertThat(result.clusters()).isGreaterThanOrEqualTo(STATES_MAX_LARGE);
  }

  private static void assertKeepsThePromises(Explorer.Result result) {
    assertThat(result.broken()).as(String.join("\n", result.trace())).isNull();
  }

  /** All kinds of events at once, each at least one time. */
  private static Scenario everything(int members) {
    return Scenario.ofVoters(members)
        .with(Budget.CAMPAIGNS, 2)
        .with(Budget.HEARTBEATS, 1)
        .with(Budget.PROPOSALS, 1)
        .with(Budget.READS, 1)
        .with(Budget.COMPACTIONS, 1)
        .with(Budget.CRASHES, 1)
        .with(Budget.DROPS, 1)
        .with(Budget.DUPLICATES, 1)
        .withChanges(1, members == 2 ? new ConfChange[] {remove(1), remove(2)} : REMOVE_ANY);
  }

  // ---- A core that breaks a rule

  private static final Scenario TWO_TERMS = Scenario.ofVoters(3).with(Budget.CAMPAIGNS, 2);
  private static final Scenario TWO_TERMS_AND_A_CRASH = TWO_TERMS.with(Budget.CRASHES, 1);

  static Stream<Arguments> flaws() {
    return Stream.of(
        Arguments.of(TWO_TERMS.with(Flaw.VOTES_TWICE), "election safety"),
        Arguments.of(TWO_TERMS_AND_A_CRASH.with(Flaw.DOES_NOT_STORE_THE_VOTE), "election safety"),
        Arguments.of(TWO_TERMS_AND_A_CRASH.with(Flaw.DOES_NOT_STORE_THE_TERM), "election safety"),
        Arguments.of(
            TWO_TERMS.withPreVote().with(Flaw.COUNTS_PRE_VOTES_AS_VOTES), "election safety"),
        Arguments.of(TWO_TERMS.with(Flaw.VOTES_FOR_SHORTER_LOGS), "leader completeness"),
        Arguments.of(
            TWO_TERMS_AND_A_CRASH.with(Flaw.ACKNOWLEDGES_BEFORE_STORING), "leader completeness"),
        Arguments.of(
            TWO_TERMS_AND_A_CRASH.with(Flaw.LEADER_COUNTS_BEFORE_STORING), "leader completeness"),
        Arguments.of(
            TWO_TERMS.with(Budget.HEARTBEATS, 1).with(Flaw.HEARTBEAT_COMMITS_ALL),
            "the core gives up: log: commit is beyond the last entry"),
        Arguments.of(
            Scenario.ofVoters(3)
                .with(Budget.CAMPAIGNS, 3)
                .storingAtOnce()
                .applyingAtOnce()
                .with(Flaw.DOES_NOT_CHECK_THE_PREVIOUS_ENTRY),
            "log matching"),
        Arguments.of(
            Scenario.ofVoters(3)
                .with(Budget.CAMPAIGNS, 1)
                .with(Budget.PROPOSALS, 2)
                .with(Budget.DUPLICATES, 1)
                .applyingAtOnce()
                .with(Flaw.TRUNCATES_ON_EVERY_APPEND),
            "the core gives up"),
        Arguments.of(
            Scenario.ofVoters(3)
                .with(Budget.CAMPAIGNS, 2)
                .with(Budget.PROPOSALS, 1)
                .withChanges(2, remove(2), remove(3))
                .storingAtOnce()
                .applyingAtOnce()
                .withInFlightMax(2)
                .with(Flaw.TWO_CHANGES_AT_A_TIME),
            "leader completeness"));
  }

  static Stream<Arguments> deepFlaws() {
    return Stream.of(
        Arguments.of(
            Scenario.ofVoters(3)
                .with(Budget.CAMPAIGNS, 4)
                .withOneEntryPerMessage()
                .storingAtOnce()
                .applyingAtOnce()
                .with(Flaw.COMMITS_OLDER_TERMS_BY_COUNTING),
            "leader completeness"),
        Arguments.of(
            Scenario.ofVoters(3)
                .with(Budget.CAMPAIGNS, 2)
                .with(Budget.PROPOSALS, 1)
                .withChanges(2, remove(2), remove(3))
                .storingAtOnce()
                .withInFlightMax(2)
                .with(Flaw.CAMPAIGNS_WITH_AN_UNAPPLIED_CHANGE),
            // It applies its own removal as a candidate, and is elected.
            "the core gives up"),
        Arguments.of(
            Scenario.ofVoters(3)
                .with(Budget.CAMPAIGNS, 3)
                .with(Budget.PROPOSALS, 1)
                .withChanges(2, REMOVE_ANY)
                .storingAtOnce()
                .applyingAtOnce()
                .withInFlightMax(2)
                .with(Flaw.NEW_LEADER_FORGETS_THE_PENDING_CHANGE),
            "leader completeness"),
        Arguments.of(TWO_TERMS.with(Budget.READS, 1).withLeaseBasedReads(), "stale read"));
  }

  @ParameterizedTest
  @MethodSource("flaws")
  void aBrokenRuleIsFound(Scenario scenario, String promise) {
    assertFindsOnlyTheFlaw(scenario, promise);
  }

  @ParameterizedTest
  @MethodSource("deepFlaws")
  @Tag("slow")
  void aBrokenRuleIsFoundBehindMillionsOfStates(Scenario scenario, String promise) {
    assertFindsOnlyTheFlaw(scenario, promise);
  }

  private static void assertFindsOnlyTheFlaw(Scenario scenario, String promise) {
    Explorer.Result result = explored(scenario, Integer.MAX_VALUE);

    assertThat(result.broken()).startsWith(promise);
    if (scenario.flaw() != Flaw.NONE) {
      Scenario flawless = scenario.with(Flaw.NONE);
      assertKeepsThePromises(new Explorer(flawless).explore(result.clusters()));
    }
  }

  private static Explorer.Result explored(Scenario scenario, int statesMax) {
    Explorer.Result result = new Explorer(scenario).explore(statesMax);
    System.out.println(result.summary());
    return result;
  }

  private static ConfChange remove(long member) {
    return change(OperationType.REMOVE, member);
  }

  private static ConfChange add(long member) {
    return change(OperationType.ADD_VOTER, member);
  }

  private static ConfChange change(OperationType type, long member) {
    return ConfChange.of(type, member);
  }
}
