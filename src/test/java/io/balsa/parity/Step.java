package io.balsa.parity;

/** What a program does next. */
sealed interface Step permits Call, WatchStep {}
