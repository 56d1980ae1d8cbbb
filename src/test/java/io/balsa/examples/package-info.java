/**
 * How an application uses Balsa, as the README shows it. {@link io.balsa.examples.ExamplesTest}
 * runs each against a real member.
 */
package io.balsa.examples;
