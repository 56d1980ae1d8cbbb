package io.balsa.engine.entry;

/**
 * A process asks to be a member.
 *
 * @param clusterId that it wants to enter
 * @param memberId that it wants to be
 * @param name of that member, for people
 * @param nonce of the process
 */
public record EntryRequest(long clusterId, long memberId, String name, long nonce) {}
