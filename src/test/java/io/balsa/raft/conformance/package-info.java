/**
 * Runs the data-driven files of {@code ../shared/conformance} (another folder by {@code
 * -Dconformance.dir=}) against the core and compares its text byte for byte. What the files are and
 * how they are to be read is told by {@code FORMAT.md} there; the sections named here are its own.
 *
 * <p>Start with {@code ConformanceTest}.
 */
package io.balsa.raft.conformance;
