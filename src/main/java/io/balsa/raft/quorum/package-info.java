/** What a majority decides, and what two overlapping majorities decide (Raft paper §6). Pure. */
package io.balsa.raft.quorum;
