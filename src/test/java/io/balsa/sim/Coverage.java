package io.balsa.sim;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** What has been reached: rare states, and faults by kind. */
final class Coverage {
  private final Map<Rare, Long> states = new EnumMap<>(Rare.class);
  private final Map<String, Long> faults = new TreeMap<>();
  long messages;
  long messagesLost;
  long writesAcknowledged;
  long readsServed;
  long refusals;
  long watchEvents;

  void count(Rare state) {
    states.merge(state, 1L, Long::sum);
  }

  void fault(String kind) {
    faults.merge(kind, 1L, Long::sum);
  }

  long of(Rare state) {
    return states.getOrDefault(state, 0L);
  }

  Map<String, Long> faults() {
    return faults;
  }

  void add(Coverage other) {
    other.states.forEach((state, count) -> states.merge(state, count, Long::sum));
    other.faults.forEach((kind, count) -> faults.merge(kind, count, Long::sum));
    messages += other.messages;
    messagesLost += other.messagesLost;
    writesAcknowledged += other.writesAcknowledged;
    readsServed += other.readsServed;
    refusals += other.refusals;
    watchEvents += other.watchEvents;
  }
}
