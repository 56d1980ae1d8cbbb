/**
 * A model checker for the real core. It runs {@link io.balsa.raft.RawNode} itself, not a model of
 * it, through every order of events that a scenario allows, and checks in each state what the Raft
 * paper promises (figure 3): election safety, log matching, leader completeness and state machine
 * safety, and beside them that linearizable reads are not stale and that the core never finds its
 * own invariants broken.
 *
 * <p>Events: any message on its way is delivered, delivered and kept for a second time, or dropped,
 * in any order; a member campaigns, sends heartbeats, ticks, crashes and starts again from what is
 * durable, stores the next batch, applies the next batch, takes a proposal, a configuration change
 * or a read, compacts its log. A {@link io.balsa.raft.explore.Scenario} says how often each of them
 * may happen; storing, applying and delivering are not limited. A message that nobody delivers is
 * as good as lost, so losses are covered beyond the limit of drops.
 *
 * <p>How it gets through millions of states: a member is deterministic, and what happens to it
 * depends on it and the event alone. So {@link io.balsa.raft.explore.Members} runs the core once
 * for each pair of member state and event and remembers the outcome; a state of the cluster is one
 * number for each member and each message. Members are never copied: one in a certain state is made
 * by running the events that led there. Two members are in the same state if all fields that the
 * core has are the same, which {@link io.balsa.raft.explore.Fingerprint} reads by reflection, so
 * that no field can be forgotten. States that differ only in which member is called which are one
 * state ({@link io.balsa.raft.explore.Symmetry}). States of the cluster are known by 64 bits: among
 * 10 million the odds that any two are mixed up are about 1 to 400,000.
 *
 * <p>That it finds what it looks for is shown by {@link io.balsa.raft.explore.Flaw}s, each of which
 * breaks one rule of the core. Read {@link io.balsa.raft.explore.Explorer} first. What is not
 * covered: more than three members, timeouts that need real time, and liveness.
 *
 * <p>{@code mvn test -Dtest=ExplorerTest -DexcludedGroups= -Dtest.heap=4g} explores 10 million
 * states and the flaws that lie deep; {@code -Dexplore.states=N} says how far to go. Nothing here
 * is random.
 */
package io.balsa.raft.explore;
