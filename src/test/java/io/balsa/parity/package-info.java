/**
 * Whether Balsa is etcd to its clients: the same calls go to a real etcd and to Balsa, and the
 * answers must be equal but for ids and times.
 *
 * <p>What is sent is either a {@code RandomProgram}, over gRPC or as JSON, or a {@code Script} for
 * the real {@code etcdctl}. A script says where Balsa differs, and why, at the command. Where etcd
 * is not installed these tests skip themselves and say so.
 *
 * <p>What is a matter of chance in etcd is left out of the program, and named there, or waited for:
 * {@code WatchTwins} tells how.
 *
 * <p>Start with {@code Twins}, then {@code GrpcParityTest}.
 */
package io.balsa.parity;
