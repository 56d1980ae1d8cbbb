package io.balsa.engine;

import io.balsa.engine.request.Answers;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.WatchEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gathers what clients are told in one turn: one message for each address. */
final class AnswerBatches {
  private record Batch(List<Answers.Answer> answers, List<WatchEvent> events) {}

  private final Map<String, Batch> batches = new LinkedHashMap<>();

  void answer(Caller caller, Reply reply) {
    batch(caller.address()).answers().add(new Answers.Answer(caller.number(), reply));
  }

  void event(String address, WatchEvent event) {
    batch(address).events().add(event);
  }

  private Batch batch(String address) {
    Batch batch = batches.get(address);
    if (batch == null) {
      batch = new Batch(new ArrayList<>(), new ArrayList<>());
      batches.put(address, batch);
    }
    return batch;
  }

  void send(Answers.Header header, Outbox out) {
    if (!batches.isEmpty()) {
      batches.forEach(
          (address, batch) ->
              out.toClient(address, new Answers(header, batch.answers(), batch.events())));
      batches.clear();
    }
  }

  /** Nobody is at this address any more. */
  void forget(String address) {
    batches.remove(address);
  }
}
