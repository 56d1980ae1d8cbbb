package io.balsa.mvcc.command;

/**
 * One change of one key.
 *
 * @param item of a deletion: only key and mod revision are set, the value is empty
 * @param previous the item before, if asked and known, else null
 */
public record Change(boolean deletion, KeyValue item, KeyValue previous) {}
