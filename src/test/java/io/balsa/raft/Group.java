package io.balsa.raft;

import io.balsa.raft.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Cores that reach each other without delay, but for what the test takes out. */
public final class Group {
  private final SortedMap<Long, Core> cores = new TreeMap<>();
  private Predicate<Message> lost = message -> false;

  /** Puts cores together. */
  public static Group of(Core... members) {
    Group group = new Group();
    for (Core member : members) {
      group.cores.put(member.id, member);
    }
    return group;
  }

  /** Loses such messages from now on, and no others. */
  public void lose(Predicate<Message> messages) {
    lost = messages;
  }

  /** Cuts a member off from all others. */
  public void isolate(long member) {
    lose(m -> m.from() == member || m.to() == member);
  }

  /** Loses nothing any more. */
  public void heal() {
    lose(message -> false);
  }

  /** One member. */
  public Core core(long id) {
    return cores.get(id);
  }

  /** Campaigns until the group is quiet. */
  public void elect(long id) {
    core(id).node.campaign();
    settle();
  }

  /** Delivers until nobody has anything to do. */
  public void settle() {
    boolean busy = true;
    while (busy) {
      busy = false;
      List<Message> messages = new ArrayList<>();
      for (Core core : cores.values()) {
        core.run();
        messages.addAll(core.take());
      }
      for (Message message : messages) {
        if (!lost.test(message) && cores.containsKey(message.to())) {
          busy = true;
          try {
            core(message.to()).node.step(message);
          } catch (StepException | ProposalDroppedException e) {
            // Lost, as the contract allows.
          }
        }
      }
    }
  }

  /** Lets the same time pass for all, settling after each tick. */
  public void tick(int ticks) {
    for (int i = 0; i < ticks; i++) {
      cores.values().forEach(core -> core.node.tick());
      settle();
    }
  }

  /** The member that leads the highest term. */
  public Core leader() {
    return cores.values().stream()
        .filter(core -> core.node.isLeader())
        .max((a, b) -> Long.compare(a.node.term(), b.node.term()))
        .orElseThrow(() -> new AssertionError("nobody leads"));
  }
}
