/**
 * Balsa in tests: a JUnit 5 extension that gives a test a fresh key-value store of its own, in the
 * test's JVM, which etcd's clients can talk to.
 *
 * <p>Needs {@code junit-jupiter-api} 5.12 or newer, which whoever uses it brings along. Start with
 * {@link io.balsa.junit5.BalsaExtension}.
 */
package io.balsa.junit5;
