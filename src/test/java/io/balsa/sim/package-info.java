/**
 * A deterministic simulator of the shipped engine. Whole members ({@link io.balsa.engine}, {@code
 * raft}, {@code mvcc}, {@code storage} and the peer codec, not models of them) run in one thread
 * over a simulated network, simulated disks and clocks, in one order that follows from a seed. A
 * seed gives the same run, event for event, on every JVM; its digest proves it.
 *
 * <p>First faults happen as a plan drawn from the seed says ({@link io.balsa.sim.Fault}): messages
 * are lost, late, out of order, doubled, or reach a later incarnation; members are cut off, one
 * way, in halves or but for a bridge; processes are killed, frozen for seconds, and lose power at
 * any call of the file system, so that of what was not synced each sector survives or does not;
 * syncs and reads fail, and failed syncs drop their pages; disks are slow, stall, fill up and rot;
 * clocks run at other rates, wall clocks jump; leaders hand over, members come and go, damaged ones
 * are replaced. Meanwhile clients read, write, compare and set, delete, write once, compact, watch
 * and hold leases. Then the faults stop, and all must be well again in bounded time.
 *
 * <h2>What is judged</h2>
 *
 * <table border="1">
 * <caption>Guarantees, and who holds them</caption>
 * <tr><th>guarantee</th><th>judge, after every event</th><th>other tests</th></tr>
 * <tr><td>one leader a term; logs match; a leader has all that is committed</td>
 * <td>{@link io.balsa.sim.Elections}</td>
 * <td>{@code raft.explore.ExplorerTest}, {@code raft.paper}</td></tr>
 * <tr><td>all members find the same entries committed, and have the same state and configuration
 * at each index</td><td>{@link io.balsa.sim.Oracle}</td><td>{@code engine.EngineTest}</td></tr>
 * <tr><td>what a disk said to be stored is there after each start</td>
 * <td>{@link io.balsa.sim.Promises}</td>
 * <td>{@code storage.CrashTest}, {@code cluster.DurabilityOrderTest}</td></tr>
 * <tr><td>no acknowledged write is lost, none takes effect twice, none that was refused takes
 * effect at all</td><td>{@link io.balsa.sim.KeyClient}, {@link io.balsa.sim.Oracle}</td>
 * <td>{@code cluster.ChaosTest}, {@code cluster.ZoneinfoLoadTest}</td></tr>
 * <tr><td>reads and writes are linearizable, over all keys by revision, and once more for each key
 * by a search for an order</td>
 * <td>{@link io.balsa.sim.KeyClient}, {@link io.balsa.history.Linearizability}</td>
 * <td>{@code cluster.ChaosTest}</td></tr>
 * <tr><td>a write with a name is applied once, and answered the same each time</td>
 * <td>{@link io.balsa.sim.KeyClient}</td><td>{@code cluster.SessionCounterTest}</td></tr>
 * <tr><td>a watch is told every change once and in order, whatever member it goes on at</td>
 * <td>{@link io.balsa.sim.WatchClient}</td><td>{@code cluster.ChaosTest}</td></tr>
 * <tr><td>a lease does not end early, but for the rate of the fastest clock</td>
 * <td>{@link io.balsa.sim.Oracle}</td><td>{@code cluster.LockTest}</td></tr>
 * <tr><td>a member stops by itself, or takes its disk for damaged, only if its disk was at
 * fault</td><td>{@link io.balsa.sim.SimMember}</td><td>{@code engine.RotTest}</td></tr>
 * <tr><td>when faults stop: one leader, equal members that answer, watches that have all</td>
 * <td>{@link io.balsa.sim.Simulation}, {@link io.balsa.sim.Probe}</td>
 * <td>{@code cluster.ChaosTest}</td></tr>
 * </table>
 *
 * <p>That it finds what it looks for is shown by {@link io.balsa.sim.Flaw}s, mistakes that other
 * systems have made, each found within a budget of seeds ({@link io.balsa.sim.FlawTest}). Two that
 * were tried it did not find in 1,900 seeds each: a leader that commits entries of older terms by
 * counting (Raft paper figure 8), which {@code raft.explore.ExplorerTest} finds, and answers of
 * earlier terms that count ({@code raft.paper.TermTest}).
 *
 * <h2>What it found</h2>
 *
 * <table border="1">
 * <caption>Defects of the shipped code; a change of the simulator changes what a seed does</caption>
 * <tr><th>seed</th><th>defect</th><th>repaired in</th></tr>
 * <tr><td>2 (simulator of 760e394)</td><td>a sync failed, the process ended and was started again: it read the log back
 * from the memory of the machine, took it for durable and acknowledged it; a later loss of power
 * took it away</td><td>{@code storage.wal.Wal}: what no later record vouches for is written
 * again</td></tr>
 * <tr><td>20086 (simulator of 54117bc)</td><td>a member whose log ended before its leader was added did not know where the
 * leader is, could not answer it, and was never caught up</td>
 * <td>{@code verticle.peer.PeerTransport}: who dials is answered</td></tr>
 * <tr><td>500065 (simulator of 46200c8)</td><td>a process ended between giving a new segment its name and
 * making the name durable; the next one wrote to it, and a loss of power took it away whole</td>
 * <td>{@code storage.DataDir}: names are synced at a start</td></tr>
 * <tr><td>22, looking for FAILED_SYNC_IS_TRIED_AGAIN (an early simulator)</td><td>a forwarded proposal that came twice was
 * refused once and taken once: a client was told "refused" of a write that took effect</td>
 * <td>{@code engine.RaftLoop}: it is judged once</td></tr>
 * <tr><td>14257681072265 (simulator of 607f82b)</td><td>the same, when the leader had taken the first copy
 * and refused the second after it had stepped down: the sender sent it once more, and the write took
 * effect twice</td><td>{@code engine.RaftLoop}: who does not lead does not refuse</td></tr>
 * <tr><td>39 (simulator of 760e394)</td><td>an identity file with a damaged last line ended the start with an exception
 * that says nothing</td><td>{@code storage.Identity}</td></tr>
 * </table>
 *
 * <h2>How to run it</h2>
 *
 * <p>{@code mvn test -Dtest=SimulationTest} tries fresh seeds for two minutes on all processors,
 * {@code -Dsim.minutes=M} for longer, {@code -Dsim.seed=N} repeats one. A failure prints its seed
 * and the few faults that suffice for it. {@code mvn test -Dtest=FlawTest -DexcludedGroups=} looks
 * for all flaws, also those that lie deep. Read {@link io.balsa.sim.Simulation} first.
 *
 * <p>Not simulated: the verticles, sockets and the client APIs round the engine.
 */
package io.balsa.sim;
