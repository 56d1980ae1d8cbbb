package io.balsa.storage.wal;

import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.FileSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a log looks like, read without changing or locking anything.
 *
 * @param segments up to where reading stopped
 * @param firstIndex the entries from here to {@code last} are there
 * @param marks the newest snapshots that have a mark, ascending
 */
public record LogReport(
    List<SegmentInfo> segments,
    Optional<LogOwner> owner,
    HardState hardState,
    long firstIndex,
    EntryId last,
    List<EntryId> marks,
    Optional<TornTail> tornTail,
    Optional<DamagedException> damage) {

  /** Reads the log in {@code directory}. A writer at work may make it look torn or damaged. */
  public static LogReport read(FileSystem files, Path directory) throws IOException {
    LogReplay replay = new LogReplay(EntryId.ZERO, false);
    WalReader.Contents contents = WalReader.read(files, directory, 0, replay);
    return new LogReport(
        contents.segments(),
        contents.owner(),
        replay.hardState(),
        replay.firstIndex(),
        replay.last(),
        replay.marks(),
        contents.tornTail(),
        contents.damage());
  }
}
