package io.balsa.engine.request;

import java.util.List;

/** Everything the replica has for one caller after one of its turns. */
public record Answers(List<Answer> answers, List<WatchEvent> events) {
  public Answers {
    answers = List.copyOf(answers);
    events = List.copyOf(events);
  }

  /** The reply to the call of this number. */
  public record Answer(long number, Reply reply) {}
}
