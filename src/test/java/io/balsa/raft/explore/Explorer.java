package io.balsa.raft.explore;

import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Visits the states of a cluster breadth first, so that what it finds is as short as can be. See
 * the package.
 */
final class Explorer {
  /**
   * What an exploration came to.
   *
   * @param states different states of the cluster, with what may still happen
   * @param clusters different states of the cluster alone
   * @param depth events from the first state to the last one
   * @param complete whether there is no state that was not visited
   * @param broken what promise was broken, null if none
   * @param trace the events that led there, each with what it made of its member
   */
  record Result(
      Scenario scenario,
      int states,
      int clusters,
      long transitions,
      int memberStates,
      int runs,
      int depth,
      boolean complete,
      double seconds,
      String broken,
      List<String> trace) {
    /** All but the trace, in a line. */
    String summary() {
      return String.format(
              "%s: %,d states (%,d of the cluster alone), %,d transitions, depth %d, %s;"
                  + " %,d member states,"
                  + " core run %,d times; %.1f s, %,.0f states/s",
              scenario,
              states,
              clusters,
              transitions,
              depth,
              complete ? "complete" : broken == null ? "cut off" : "broken off",
              memberStates,
              runs,
              seconds,
              states / seconds)
          + (broken == null ? "" : "; " + broken);
    }
  }

  private static final int[] NOTHING = {};
  private static final int DROP = -1;

  // What a state of the cluster is made of: an int for each member, one for the past, two for the
  // budgets, and one for each message on its way, ascending.
  private final Scenario scenario;
  private final int past;
  private final int budgets;
  private final int messages;
  private final Symmetry symmetry;
  private final Members members;
  private final History history;
  private final LongSet visited = new LongSet();
  private final LongSet clusters = new LongSet();
  private final LongSet logsChecked = new LongSet();
  private final ArrayDeque<int[]> frontier = new ArrayDeque<>();
  private final int[] simple = new int[Event.Kind.values().length];
  private final int[] changes;
  private int[] deliveries = new int[1024];
  private int[] parents = new int[1 << 16];
  private int[] steps = new int[1 << 16];
  private long transitions;
  private String broken;
  private int lastNumber;

  Explorer(Scenario scenario) {
    this.scenario = scenario;
    this.past = scenario.members();
    this.budgets = past + 1;
    this.messages = past + 3;
    this.symmetry = new Symmetry(scenario);
    this.members = new Members(scenario, symmetry);
    this.history = new History(members, symmetry);
    for (Event.Kind kind : Event.Kind.values()) {
      simple[kind.ordinal()] = members.event(new Event(kind, null));
    }
    this.changes =
        scenario.changes().stream()
            .mapToInt(change -> members.event(new Event(Event.Kind.CHANGE, change)))
            .toArray();
    Arrays.fill(deliveries, LongMap.NONE);
  }

  /** Visits states until it knows this many clusters, or until there are no more. */
  Result explore(int clustersMax) {
    long start = System.nanoTime();
    int[] first = new int[messages];
    for (int i = 0; i < scenario.members(); i++) {
      first[i] = members.first(i + 1L).number;
    }
    setBudgets(first, scenario.budgets());
    visit(first, LongMap.NONE, 0);
    int depth = 0;
    int number = 0;
    int levelEnd = visited.size();
    while (!frontier.isEmpty() && broken == null && clusters.size() < clustersMax) {
      if (number == levelEnd) {
        depth++;
        levelEnd = visited.size();
      }
      expand(frontier.remove(), number);
      number++;
    }
    return new Result(
        scenario,
        visited.size(),
        clusters.size(),
        transitions,
        members.size(),
        members.runs(),
        depth,
        frontier.isEmpty() && broken == null,
        (System.nanoTime() - start) / 1e9,
        broken,
        broken == null ? List.of() : trace(first));
  }

  private void expand(int[] state, int number) {
    for (int place = messages; place < state.length; place++) {
      if (place == messages || state[place] != state[place - 1]) {
        deliver(state, number, place);
      }
    }
    long left = budgets(state);
    for (int i = 0; i < scenario.members(); i++) {
      Members.State member = members.state(state[i]);
      if (member.canStore) {
        happen(state, number, i, Event.Kind.STORE, null);
      }
      if (member.canApply) {
        happen(state, number, i, Event.Kind.APPLY, null);
      }
      if (member.leader) {
        happen(state, number, i, Event.Kind.HEARTBEAT, Budget.HEARTBEATS);
        happen(state, number, i, Event.Kind.PROPOSE, Budget.PROPOSALS);
        if (Budget.CONF_CHANGES.left(left) > 0) {
          for (int change : changes) {
            happen(state, number, i, change, Budget.CONF_CHANGES.spend(left), LongMap.NONE);
          }
        }
      } else {
        happen(state, number, i, Event.Kind.CAMPAIGN, Budget.CAMPAIGNS);
      }
      happen(state, number, i, Event.Kind.TICK, Budget.TICKS);
      if (member.canCompact) {
        happen(state, number, i, Event.Kind.COMPACT, Budget.COMPACTIONS);
      }
      if (Budget.READS.left(left) > 0) {
        Event read = new Event(Event.Kind.READ, history.past(state[past]).lastIndex());
        happen(state, number, i, members.event(read), Budget.READS.spend(left), LongMap.NONE);
      }
      happen(state, number, i, Event.Kind.CRASH, Budget.CRASHES);
    }
  }

  private void deliver(int[] state, int number, int place) {
    int message = state[place];
    int receiver = (int) members.message(message).to() - 1;
    long left = budgets(state);
    if (scenario.dropsFreely() || Budget.DROPS.left(left) > 0) {
      long rest = scenario.dropsFreely() ? left : Budget.DROPS.spend(left);
      next(state, number, receiver, state[receiver], rest, place, NOTHING, DROP);
    }
    int event = delivery(message);
    happen(state, number, receiver, event, left, place);
    if (Budget.DUPLICATES.left(left) > 0) {
      happen(state, number, receiver, event, Budget.DUPLICATES.spend(left), LongMap.NONE);
    }
  }

  private int delivery(int message) {
    if (message >= deliveries.length) {
      int before = deliveries.length;
      deliveries = Arrays.copyOf(deliveries, Math.max(2 * before, message + 1));
      Arrays.fill(deliveries, before, deliveries.length, LongMap.NONE);
    }
    if (deliveries[message] == LongMap.NONE) {
      deliveries[message] = members.event(new Event(Event.Kind.DELIVER, members.message(message)));
    }
    return deliveries[message];
  }

  private void happen(int[] state, int number, int member, Event.Kind kind, Budget budget) {
    long left = budgets(state);
    if (budget == null || budget.left(left) > 0) {
      long rest = budget == null ? left : budget.spend(left);
      happen(state, number, member, simple[kind.ordinal()], rest, LongMap.NONE);
    }
  }

  private void happen(
      int[] state, int number, int member, int event, long budgetsLeft, int delivered) {
    if (broken != null) {
      return;
    }
    Members.Outcome outcome = members.run(members.state(state[member]), event);
    if (outcome.broken() != null) {
      broken = outcome.broken();
    }
    boolean nothing = outcome.next().number == state[member] && outcome.sent().length == 0;
    if (nothing && delivered == LongMap.NONE && broken == null) {
      return; // Only a budget would be spent.
    }
    next(
        state,
        number,
        member,
        outcome.next().number,
        budgetsLeft,
        delivered,
        outcome.sent(),
        event);
  }

  private void next(
      int[] state,
      int number,
      int member,
      int memberState,
      long budgetsLeft,
      int delivered,
      int[] sent,
      int event) {
    transitions++;
    int[] next = merged(state, delivered, sent);
    next[member] = memberState;
    setBudgets(next, budgetsLeft);
    if (memberState != state[member]) {
      check(next, member);
    }
    next = withoutInertMessages(next);
    if (next.length - messages <= scenario.inFlightMax()) {
      visit(next, number, event * 4 + member);
    }
  }

  private int[] merged(int[] state, int delivered, int[] sent) {
    int removed = delivered == LongMap.NONE ? 0 : 1;
    int[] next = Arrays.copyOf(state, state.length - removed + sent.length);
    int to = messages;
    int fromSent = 0;
    for (int from = messages; from < state.length; from++) {
      if (from == delivered) {
        continue;
      }
      while (fromSent < sent.length && sent[fromSent] < state[from]) {
        next[to++] = sent[fromSent++];
      }
      next[to++] = state[from];
    }
    while (fromSent < sent.length) {
      next[to++] = sent[fromSent++];
    }
    return next;
  }

  /**
   * Leaves out messages that cannot do anything any more: their term is over for their receiver,
   * which does not answer them, and a crash cannot bring it back. All that can happen with them can
   * happen without them.
   */
  private int[] withoutInertMessages(int[] state) {
    int to = messages;
    for (int from = messages; from < state.length; from++) {
      if (!isInert(state, state[from])) {
        state[to++] = state[from];
      }
    }
    return to == state.length ? state : Arrays.copyOf(state, to);
  }

  private boolean isInert(int[] state, int number) {
    Message message = members.message(number);
    Members.State receiver = members.state(state[(int) message.to() - 1]);
    if (message.term() == 0 || message.term() >= receiver.durableTerm) {
      return false;
    }
    Members.Outcome outcome = members.run(receiver, delivery(number));
    return outcome.next() == receiver && outcome.sent().length == 0 && outcome.broken() == null;
  }

  private void check(int[] state, int member) {
    Members.State changed = members.state(state[member]);
    try {
      state[past] = history.after(state[past], changed);
    } catch (History.Broken e) {
      broken = e.getMessage();
    }
    for (int i = 0; i < scenario.members(); i++) {
      long pair =
          ((long) Math.min(state[i], state[member]) << 32 | Math.max(state[i], state[member])) + 1;
      if (i != member
          && logsChecked.add(pair)
          && !History.logsMatch(members, changed, members.state(state[i]))) {
        broken = "log matching: members " + changed.id + " and " + (i + 1);
      }
    }
  }

  private void visit(int[] state, int parent, int step) {
    long hash = Long.MAX_VALUE;
    for (int r = 0; r < symmetry.size(); r++) {
      long sum = Fingerprint.mix(9, history.hash(state[past], r));
      for (int i = 0; i < scenario.members(); i++) {
        sum += members.state(state[i]).hashes[r];
      }
      for (int i = messages; i < state.length; i++) {
        sum += members.messageHash(state[i], r);
      }
      hash = Math.min(hash, sum);
    }
    int number = visited.size();
    if (broken != null) {
      // Its last step, whether or not the state is known.
      remember(number, parent, step);
      lastNumber = number;
    } else if (visited.add(Fingerprint.mix(hash, budgets(state)) | 1)) {
      clusters.add(hash | 1);
      remember(number, parent, step);
      frontier.add(state);
    }
  }

  private void remember(int number, int parent, int step) {
    if (number == parents.length) {
      parents = Arrays.copyOf(parents, number * 2);
      steps = Arrays.copyOf(steps, number * 2);
    }
    parents[number] = parent;
    steps[number] = step;
  }

  private List<String> trace(int[] first) {
    ArrayDeque<Integer> path = new ArrayDeque<>();
    for (int at = lastNumber; parents[at] != LongMap.NONE; at = parents[at]) {
      path.push(steps[at]);
    }
    int[] state = Arrays.copyOf(first, scenario.members());
    List<String> lines = new ArrayList<>();
    for (int step : path) {
      int member = step & 3;
      if (step >> 2 == DROP) {
        lines.add("  a message to " + (member + 1) + " is dropped");
        continue;
      }
      Event event = members.event(step >> 2);
      Members.Outcome outcome = members.run(members.state(state[member]), step >> 2);
      state[member] = outcome.next().number;
      lines.add(
          String.format(
              "  %d %s%n      %s", member + 1, text(event), members.revive(outcome.next())));
      for (int message : outcome.sent()) {
        lines.add("      sends " + members.message(message));
      }
    }
    return lines;
  }

  private static String text(Event event) {
    return event.argument() instanceof Message message
        ? "takes " + message
        : event.argument() instanceof ConfChange change
            ? "proposes " + change
            : event.toString().toLowerCase(Locale.ROOT);
  }

  private long budgets(int[] state) {
    return (long) state[budgets] << 32 | state[budgets + 1] & 0xffff_ffffL;
  }

  private void setBudgets(int[] state, long value) {
    state[budgets] = (int) (value >>> 32);
    state[budgets + 1] = (int) value;
  }
}
