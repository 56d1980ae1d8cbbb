package io.balsa.storage;

import io.balsa.data.Bytes;
import io.balsa.raft.message.Snapshot;

/**
 * A part of a snapshot's content.
 *
 * @param snapshot with the configuration, as the file has it
 * @param offset where the part begins in the content
 * @param end whether this is the last part
 */
public record SnapshotPart(Snapshot snapshot, long offset, Bytes data, boolean end) {}
