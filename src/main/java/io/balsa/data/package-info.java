/**
 * Values that every other package is made of: immutable {@link io.balsa.data.Bytes}, the binary
 * reader and writer behind all of our own formats, and checks that are always on.
 *
 * <p>Imports nothing of Balsa. Start with {@link io.balsa.data.Bytes}.
 */
package io.balsa.data;
