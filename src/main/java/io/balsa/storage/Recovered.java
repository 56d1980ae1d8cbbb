package io.balsa.storage;

import io.balsa.raft.message.Entry;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Snapshot;
import io.balsa.storage.wal.TornTail;
import java.util.List;
import java.util.Optional;

/**
 * What a member starts from.
 *
 * @param snapshot the state to begin with, {@link Snapshot#EMPTY} for none; its content is {@link
 *     MemberStore#readSnapshot}
 * @param entries the log after it, without a hole
 * @param report what had to be put right
 */
public record Recovered(
    HardState hardState, Snapshot snapshot, List<Entry> entries, Report report) {
  public Recovered {
    entries = List.copyOf(entries);
  }

  /**
   * What a crash or a bad disk left, and what was done about it.
   *
   * @param tornTail cut off the log
   * @param quarantined one message for each damage that does no harm: a snapshot that was set
   *     aside, a part of the log that a snapshot stands for
   * @param deleted the names of files that interrupted writings left behind
   */
  public record Report(
      Optional<TornTail> tornTail, List<String> quarantined, List<String> deleted) {
    public Report {
      quarantined = List.copyOf(quarantined);
      deleted = List.copyOf(deleted);
    }
  }
}
