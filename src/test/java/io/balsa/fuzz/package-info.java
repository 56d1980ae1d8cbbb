/**
 * Hostile input for every decoder. A decoder is whatever reads bytes that somebody else wrote: a
 * peer, a client, a disk, an operator.
 *
 * <p>{@link io.balsa.fuzz.Fuzzer} makes inputs and judges what a decoder does with them; the tests
 * that use it are named {@code FuzzTest} and stand beside the decoders. Formats with checksums are
 * fuzzed twice: as bytes, where hardly anything gets past the checksum, and sealed again after the
 * change, which is what a peer or a writer with a defect would send.
 *
 * <p>The normal build runs a slice with a fresh seed, which is printed. All of them for longer, so
 * many minutes for each decoder, which may be a fraction: {@code mvn test -Dtest='*FuzzTest'
 * -Dfuzz.minutes=5}. One again: {@code mvn test -Dtest=WireFuzzTest -Dseed=N}. Without a guide by
 * coverage: the tool that has one (Jazzer) rewrites the code under test, which then allocates what
 * the code that ships does not.
 */
package io.balsa.fuzz;
