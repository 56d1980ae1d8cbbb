/**
 * End-to-end tests: real server processes from {@code target/balsa.jar}, real sockets, real files,
 * killed for real. They run in Maven's integration-test phase, after the jar is packaged.
 *
 * <p>A test declares a {@link io.balsa.cluster.Servers} extension, which ends every process and
 * keeps all files under {@code target/cluster/}, and asks it for a {@link
 * io.balsa.cluster.TestCluster} or a single {@link io.balsa.cluster.ServerProcess}. Requests go by
 * {@link io.balsa.cluster.ClientPort}, which tells applied, refused and unknown apart; a test
 * resolves what is unknown by reading. Those who do not behave are a {@link
 * io.balsa.cluster.Crowd}, beside which a {@link io.balsa.cluster.GoodClient} must be served.
 * Random choices come from {@link io.balsa.cluster.Seed}.
 *
 * <p>Harm is done by signals ({@link io.balsa.cluster.ServerProcess}), between a server and its
 * disk ({@link io.balsa.cluster.Strace}, {@link io.balsa.cluster.SmallDisk}) and between members
 * ({@link io.balsa.cluster.Network}). {@link io.balsa.cluster.ChaosTest} mixes all of it and judges
 * by the checkers of {@link io.balsa.history}. {@link io.balsa.cluster.JetcdTest} has a client of
 * etcd, of which {@link io.balsa.jetcd} tells more.
 *
 * <p>One test: {@code mvn verify -Dit.test=ZoneinfoLoadTest -Dtest=None
 * -Dsurefire.failIfNoSpecifiedTests=false}. The slow ones: {@code mvn verify -DexcludedGroups=
 * -Dgroups=slow -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false}.
 */
package io.balsa.cluster;
