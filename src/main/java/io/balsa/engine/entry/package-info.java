/**
 * How a process with an empty data directory becomes a member, where nobody has a list of
 * addresses: of all processes that want to be the same member, at most one may.
 *
 * <p>A process draws a number, its nonce, at its first start and keeps it. It asks other members,
 * or those who wait to be members, and each grants an id to the first nonce that asks for it, for
 * good: {@link io.balsa.engine.entry.EntryGrants}. The process enters when enough have granted: all
 * other founders for one that founds, a majority of the members for one that joins, so that two
 * processes never both have enough: {@link io.balsa.engine.entry.EntryTally}. Granting does not
 * depend on having been granted, so nobody waits for somebody who waits for him. One refusal is the
 * end of whoever gets it.
 *
 * <p>Pure but for the file that keeps the promises; start with {@link
 * io.balsa.engine.entry.EntryGrants}.
 */
package io.balsa.engine.entry;
