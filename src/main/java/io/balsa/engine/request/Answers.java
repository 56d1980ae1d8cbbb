package io.balsa.engine.request;

import java.util.List;

/**
 * Everything the replica has for one caller after one of its turns.
 *
 * @param header of the turn
 */
public record Answers(Header header, List<Answer> answers, List<WatchEvent> events) {
  public Answers {
    answers = List.copyOf(answers);
    events = List.copyOf(events);
  }

  /**
   * Who answers, and what it knew then.
   *
   * @param revision of the store
   * @param term of the member
   */
  public record Header(long clusterId, long memberId, long revision, long term) {}

  /** The reply to the call of this number. */
  public record Answer(long number, Reply reply) {}
}
