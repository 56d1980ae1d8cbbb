package io.balsa.parity;

/** What a random program does next. */
sealed interface ProgramStep permits Call, WatchStep {}
