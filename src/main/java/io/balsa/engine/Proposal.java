package io.balsa.engine;

import io.balsa.raft.message.Entry;

/**
 * An entry to be appended, under the number by which its replica knows it.
 *
 * @param number unique for this run of the member
 */
public record Proposal(long number, Entry entry) {}
