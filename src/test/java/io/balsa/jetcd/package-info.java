/**
 * jetcd, the Java client of etcd, as it is published: its whole public API against three members,
 * one of which is killed on the way.
 *
 * <p>Nothing here knows Balsa: every expected value is what a real etcd gives, and the same {@link
 * io.balsa.jetcd.Program} runs against one. Its parts use one client, in the order that they are
 * listed in; a {@link io.balsa.jetcd.Recorder} tells at the end what of the API was not called.
 *
 * <p>Start with {@link io.balsa.jetcd.Program}; {@code io.balsa.cluster.JetcdTest} runs it.
 */
package io.balsa.jetcd;
