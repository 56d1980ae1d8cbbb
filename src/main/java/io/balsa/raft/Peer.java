package io.balsa.raft;

import io.balsa.data.Bytes;

/**
 * A founder of a cluster: see {@link RawNode#bootstrap}.
 *
 * @param context bytes of the application that its configuration change carries
 */
public record Peer(long member, Bytes context) {}
