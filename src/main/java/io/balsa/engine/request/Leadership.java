package io.balsa.engine.request;

/**
 * Who leads, as one member sees it.
 *
 * @param member who says so
 * @param leader null for none known; its name is empty while this member does not know it
 */
public record Leadership(long clusterId, Reply.Member member, Reply.Member leader, long term) {}
