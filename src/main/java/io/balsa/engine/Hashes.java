package io.balsa.engine;

import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.mvcc.Store;
import io.balsa.mvcc.StoreHash;
import java.util.ArrayDeque;
import java.util.Deque;

/** The hashes that were asked for and are not finished: one after the other, a step at a time. */
final class Hashes {
  private static final int WAITING_MAX = 16;
  private static final int STEP_VERSIONS = 2_000;

  private record Waiting(Caller caller, StoreHash hash) {}

  private final AnswerBatches answers;
  private final Deque<Waiting> waiting = new ArrayDeque<>();

  Hashes(AnswerBatches answers) {
    this.answers = answers;
  }

  /** Begins a hash of the store as it is now; 0 stands for its present revision. */
  void begin(Caller caller, Store store, long revision) {
    if (waiting.size() >= WAITING_MAX) {
      answers.answer(
          caller, Replies.refused(Refusal.TOO_MANY_REQUESTS, WAITING_MAX + " hashes are waiting"));
    } else if (revision > 0 && revision <= store.compactRevision()) {
      answers.answer(
          caller,
          Replies.refused(
              Refusal.COMPACTED,
              "revision %d is compacted: compacted to %d"
                  .formatted(revision, store.compactRevision())));
    } else if (revision > store.revision()) {
      answers.answer(
          caller,
          Replies.refused(
              Refusal.FUTURE_REVISION,
              "revision %d is in the future: newest is %d".formatted(revision, store.revision())));
    } else {
      waiting.add(new Waiting(caller, store.hash(revision <= 0 ? store.revision() : revision)));
    }
  }

  boolean hasWork() {
    return !waiting.isEmpty();
  }

  /** Does a step of the first one. */
  void step() {
    Waiting first = waiting.peek();
    if (first != null && !first.hash().step(STEP_VERSIONS)) {
      waiting.remove();
      StoreHash hash = first.hash();
      answers.answer(
          first.caller(), new Reply.Hash(hash.revision(), hash.compactRevision(), hash.value()));
    }
  }

  /** Gives all up, and tells who waits. */
  void endAll(Reply refusal) {
    for (Waiting each : waiting) {
      each.hash().close();
      answers.answer(each.caller(), refusal);
    }
    waiting.clear();
  }
}
