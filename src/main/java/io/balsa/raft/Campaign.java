package io.balsa.raft;

/** Why a member campaigns. */
enum Campaign {
  /** Asks first whether it would win (Raft thesis §9.6). */
  PRE_ELECTION,
  /** Its timeout passed, or a pre-election was won. */
  ELECTION,
  /** Its leader told it to: nobody's lease holds it back (Raft thesis §3.10). */
  TRANSFER
}
