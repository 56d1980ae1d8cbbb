/**
 * The command line. One class per command; what they print goes to the two streams they are given.
 *
 * <p>Exit codes are the same everywhere: 0 done (a server that was asked to stop, or was removed
 * from its cluster, is done too), 1 failed, 2 the command line or a setting breaks a rule. In the
 * last case standard error gets exactly one line, which names the flag, the value and the rule.
 *
 * <p>The caller makes one call: {@link io.balsa.cli.BalsaCommand#run}. Start there, then {@link
 * io.balsa.cli.Launch}, which runs members until their end.
 */
package io.balsa.cli;
