package io.balsa.sim;

import io.balsa.engine.MemberInfo;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Changes the membership as people do: puts a new member in the place of one whose disk is damaged,
 * adds members as learners and promotes them, removes members. One thing at a time, each asked for
 * until it is done.
 */
final class Operator extends SimClient {
  private static final long TIMEOUT_MILLIS = 3_000;

  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private boolean busy;
  private int names;

  Operator(Simulation world, String name, long seed) {
    super(world, name, seed);
  }

  @Override
  void begin() {}

  boolean isIdle() {
    return !busy && tasks.isEmpty();
  }

  /** Takes a member out whose disk is damaged, and brings in a new one. */
  void replace(SimMember damaged) {
    plan(
        () -> {
          world.coverage.count(Rare.MEMBER_REPLACED);
          remove(damaged.self.name());
        });
    plan(this::add);
  }

  /** Brings in one more member. */
  void grow() {
    plan(this::add);
  }

  /** Takes out a member. */
  void shrink(String name) {
    plan(() -> remove(name));
  }

  private void plan(Runnable task) {
    tasks.add(task);
    if (!busy) {
      next();
    }
  }

  private void next() {
    busy = !tasks.isEmpty();
    if (busy) {
      tasks.remove().run();
    }
  }

  private void done() {
    timeline.after(100 * Timeline.MILLIS, this::next);
  }

  private void again(Runnable task) {
    timeline.after((200 + random.nextInt(1_000)) * Timeline.MILLIS, task);
  }

  private void remove(String name) {
    if (!connect()) {
      again(() -> remove(name));
      return;
    }
    ask(
        new Request.MemberRemove(name, false),
        TIMEOUT_MILLIS,
        reply -> {
          if (reply instanceof Reply.Members || isRefused(reply, Refusal.MEMBER_NOT_FOUND)) {
            world.coverage.count(Rare.VOTER_REMOVED);
            done();
          } else {
            again(() -> remove(name));
          }
        });
  }

  private void add() {
    String name = name() + "." + ++names;
    add(name);
  }

  private void add(String name) {
    if (!connect()) {
      again(() -> add(name));
      return;
    }
    ask(
        new Request.MemberAdd(name, List.of("http://" + name), true),
        TIMEOUT_MILLIS,
        reply -> {
          if (reply instanceof Reply.Members
              || reply == null
              || isRefused(reply, Refusal.MEMBER_EXISTS)) {
            find(name);
          } else if (((Reply.Refused) reply).unknown()) {
            find(name);
          } else {
            again(() -> add(name));
          }
        });
  }

  private static boolean isRefused(Reply reply, Refusal refusal) {
    return reply instanceof Reply.Refused refused && refused.refusal() == refusal;
  }

  /** Starts a member that may have been added. */
  private void find(String name) {
    MemberInfo added =
        world.oracle.memberInfos().stream()
            .filter(member -> member.name().equals(name))
            .findFirst()
            .orElse(null);
    if (added == null) {
      again(() -> add(name)); // Should it still come, adding it again will be refused.
    } else {
      world.join(added);
      promote(name);
    }
  }

  private void promote(String name) {
    if (!connect()) {
      again(() -> promote(name));
      return;
    }
    ask(
        new Request.MemberPromote(name),
        TIMEOUT_MILLIS,
        reply -> {
          boolean isVoter =
              reply instanceof Reply.Refused refused
                  && refused.detail().contains("is a voter already");
          if (reply instanceof Reply.Members || isVoter) {
            world.coverage.count(Rare.LEARNER_PROMOTED);
            done();
          } else if (isRefused(reply, Refusal.MEMBER_NOT_FOUND)) {
            done(); // The other operator was quicker.
          } else {
            again(() -> promote(name));
          }
        });
  }
}
