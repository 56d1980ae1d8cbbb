package io.balsa.engine;

import static io.balsa.engine.SoloReplica.CLIENT;
import static io.balsa.engine.SoloReplica.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Call;
import io.balsa.engine.request.Request;
import io.balsa.engine.request.WatchEvent;
import io.balsa.mvcc.command.Change;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.KeyValue;
import io.balsa.mvcc.command.Op;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A watch hears of each revision once and in order, or is told from where to resume. */
class ReplicaWatchesTest {
  private static final long PLENTY = 1 << 20;
  private final SoloReplica solo = new SoloReplica();

  @BeforeEach
  void lead() {
    solo.leader(1, 1);
  }

  private static Request.WatchOpen open(long watch, long startRevision, long creditBytes) {
    return new Request.WatchOpen(
        watch, KeyRange.of(Bytes.utf8("a")), startRevision, false, creditBytes);
  }

  private void put(int times) {
    for (int i = 0; i < times; i++) {
      solo.call(write("a", "1"));
    }
  }

  private List<Long> changedRevisions() {
    return solo.takeEvents(WatchEvent.Changed.class).stream()
        .map(WatchEvent.Changed::revision)
        .toList();
  }

  @Test
  void aWatchTellsAtOnceWhereItStandsAndThenEachRevision() {
    put(1);
    solo.ask(open(1, 0, PLENTY));
    assertThat(solo.events).containsExactly(new WatchEvent.Progress(1, 2, true));
    solo.events.clear();

    put(1);
    solo.call(
        new Request.Write(
            new Op.Txn(
                List.of(),
                List.of(SoloReplica.put("b", "1"), SoloReplica.put("a", "2")),
                List.of())));
    solo.call(new Request.Write(new Op.DeleteRange(KeyRange.of(Bytes.utf8("a")), false)));

    assertThat(solo.events).hasSize(3);
    WatchEvent.Changed second = (WatchEvent.Changed) solo.events.get(1);
    assertThat(second.revision()).isEqualTo(4);
    assertThat(second.changes())
        .containsExactly(
            new Change(false, new KeyValue(Bytes.utf8("a"), Bytes.utf8("2"), 2, 4, 3, 0), null));
    WatchEvent.Changed third = (WatchEvent.Changed) solo.events.get(2);
    assertThat(third.changes()).singleElement().matches(Change::deletion);
  }

  @Test
  void whatWasWrittenAndItsAnswerComeInOneMessage() {
    solo.ask(open(1, 0, PLENTY));
    solo.sent.clear();
    put(1);
    assertThat(solo.sent).hasSize(1);
    assertThat(solo.sent.get(0).answers()).hasSize(1);
    assertThat(solo.sent.get(0).events()).hasSize(1);
  }

  @Test
  void aWatchFromThePastIsNotCompleteUntilItHasCaughtUp() {
    put(5);
    solo.ask(open(1, 3, PLENTY));
    assertThat(solo.events.get(0)).isEqualTo(new WatchEvent.Progress(1, 6, false));
    assertThat(changedRevisions()).containsExactly(3L, 4L, 5L, 6L);

    solo.takeEvents(WatchEvent.Progress.class);
    solo.ticks(100);
    assertThat(solo.events).containsExactly(new WatchEvent.Progress(1, 6, true));
  }

  @Test
  void aWatchFromTheFutureIsNotTakenForCompleteBeforeItBegins() {
    put(1);
    solo.ask(open(1, 5, PLENTY));
    assertThat(solo.events).containsExactly(new WatchEvent.Progress(1, 2, false));
    put(4);
    assertThat(changedRevisions()).containsExactly(5L, 6L);
  }

  @Test
  void whoAsksHowFarAWatchIsHearsItBehindTheChanges() {
    put(3);
    solo.ask(open(1, 2, 1)); // Credit for one change.
    solo.events.clear();

    solo.ask(new Request.WatchProgress(1));
    assertThat(solo.takeEvents(WatchEvent.Progress.class)).isEmpty();

    solo.ask(new Request.WatchCredit(1, PLENTY));
    assertThat(solo.events).hasSize(3);
    assertThat(solo.events.get(1)).isInstanceOf(WatchEvent.Changed.class);
    assertThat(solo.events.get(2)).isEqualTo(new WatchEvent.Progress(1, 4, true));
    solo.events.clear();
    put(1);
    assertThat(solo.takeEvents(WatchEvent.Progress.class)).isEmpty(); // Told once.
  }

  @Test
  void progressIsToldRegularlyAndOnlyBehindTheChanges() {
    solo.ask(open(1, 0, PLENTY));
    solo.ticks(99);
    solo.events.clear();
    solo.nowMillis += 100;
    solo.ask(write("a", "1"));
    List<Proposal> proposals = solo.proposed();
    solo.replica.handle(
        new ReplicaInput.Committed(
            SoloReplica.batch(
                new Entry(1, ++solo.index, EntryType.NORMAL, proposals.get(0).entry().data()))),
        solo.nowMillis * 1_000_000);
    solo.give(new ReplicaInput.Tick());

    assertThat(solo.events).hasSize(2);
    assertThat(solo.events.get(0)).isInstanceOf(WatchEvent.Changed.class);
    assertThat(solo.events.get(1)).isEqualTo(new WatchEvent.Progress(1, 2, true));
  }

  @Test
  void creditBoundsWhatIsSent() {
    solo.ask(open(1, 0, 100));
    put(5);
    assertThat(changedRevisions()).containsExactly(2L, 3L);

    solo.ask(new Request.WatchCredit(1, PLENTY));
    assertThat(changedRevisions()).containsExactly(4L, 5L, 6L);
  }

  @Test
  void aWatchWhoseClientTakesNothingIsCutOffWithThePlaceToResume() {
    solo.ask(open(1, 0, 100));
    put(5);
    solo.ticks(40);
    assertThat(solo.takeEvents(WatchEvent.Slow.class)).isEmpty();
    solo.ticks(20);

    assertThat(solo.takeEvents(WatchEvent.Slow.class)).containsExactly(new WatchEvent.Slow(1, 4));
    assertThat(solo.status().counters().watchesCutOff()).isEqualTo(1);
    assertThat(solo.status().counters().watches()).isZero();
    solo.ask(new Request.WatchCredit(1, PLENTY));
    assertThat(changedRevisions()).containsExactly(2L, 3L);
  }

  @Test
  void aWatchWhoseClientTakesSlowlyIsNotCutOff() {
    solo.ask(open(1, 0, 1));
    put(20);
    for (int i = 0; i < 10; i++) {
      solo.ticks(30);
      solo.ask(new Request.WatchCredit(1, 66));
    }
    assertThat(solo.takeEvents(WatchEvent.Slow.class)).isEmpty();
    assertThat(changedRevisions())
        .containsExactlyElementsOf(LongStream.rangeClosed(2, 12).boxed().toList());
  }

  @Test
  void aWatchOfWhatIsCompactedEndsAndSaysSo() {
    put(5);
    solo.call(new Request.Compact(5));
    solo.ask(open(1, 3, PLENTY));
    assertThat(solo.takeEvents(WatchEvent.Compacted.class))
        .containsExactly(new WatchEvent.Compacted(1, 5));
    assertThat(solo.status().counters().watches()).isZero();
  }

  @Test
  void aClosedWatchIsSilentAndGoneClientsAreForgotten() {
    solo.ask(open(1, 0, PLENTY));
    solo.ask(open(2, 0, PLENTY));
    solo.give(new ReplicaInput.Calls("other", List.of(new Call(900, 0, open(1, 0, PLENTY)))));
    solo.events.clear();

    solo.ask(new Request.WatchClose(1));
    put(1);
    assertThat(solo.events).extracting(WatchEvent::watch).containsExactly(2L, 1L);

    solo.give(new ReplicaInput.ClientGone("other"));
    assertThat(solo.status().counters().watches()).isEqualTo(1);
    solo.give(new ReplicaInput.ClientGone(CLIENT));
    solo.events.clear();
    put(1);
    solo.ticks(200);
    assertThat(solo.events).isEmpty();
  }

  @Test
  void aNumberThatIsTakenEndsBothWatches() {
    solo.ask(open(1, 0, PLENTY));
    solo.ask(open(1, 0, PLENTY));
    assertThat(solo.takeEvents(WatchEvent.Ended.class)).hasSize(1);
    put(1);
    assertThat(changedRevisions()).isEmpty();
    assertThat(solo.status().counters().watches()).isZero();
  }

  @Test
  void badWatchesAndTooManyAreRefused() {
    SoloReplica.Settings settings = new SoloReplica.Settings();
    settings.watchesMax = 1;
    SoloReplica solo = settings.start();
    solo.ask(open(1, -1, PLENTY));
    solo.ask(open(2, 0, PLENTY));
    solo.ask(open(3, 0, PLENTY));

    assertThat(solo.takeEvents(WatchEvent.Ended.class))
        .extracting(WatchEvent.Ended::watch)
        .containsExactly(1L, 3L);
  }

  @Test
  void stoppingEndsAllWatchesAndTakesNoMore() {
    solo.ask(open(1, 0, PLENTY));
    solo.give(new ReplicaInput.Stop());
    solo.ask(open(2, 0, PLENTY));
    assertThat(solo.takeEvents(WatchEvent.Ended.class))
        .extracting(WatchEvent.Ended::watch)
        .containsExactly(1L, 2L);
  }

  @Test
  void muchToDeliverIsDoneInSeveralTurns() {
    String value = "x".repeat(100_000);
    for (int i = 0; i < 40; i++) {
      solo.call(write("a", value));
    }
    solo.ask(open(1, 1, 1 << 30));
    List<Long> all = new ArrayList<>(changedRevisions());
    assertThat(all).hasSizeBetween(1, 20);
    assertThat(solo.replica.hasMoreWork()).isTrue();
    while (solo.replica.hasMoreWork()) {
      solo.replica.flush();
      all.addAll(changedRevisions());
    }
    assertThat(all).containsExactlyElementsOf(LongStream.rangeClosed(2, 41).boxed().toList());
  }
}
