/**
 * Checks the files in {@code deploy/}: what people start Balsa with and watch it by is as wrong as
 * broken code when it names a flag, a port, a path or a metric that does not exist.
 *
 * <p>Files are read into records or models in which an unknown key fails ({@link
 * io.balsa.deploy.StrictYaml}), command lines and variables go through the server's own settings
 * ({@link io.balsa.deploy.ServerFlags}), and tools that know a format better are asked where this
 * machine has them ({@link io.balsa.deploy.Command}). What needs a running member is in {@code
 * io.balsa.cluster}, in DeployedImageTest and ThreeMembersScriptTest.
 */
package io.balsa.deploy;
