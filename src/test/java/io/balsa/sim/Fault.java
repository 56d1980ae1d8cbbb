package io.balsa.sim;

import io.balsa.engine.RaftInput;
import io.balsa.raft.message.ConfState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Something that goes wrong, or that an operator does, at a moment. Whom it meets and how long it
 * lasts is drawn from its own seed, so that leaving out one fault leaves the others as they are.
 */
record Fault(Kind kind, long time, long seed) {
  /** What can go wrong. */
  enum Kind {
    CUT_OFF(6),
    CUT_OFF_LEADERS(5),
    CUT_OFF_NEW_LEADERS(3),
    CUT_ONE_WAY(6),
    SPLIT(4),
    BRIDGE(3),
    LOSSY_NETWORK(5),
    SLOW_NETWORK(4),
    DUPLICATING_NETWORK(4),
    REORDERING_NETWORK(4),
    LATE_DELIVERY(5),
    KILL(8),
    KILL_LEADER(6),
    POWER_LOSS(8),
    POWER_LOSS_IN_CALL(10),
    POWER_LOSS_EVERYWHERE(3),
    FREEZE(6),
    FREEZE_LEADER(4),
    CLOCK_RATE(4),
    WALL_JUMP(3),
    SLOW_DISK(4),
    STALLED_DISK(5),
    DISK_FULL(5),
    DISK_ERROR(5),
    SYNC_ERROR(5),
    ROT(3),
    TRANSFER(5),
    GROW(2),
    SHRINK(2),
    CHANGE_UNDER_FIRE(3),
    CHANGE_WHILE_SPLIT(4);

    final int weight;

    Kind(int weight) {
      this.weight = weight;
    }
  }

  private static final int VOTERS_MAX = 6;

  /**
   * Draws a plan. Each has only some kinds of faults, which then come together more often: runs
   * that differ find more than runs that have a little of everything.
   */
  static List<Fault> plan(Random random, long endNanos, long meanNanos) {
    List<Kind> lots = new ArrayList<>();
    double share = 0.2 + 0.8 * random.nextDouble();
    for (Kind kind : Kind.values()) {
      boolean taken = random.nextDouble() < share;
      for (int i = 0; i < kind.weight && (taken || kind == Kind.KILL_LEADER); i++) {
        lots.add(kind);
      }
    }
    List<Fault> plan = new ArrayList<>();
    long time = 2 * Timeline.SECONDS;
    while (true) {
      time += (long) (2 * meanNanos * random.nextDouble());
      if (time >= endNanos) {
        return plan;
      }
      plan.add(new Fault(lots.get(random.nextInt(lots.size())), time, random.nextLong()));
    }
  }

  @Override
  public String toString() {
    return "%s at %.3f s".formatted(kind, (double) time / Timeline.SECONDS);
  }

  /** Lets it happen. */
  void happen(Simulation world) {
    Random random = new Random(seed);
    List<SimMember> members = new ArrayList<>(world.members());
    members.removeIf(member -> member.state() == SimMember.State.REMOVED);
    SimMember any = members.get(random.nextInt(members.size()));
    SimMember leader = world.leader();
    long nanos =
        random.nextInt(4) == 0
            ? random.nextInt(20_000) * Timeline.MILLIS
            : random.nextInt(3_000) * Timeline.MILLIS;
    world.coverage.fault(kind.name());
    SimNetwork network = world.network;
    switch (kind) {
      case CUT_OFF -> isolate(world, any, nanos);
      case CUT_OFF_LEADERS -> {
        // One after the other, each with writes that it cannot commit.
        long at = 0;
        for (int i = 2 + random.nextInt(5); i > 0; i--) {
          long span = (300 + random.nextInt(3_000)) * Timeline.MILLIS;
          harmLater(world, at, () -> isolate(world, world.leader(), 2 * span));
          at += span;
        }
      }
      case CUT_OFF_NEW_LEADERS -> {
        // As they begin to bring the logs of the others in line with theirs.
        network.delayNanos = (5 + random.nextInt(200)) * Timeline.MILLIS;
        long nanosOfAll = (5 + random.nextInt(15)) * Timeline.SECONDS;
        world.timeline.after(nanosOfAll, () -> network.delayNanos = 0);
        isolateNewLeaders(world, random, 0, world.timeline.now() + nanosOfAll);
      }
      case CUT_ONE_WAY -> {
        boolean inward = random.nextBoolean();
        for (SimMember other : members) {
          if (random.nextInt(3) > 0) {
            cut(world, inward ? other : any, inward ? any : other, nanos);
          }
        }
      }
      case SPLIT -> {
        List<SimMember> side = members.stream().filter(member -> random.nextBoolean()).toList();
        split(world, members, side, null, nanos);
      }
      case BRIDGE -> {
        List<SimMember> side = members.stream().filter(member -> random.nextBoolean()).toList();
        split(world, members, side, any, nanos);
      }
      case LOSSY_NETWORK -> {
        network.loss = 0.5 * random.nextDouble();
        world.timeline.after(nanos, () -> network.loss = 0);
      }
      case SLOW_NETWORK -> {
        network.delayNanos = random.nextInt(random.nextBoolean() ? 1_000 : 6_000) * Timeline.MILLIS;
        world.timeline.after(nanos, () -> network.delayNanos = 0);
      }
      case DUPLICATING_NETWORK -> {
        network.duplication = 0.5 * random.nextDouble();
        world.timeline.after(nanos, () -> network.duplication = 0);
      }
      case REORDERING_NETWORK -> {
        network.reordering = 0.5 * random.nextDouble();
        world.timeline.after(nanos, () -> network.reordering = 0);
      }
      case LATE_DELIVERY -> {
        network.lateDelivery = 1;
        network.delayNanos = Math.max(network.delayNanos, 500 * Timeline.MILLIS);
        world.timeline.after(
            nanos,
            () -> {
              network.lateDelivery = 0;
              network.delayNanos = 0;
            });
      }
      case KILL -> end(any, -1);
      case KILL_LEADER -> end(leader, -1);
      case POWER_LOSS -> end(any, random.nextInt(3) * 0.5);
      case POWER_LOSS_IN_CALL -> {
        if (any.state() != SimMember.State.DAMAGED) {
          any.files.losePowerAtCall(1 + random.nextInt(60));
        }
      }
      case POWER_LOSS_EVERYWHERE -> {
        for (SimMember member : members) {
          end(member, random.nextInt(3) * 0.5);
        }
      }
      case FREEZE -> any.pause(Math.min(nanos, 10 * Timeline.SECONDS));
      case FREEZE_LEADER -> {
        if (leader != null) {
          leader.pause(Math.min(nanos, 10 * Timeline.SECONDS));
        }
      }
      case CLOCK_RATE -> {
        double rate = 0.7 + 0.6 * random.nextDouble();
        world.oracle.clockRate(rate);
        any.clock.setRate(rate);
        world.timeline.after(10 * nanos, () -> any.clock.setRate(1));
      }
      case WALL_JUMP -> any.clock.jumpWall((random.nextInt(7_200) - 3_600) * 1_000L);
      case SLOW_DISK -> {
        any.syncNanos = (1 + random.nextInt(500)) * Timeline.MILLIS;
        world.timeline.after(2 * nanos, any::restoreDiskSpeed);
      }
      case STALLED_DISK -> any.diskStalledUntil = world.timeline.now() + nanos;
      case DISK_FULL -> {
        any.files.capacity(any.files.usedBytes() + random.nextInt(100_000));
        world.timeline.after(4 * nanos, () -> any.files.capacity(Long.MAX_VALUE));
      }
      case DISK_ERROR -> {
        if (any.isRunning()) {
          any.diskFaulty = true;
          any.files.failCall(1 + random.nextInt(30));
        }
      }
      case SYNC_ERROR -> {
        if (any.isRunning()) {
          any.diskFaulty = true;
          any.files.failNextForce();
          if (random.nextBoolean()) {
            // What the failed sync has dropped is missed only when the power goes.
            harmLater(
                world, random.nextInt(5_000) * Timeline.MILLIS, () -> end(any, random.nextInt(2)));
          }
        }
      }
      case ROT -> rot(world, any, random);
      case TRANSFER -> {
        if (leader != null) {
          world.coverage.count(Rare.LEADERSHIP_TRANSFERRED);
          leader.toRaft(new RaftInput.TransferLeader(0));
        }
      }
      case GROW -> grow(world);
      case SHRINK -> shrink(world, any);
      case CHANGE_WHILE_SPLIT -> {
        // So slow that members learn of a change long after each other.
        network.delayNanos = (20 + random.nextInt(400)) * Timeline.MILLIS;
        world.timeline.after(5 * Timeline.SECONDS, () -> network.delayNanos = 0);
        for (int i = 0; i < 2; i++) {
          if (random.nextInt(3) == 0) {
            grow(world);
          } else {
            shrink(world, members.get(random.nextInt(members.size())));
          }
        }
        splitWhenConfigurationsDiffer(
            world,
            members,
            random,
            1 + random.nextInt(2),
            world.timeline.now() + 5 * Timeline.SECONDS);
      }
      case CHANGE_UNDER_FIRE -> {
        grow(world);
        shrink(world, any);
        for (int i = 0; i < 5; i++) {
          harmLater(
              world,
              random.nextInt(3_000) * Timeline.MILLIS,
              () -> {
                double survival = random.nextInt(3) * 0.5 - 0.5;
                end(world.leader(), survival);
              });
        }
      }
    }
  }

  /** Does harm later, if faults have not stopped by then. */
  private static void harmLater(Simulation world, long nanos, Runnable harm) {
    world.timeline.after(
        nanos,
        () -> {
          if (!world.isQuiet()) {
            harm.run();
          }
        });
  }

  private static void grow(Simulation world) {
    Operator operator = world.idleOperator();
    if (world.oracle.memberInfos().size() < VOTERS_MAX && operator != null) {
      operator.grow();
    }
  }

  private static void shrink(Simulation world, SimMember member) {
    ConfState configuration = world.oracle.configuration();
    Operator operator = world.idleOperator();
    if (operator != null
        && configuration.voters().size() > 3 + world.busyOperators()
        && configuration.voters().contains(member.id)) {
      operator.shrink(member.self.name());
    }
  }

  private static void end(SimMember member, double survival) {
    if (member != null && member.isRunning()) {
      member.end(survival);
    }
  }

  private static void cut(Simulation world, SimMember from, SimMember to, long nanos) {
    if (from != to) {
      world.network.cut(from.id, to.id);
      world.timeline.after(nanos, () -> world.network.heal(from.id, to.id));
    }
  }

  private static void isolate(Simulation world, SimMember member, long nanos) {
    if (member != null) {
      for (SimMember other : world.members()) {
        cut(world, member, other, nanos);
        cut(world, other, member, nanos);
      }
    }
  }

  /**
   * Cuts off each leader that comes: at once, when it first commits something, or a little later.
   */
  private static void isolateNewLeaders(Simulation world, Random random, long term, long until) {
    harmLater(
        world,
        2 * Timeline.MILLIS,
        () -> {
          SimMember leader = world.leader();
          if (world.timeline.now() >= until) {
            return;
          }
          long newest = term;
          if (leader != null && leader.node().term() > term) {
            newest = leader.node().term();
            // Long enough for the next ones to come and go meanwhile.
            long span = (2_000 + random.nextInt(4_000)) * Timeline.MILLIS;
            long latency = world.network.delayNanos;
            switch (random.nextInt(3)) {
              case 0 -> isolate(world, leader, span);
              case 1 -> isolateWhenItCommits(world, leader, leader.node().commit(), span, until);
              default ->
                  harmLater(
                      world,
                      (long) (6 * latency * random.nextDouble()),
                      () -> isolate(world, leader, span));
            }
          }
          isolateNewLeaders(world, random, newest, until);
        });
  }

  private static void isolateWhenItCommits(
      Simulation world, SimMember leader, long commit, long span, long until) {
    harmLater(
        world,
        Timeline.MILLIS,
        () -> {
          if (!leader.isRunning() || world.timeline.now() >= until) {
            return;
          }
          if (leader.node().commit() > commit) {
            isolate(world, leader, span);
          } else {
            isolateWhenItCommits(world, leader, commit, span, until);
          }
        });
  }

  /**
   * Parts a quorum of the newest configuration, with those that know of it, from those that have
   * yet to learn of it, so that these have as much of their older one as can be.
   *
   * @param changes how many voters are to differ
   */
  private static void splitWhenConfigurationsDiffer(
      Simulation world, List<SimMember> members, Random random, int changes, long until) {
    harmLater(
        world,
        Timeline.MILLIS,
        () -> {
          if (world.timeline.now() >= until) {
            return;
          }
          List<Long> newest = world.oracle.configuration().voters();
          List<SimMember> side = new ArrayList<>();
          List<SimMember> others = new ArrayList<>();
          List<Long> older = List.of();
          for (SimMember member : members) {
            List<Long> known =
                member.isRunning() ? member.node().status().configuration().voters() : List.of();
            if (known.equals(newest)) {
              side.add(member);
            } else if (member.isRunning()) {
              others.add(member);
              boolean isOlder =
                  older.isEmpty() || difference(known, newest) > difference(older, newest);
              older = isOlder ? known : older;
            }
          }
          if (side.isEmpty() || older.isEmpty() || difference(older, newest) < changes) {
            splitWhenConfigurationsDiffer(world, members, random, changes, until);
            return;
          }
          Collections.shuffle(others, random);
          List<Long> before = older;
          others.sort(Comparator.comparing(other -> before.contains(other.id)));
          for (SimMember other : others) {
            if (side.size() <= newest.size() / 2 && newest.contains(other.id)) {
              side.add(other);
            }
          }
          split(world, members, side, null, (1_000 + random.nextInt(5_000)) * Timeline.MILLIS);
        });
  }

  private static long difference(List<Long> one, List<Long> other) {
    return one.stream().filter(id -> !other.contains(id)).count()
        + other.stream().filter(id -> !one.contains(id)).count();
  }

  private static void split(
      Simulation world,
      List<SimMember> members,
      List<SimMember> side,
      SimMember bridge,
      long nanos) {
    for (SimMember from : members) {
      for (SimMember to : members) {
        if (side.contains(from) != side.contains(to) && from != bridge && to != bridge) {
          cut(world, from, to, nanos);
        }
      }
    }
  }

  /**
   * Changes a few bits on one disk, if all the others are well: no more can be asked of a store.
   */
  private static void rot(Simulation world, SimMember member, Random random) {
    boolean othersAreWell =
        world.busyOperators() == 0
            && world.members().stream()
                .allMatch(
                    other ->
                        other.state() == SimMember.State.REMOVED
                            || (!other.rotten && other.isRunning()));
    if (othersAreWell) {
      member.rot(random);
    }
  }
}
