/**
 * What clients ask of a member and what it answers, whichever API they came by. Immutable values;
 * they travel over the local event bus without being copied.
 *
 * <p>Start with {@link io.balsa.engine.request.Request}, its answers {@link
 * io.balsa.engine.request.Reply} and the one table of refusals {@link
 * io.balsa.engine.request.Refusal}.
 */
package io.balsa.engine.request;
