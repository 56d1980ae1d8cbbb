/**
 * Runs dialogues with the core and compares its text byte for byte: the data-driven files of {@code
 * ../shared/conformance} (another folder by {@code -Dconformance.dir=}), and our own scripts in
 * {@code src/test/resources/io/balsa/raft/scripts}. What the files are and how they are to be read
 * is told by {@code FORMAT.md} beside the former; the sections named here are its own.
 *
 * <p>Our scripts are written in the same format, with more commands and options, which no other
 * file needs:
 *
 * <ul>
 *   <li>{@code add-nodes … max-size-per-message=N max-inflight-size=N max-uncommitted-size=N
 *       disable-proposal-forwarding=BOOL}: the limits in bytes, where an entry costs 24 beside its
 *       data (uncommitted entries: the data alone).
 *   <li>{@code bootstrap N peers=(A,B)}: node N, still empty, begins a cluster of these founders.
 *   <li>{@code copy-msgs N [type=T]}: keeps copies of the messages queued for N and prints them;
 *       the messages stay. {@code replay-msgs N} queues the copies again: a duplicate or a late
 *       message.
 *   <li>{@code deliver-msgs … count=K}: at most K messages for each recipient.
 *   <li>{@code inspect N}: term, vote and positions (last entry; last stored; commit; applied), the
 *       transferee if there is one, and the configuration.
 *   <li>{@code observed N}: what the core told node N's observer since the last such command:
 *       messages that had no effect, and configuration changes that were replaced, with the reason.
 *   <li>{@code read-index N CONTEXT}: asks for a read index; the Ready shows it as {@code
 *       ReadStates context=C index=I}.
 *   <li>{@code report-snapshot A B delivered=BOOL}: tells node A what became of its snapshot to B.
 *   <li>{@code restart N [commit=C] [applied=I]}: node N loses all that is not stored, and its
 *       storage work. {@code commit=} sets the stored commit index, which alone is never synced;
 *       {@code applied=} takes the application back to I. The configuration is that of the
 *       application's state.
 *   <li>{@code send-append A B log=TERM/INDEX commit=C [last=I]}: queues an append from A to B with
 *       A's current term and what A has stored behind INDEX up to I, and prints it. As with {@code
 *       send-snapshot}, A does not know of it.
 * </ul>
 *
 * <p>Start with {@code ConformanceTest} and {@code ScriptsTest}, then {@code InteractionDriver}.
 */
package io.balsa.raft.conformance;
