package io.balsa.storage.wal;

import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import io.balsa.storage.file.DamagedException;
import java.util.List;
import java.util.Optional;

/**
 * What a log held when it was opened.
 *
 * @param firstIndex the entries from here on are without a hole; one more than the last entry when
 *     there are none
 * @param entries ascending from {@code firstIndex} or later
 * @param last the last entry, or what the last snapshot that replaced the log stands for
 * @param marks the newest snapshots that have a mark, ascending
 * @param tornTail what was cut off
 * @param spared damage in segments that were left out, because a snapshot stands for all in them
 */
public record WalRecovery(
    HardState hardState,
    long firstIndex,
    List<Entry> entries,
    EntryId last,
    List<EntryId> marks,
    Optional<TornTail> tornTail,
    Optional<DamagedException> spared) {}
