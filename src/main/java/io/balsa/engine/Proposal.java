package io.balsa.engine;

import io.balsa.raft.message.Entry;

/**
 * An entry to be appended, under the number by which its replica knows it.
 *
 * @param number larger than that of every proposal this member made before, in any run
 */
public record Proposal(long number, Entry entry) {}
