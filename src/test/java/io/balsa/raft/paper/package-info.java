/**
 * The rules of the Raft paper (extended version) and of the Raft thesis, one test each. The Javadoc
 * of a test cites the section and states the rule; the name says what the core does.
 *
 * <p>All tests drive the public contract of {@link io.balsa.raft.RawNode}, by {@link
 * io.balsa.raft.Core} (one member), {@link io.balsa.raft.Group} (several) or {@code SlowDisk}
 * (asynchronous storage writes).
 *
 * <table>
 *   <caption>Chapters and their tests</caption>
 *   <tr><th>Paper</th><th>Thesis</th><th>Rules</th><th>Tests</th></tr>
 *   <tr><td>§5.1</td><td>§3.3</td><td>terms</td><td>{@code TermTest}</td></tr>
 *   <tr><td>§5.2</td><td>§3.4</td><td>leader election</td><td>{@code ElectionTest}</td></tr>
 *   <tr><td>§5.3</td><td>§3.5</td><td>log replication</td><td>{@code ReplicationTest}</td></tr>
 *   <tr><td>§5.4, figure 8</td><td>§3.6</td><td>safety</td><td>{@code SafetyTest}</td></tr>
 *   <tr><td>§5.5, figure 2</td><td>§3.7, §3.8</td><td>crashes, what is stored</td>
 *       <td>{@code RestartTest}</td></tr>
 *   <tr><td>§5.6</td><td>§3.9</td><td>timing</td><td>{@code TimingTest}</td></tr>
 *   <tr><td></td><td>§3.10</td><td>leadership transfer</td><td>{@code TransferTest}</td></tr>
 *   <tr><td></td><td>§4.1, §4.2.1, §4.2.2</td>
 *       <td>one server at a time, learners, the leader that removes itself</td>
 *       <td>{@code MembershipTest}</td></tr>
 *   <tr><td>§6, end</td><td>§4.2.3, §6.2</td>
 *       <td>disruptive servers, leaders without a quorum</td><td>{@code DisruptionTest}</td></tr>
 *   <tr><td>§6</td><td>§4.3</td><td>joint consensus</td>
 *       <td>{@code JointConsensusTest}</td></tr>
 *   <tr><td>§7</td><td>§5</td><td>log compaction, snapshots</td>
 *       <td>{@code SnapshotTest}</td></tr>
 *   <tr><td>§8</td><td>§6.3, §6.4, §6.4.1</td><td>clients, reads, leases</td>
 *       <td>{@code ReadTest}</td></tr>
 *   <tr><td></td><td>§9.6</td><td>PreVote</td><td>{@code PreVoteTest}</td></tr>
 *   <tr><td></td><td>§10.2.1, §10.2.2</td><td>disk write in parallel, batches, pipelines</td>
 *       <td>{@code ParallelDiskWriteTest}</td></tr>
 * </table>
 */
package io.balsa.raft.paper;
