/**
 * Where a member may be found; never who is a member, which only the log decides.
 *
 * <p>What is told here may be old, wrong or missing at any time: Hazelcast is available rather than
 * consistent, and splits. So it is used as a hint only, by somebody who then proves in a handshake
 * who is there.
 */
package io.balsa.discovery;
