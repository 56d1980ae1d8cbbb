package io.balsa.raft;

import io.balsa.raft.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/** Cores that reach each other without delay, but for what the test takes out. */
public final class Group {
  // Far more than any test needs: members that talk for ever must fail, not hang.
  private static final int ROUNDS_MAX = 10_000;

  private final SortedMap<Long, Core> cores = new TreeMap<>();
  private final Set<Long> down = new TreeSet<>();
  private Predicate<Message> lost = message -> false;

  /** Voters 1 to {@code count}, all with the same options and an empty log. */
  public static Group ofVoters(int count, UnaryOperator<RaftConfig.Builder> options) {
    long[] voters = LongStream.rangeClosed(1, count).toArray();
    return of(
        LongStream.of(voters)
            .mapToObj(id -> Core.core(id).voters(voters).options(options).build())
            .toArray(Core[]::new));
  }

  /** Voters 1 to {@code count}, nothing but what the paper has, and an empty log. */
  public static Group ofVoters(int count) {
    return ofVoters(count, UnaryOperator.identity());
  }

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

  /** Splits the group in two: these members, and all others. */
  public void split(Long... side) {
    Set<Long> one = new TreeSet<>(List.of(side));
    lose(m -> one.contains(m.from()) != one.contains(m.to()));
  }

  /** Loses nothing any more. */
  public void heal() {
    lose(message -> false);
  }

  /** A member neither hears, speaks nor ticks, until it is started again. */
  public void crash(long id) {
    down.add(id);
  }

  /** Starts a member from what it has stored; what only its memory held is lost. */
  public void restart(long id) {
    down.remove(id);
    cores.put(id, core(id).restart());
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
    for (int round = 0; busy; round++) {
      if (round == ROUNDS_MAX) {
        throw new AssertionError("still not quiet after " + round + " rounds");
      }
      busy = false;
      List<Message> messages = new ArrayList<>();
      for (Core core : running()) {
        core.run();
        messages.addAll(core.take());
      }
      for (Message message : messages) {
        if (!lost.test(message) && running().contains(cores.get(message.to()))) {
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
      running().forEach(core -> core.node.tick());
      settle();
    }
  }

  /** The member that leads the highest term. */
  public Core leader() {
    return running().stream()
        .filter(core -> core.node.isLeader())
        .max((a, b) -> Long.compare(a.node.term(), b.node.term()))
        .orElseThrow(() -> new AssertionError("nobody leads"));
  }

  private List<Core> running() {
    return cores.values().stream().filter(core -> !down.contains(core.id)).toList();
  }
}
