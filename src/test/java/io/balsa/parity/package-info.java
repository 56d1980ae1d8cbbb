/**
 * Whether Balsa is etcd to its clients: the same calls go to a real etcd and to Balsa, and the
 * answers must be equal but for ids and times.
 *
 * <p>What is sent is either a {@code RandomProgram}, over gRPC or as JSON, or a script for the real
 * {@code etcdctl}. Where etcd is not installed these tests skip themselves and say so.
 *
 * <p>What is a matter of chance in etcd is left out of the program, and named there, or waited for:
 * {@code WatchTwins} tells how.
 *
 * <p>Start with {@code Twins}, then {@code GrpcParityTest}.
 */
package io.balsa.parity;
