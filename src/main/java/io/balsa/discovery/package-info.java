/**
 * Where a member may be found; never who is a member, which only the log decides.
 *
 * <p>What is told here may be old, wrong or missing at any time: Hazelcast is available rather than
 * consistent, and splits. So it is used as a hint only, by somebody who then proves in a handshake
 * who is there, and its loss stops nothing: the last addresses are kept in {@link
 * io.balsa.discovery.AddressBook}.
 *
 * <p>The caller asks {@link io.balsa.discovery.Discovery#sightings} as often as it likes. Start
 * there; then {@link io.balsa.discovery.HazelcastNode}, the source of them that changes.
 */
package io.balsa.discovery;
