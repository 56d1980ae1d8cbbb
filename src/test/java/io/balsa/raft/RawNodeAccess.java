package io.balsa.raft;

import io.balsa.raft.log.RaftLog;
import io.balsa.raft.message.Message;
import java.lang.reflect.Field;

/** Lets tests of other packages see and do what only the core does otherwise. */
public final class RawNodeAccess {
  private RawNodeAccess() {}

  /** Overwrites the drawn election timeout until the next draw. */
  public static void setRandomizedElectionTimeout(RawNode node, int ticks) {
    node.setRandomizedElectionTimeout(ticks);
  }

  /** The log, with what is not durable yet. */
  public static RaftLog log(RawNode node) {
    return raft(node).log;
  }

  /** A member forgets whom it has voted for in its present term. */
  public static void forgetVote(RawNode node) {
    set(raft(node), "vote", Message.NOBODY);
    set(raft(node), "leader", Message.NOBODY);
  }

  /** A leader forgets that it has a configuration change under way. */
  public static void forgetPendingChange(RawNode node) {
    set(get(get(raft(node), "role"), "confChanges"), "pendingConfIndex", 0L);
  }

  private static Raft raft(RawNode node) {
    return (Raft) get(node, "raft");
  }

  private static Object get(Object object, String name) {
    try {
      return field(object, name).get(object);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  private static void set(Object object, String name, long value) {
    try {
      field(object, name).setLong(object, value);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  private static Field field(Object object, String name) {
    for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (field.getName().equals(name)) {
          field.setAccessible(true);
          return field;
        }
      }
    }
    throw new AssertionError(object.getClass() + " has no field " + name);
  }
}
