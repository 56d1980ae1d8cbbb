/**
 * The rules of the Raft paper (extended version) and of the Raft thesis, one test each, with the
 * section that states it.
 */
package io.balsa.raft.paper;
