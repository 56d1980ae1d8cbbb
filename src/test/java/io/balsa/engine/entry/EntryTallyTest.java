package io.balsa.engine.entry;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.engine.entry.EntryAnswer.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntryTallyTest {
  @Test
  void aFounderNeedsAllOthers() {
    EntryTally tally = EntryTally.ofFounder(List.of(2L, 3L));
    assertThat(tally.isEnough()).isFalse();

    tally.take(answer(3, Verdict.GRANTED));
    tally.take(answer(3, Verdict.GRANTED));
    tally.take(answer(9, Verdict.GRANTED)); // Nobody's voice that counts.
    tally.take(answer(2, Verdict.LATER));
    assertThat(tally.isEnough()).isFalse();
    assertThat(tally.missing()).containsExactly(2L);

    tally.take(answer(2, Verdict.GRANTED));
    assertThat(tally.isEnough()).isTrue();
  }

  @Test
  void aFounderAloneNeedsNobody() {
    assertThat(EntryTally.ofFounder(List.of()).isEnough()).isTrue();
  }

  @Test
  void aJoinerNeedsMostOfTheMembers() {
    for (int members = 1; members <= 7; members++) {
      EntryTally tally =
          EntryTally.ofJoiner(List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L).subList(0, members));
      int needed = 0;
      while (!tally.isEnough()) {
        tally.take(answer(++needed, Verdict.GRANTED));
      }
      // Two sets of so many have one in common.
      assertThat(2 * needed).isGreaterThan(members);
      assertThat(2 * (needed - 1)).isLessThanOrEqualTo(members);
    }
  }

  @Test
  void oneRefusalIsTheEndWhoeverItIsFrom() {
    EntryTally tally = EntryTally.ofFounder(List.of(2L));
    tally.take(new EntryAnswer(9, Verdict.REFUSED, "because"));
    tally.take(answer(2, Verdict.GRANTED));
    tally.take(answer(2, Verdict.REMOVED));

    assertThat(tally.isEnough()).isFalse();
    assertThat(tally.refusal()).contains("because");
    assertThat(tally.isRemoved()).isFalse();
  }

  @Test
  void whoWasRemovedIsNoFounderAnyMore() {
    EntryTally tally = EntryTally.ofFounder(List.of(2L));
    tally.take(answer(2, Verdict.REMOVED));

    assertThat(tally.isRemoved()).isTrue();
    assertThat(tally.isEnough()).isFalse();
    assertThat(tally.refusal()).isEmpty();
  }

  private static EntryAnswer answer(long from, Verdict verdict) {
    return new EntryAnswer(from, verdict, "");
  }
}
