package io.balsa.raft;

import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.HardState;
import io.balsa.raft.tracker.Progress;
import java.util.SortedMap;

/**
 * The state of the core at one moment.
 *
 * @param transferee the member that leadership is being handed to, 0 for none
 * @param progress copies by member, on the leader only
 */
public record Status(
    long id,
    HardState hardState,
    SoftState softState,
    long applied,
    long transferee,
    ConfState confState,
    SortedMap<Long, Progress> progress) {}
