package io.balsa.raft;

/**
 * What need not be stored.
 *
 * @param leader 0 if none is known
 */
public record SoftState(long leader, Role role) {}
