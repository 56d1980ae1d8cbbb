package io.balsa.raft;

/**
 * What need not be stored.
 *
 * @param leader 0 for none known
 */
public record SoftState(long leader, RoleName role) {}
