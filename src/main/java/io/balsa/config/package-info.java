/**
 * What the operator asked for: flags over {@code BALSA_*} environment variables over a YAML file
 * over defaults, checked as a whole before anything is started.
 *
 * <p>The caller reads {@link io.balsa.config.Settings} first and makes a {@link
 * io.balsa.config.ServerConfig} of it. Both refuse with a {@link
 * io.balsa.config.BadSettingException} whose message is the one line that the operator sees: where
 * the value came from, the value, the rule. Nothing here opens a socket or writes a file.
 *
 * <p>A setting is one constant of {@link io.balsa.config.Flag}: its flag, variable, YAML key, help
 * text and default all come from there. An environment variable {@code BALSA_*} that is none of
 * them is not an error but {@link io.balsa.config.Settings#unknownVariables reported}: schedulers
 * put variables of their own there, as Kubernetes does for a service named balsa. One that is empty
 * counts as absent. An unknown flag or YAML key is an error.
 *
 * <p>Start with {@link io.balsa.config.Flag}, then {@link io.balsa.config.ServerConfig}.
 */
package io.balsa.config;
