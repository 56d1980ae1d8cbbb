/** What the core costs. */
package io.balsa.raft.bench;
