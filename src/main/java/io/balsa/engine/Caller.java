package io.balsa.engine;

/** Who waits for an answer: a call of a client. */
record Caller(String address, long number) {}
