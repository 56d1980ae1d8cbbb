package io.balsa.mvcc.command;

import io.balsa.data.Bytes;

/**
 * A key with its value at a revision.
 *
 * @param createRevision the revision that began the key's present life
 * @param modRevision the revision that wrote this value
 * @param version 1 at creation, one more with each put; deletion ends the life
 * @param lease the lease the key is attached to, 0 for none
 */
public record KeyValue(
    Bytes key, Bytes value, long createRevision, long modRevision, long version, long lease) {}
