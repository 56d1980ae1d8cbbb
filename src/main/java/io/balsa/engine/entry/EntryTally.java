package io.balsa.engine.entry;

import io.balsa.engine.entry.EntryAnswer.Verdict;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Counts what one process was answered. Grants stay: who gave one keeps to it.
 *
 * <p>Two processes that want the same id never both have enough, because any two sets of voices
 * that are enough have one in common.
 */
public final class EntryTally {
  private final TreeSet<Long> asked;
  private final int enough;
  private final TreeSet<Long> granted = new TreeSet<>(Long::compareUnsigned);
  private Optional<EntryAnswer> end = Optional.empty();

  private EntryTally(Collection<Long> asked, int enough) {
    this.asked = new TreeSet<>(Long::compareUnsigned);
    this.asked.addAll(asked);
    this.enough = enough;
  }

  /** For one who founds: all others must agree. */
  public static EntryTally ofFounder(Collection<Long> otherFounders) {
    return new EntryTally(otherFounders, otherFounders.size());
  }

  /** For one who joins: most of the members must agree. */
  public static EntryTally ofJoiner(Collection<Long> otherMembers) {
    return new EntryTally(otherMembers, otherMembers.size() / 2 + 1);
  }

  /**
   * Takes an answer. A refusal counts whoever it is from, also from a process under the own name; a
   * grant only from those that are asked for theirs.
   */
  public void take(EntryAnswer answer) {
    switch (answer.verdict()) {
      case GRANTED -> {
        if (asked.contains(answer.from())) {
          granted.add(answer.from());
        }
      }
      case REFUSED, REMOVED -> {
        if (end.isEmpty()) {
          end = Optional.of(answer);
        }
      }
      case LATER -> {}
    }
  }

  /** Whether the process may enter. */
  public boolean isEnough() {
    return end.isEmpty() && granted.size() >= enough;
  }

  /** Why the process must not enter for good, if so. */
  public Optional<String> refusal() {
    return end.filter(answer -> answer.verdict() == Verdict.REFUSED).map(EntryAnswer::reason);
  }

  /** Whether the log has removed the id: the process may join under another. */
  public boolean isRemoved() {
    return end.filter(answer -> answer.verdict() == Verdict.REMOVED).isPresent();
  }

  /** Whose grants have not come. */
  public List<Long> missing() {
    return asked.stream().filter(id -> !granted.contains(id)).toList();
  }
}
