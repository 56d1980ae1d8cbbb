package io.balsa.raft.explore;

import io.balsa.raft.ReadState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All states that members were seen in, and what each event makes of them: see the package. States,
 * events, messages and entries are numbered.
 */
final class Members {
  /** A state of one member, with what the explorer must know of it. */
  static final class State {
    final int number;
    final long id;
    final boolean leader;
    final boolean canStore;
    final boolean canApply;
    final boolean canCompact;
    final long term;
    final long durableTerm;
    final long commit;
    final EntryId before;
    final int[] log;
    final long[] hashes;
    private final Member.Durable root;
    private final State parent;
    private final Event event;

    private State(
        int number,
        Member member,
        int[] log,
        long[] hashes,
        Member.Durable root,
        State parent,
        Event event) {
      this.number = number;
      this.id = member.id;
      this.leader = member.node.isLeader();
      this.canStore = !member.appends.isEmpty();
      this.canApply = !member.applies.isEmpty();
      this.canCompact = member.canCompact();
      this.term = member.node.term();
      this.durableTerm = member.storage.initialState().hardState().term();
      this.commit = member.node.commit();
      this.before = member.before();
      this.log = log;
      this.hashes = hashes;
      this.root = root;
      this.parent = parent;
      this.event = event;
    }

    long lastIndex() {
      return before.index() + log.length;
    }

    /** The number of the entry at an index behind {@link #before}. */
    int entry(long index) {
      return log[(int) (index - before.index() - 1)];
    }
  }

  /**
   * What an event makes of a member.
   *
   * @param broken what is wrong with that, null if nothing
   */
  record Outcome(State next, int[] sent, String broken) {}

  private record Key(long first, long second) {}

  private final Scenario scenario;
  private final Symmetry symmetry;
  private final List<State> states = new ArrayList<>();
  private final Map<Key, State> stateOf = new HashMap<>();
  private final List<Event> events = new ArrayList<>();
  private final Map<Event, Integer> eventOf = new HashMap<>();
  private final Numbered<Message> messages;
  private final Numbered<Entry> entries;
  private final List<Outcome> outcomes = new ArrayList<>();
  private final LongMap outcomeOf = new LongMap();

  Members(Scenario scenario, Symmetry symmetry) {
    this.scenario = scenario;
    this.symmetry = symmetry;
    this.messages = new Numbered<>(symmetry);
    this.entries = new Numbered<>(symmetry);
  }

  /** The state in which a member begins. */
  State first(long id) {
    Member.Durable durable = Member.Durable.first(scenario, id);
    return intern(new Member(scenario, id, durable), durable, null, null);
  }

  State state(int number) {
    return states.get(number);
  }

  Message message(int number) {
    return messages.value(number);
  }

  long messageHash(int number, int renaming) {
    return messages.hash(number, renaming);
  }

  Entry entry(int number) {
    return entries.value(number);
  }

  long entryHash(int number, int renaming) {
    return entries.hash(number, renaming);
  }

  /** How many states of single members there are. */
  int size() {
    return states.size();
  }

  /** How often the core was run. */
  int runs() {
    return outcomes.size();
  }

  int event(Event event) {
    return eventOf.computeIfAbsent(
        event,
        e -> {
          events.add(e);
          return events.size() - 1;
        });
  }

  Event event(int number) {
    return events.get(number);
  }

  Outcome run(State state, int event) {
    long key = ((long) state.number << 32 | event) + 1;
    int known = outcomeOf.get(key);
    if (known != LongMap.NONE) {
      return outcomes.get(known);
    }
    Outcome outcome = runAnew(state, events.get(event));
    outcomes.add(outcome);
    outcomeOf.put(key, outcomes.size() - 1);
    return outcome;
  }

  private Outcome runAnew(State state, Event event) {
    Member member = revive(state);
    try {
      if (event.kind() == Event.Kind.CRASH) {
        Member.Durable durable = member.durable();
        Member restarted = new Member(scenario, state.id, durable);
        return outcome(restarted, intern(restarted, durable, null, null));
      }
      member.run(event);
      return outcome(member, intern(member, null, state, event));
    } catch (RuntimeException e) {
      return new Outcome(state, new int[0], "the core gives up: " + e.getMessage());
    }
  }

  private Outcome outcome(Member member, State next) {
    int[] sent = member.takeSent().stream().mapToInt(messages::number).sorted().toArray();
    for (ReadState read : member.takeReads()) {
      if (read.index() < read.context()) {
        String stale = "stale read: " + read.index() + " though " + read.context() + " was known";
        return new Outcome(next, sent, stale);
      }
    }
    return new Outcome(next, sent, null);
  }

  /** A member in this state. */
  Member revive(State state) {
    ArrayDeque<Event> path = new ArrayDeque<>();
    State from = state;
    while (from.root == null) {
      path.push(from.event);
      from = from.parent;
    }
    Member member = new Member(scenario, from.id, from.root);
    path.forEach(member::run);
    member.takeSent();
    member.takeReads();
    return member;
  }

  private State intern(Member member, Member.Durable root, State parent, Event event) {
    long[] names = symmetry.renaming(0);
    Key key =
        new Key(
            member.fingerprint(new Fingerprint(names, 1)),
            member.fingerprint(new Fingerprint(names, 2)));
    State known = stateOf.get(key);
    if (known != null) {
      return known;
    }
    long[] hashes = new long[symmetry.size()];
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = member.fingerprint(new Fingerprint(symmetry.renaming(i), 3));
    }
    int[] log = member.entries().stream().mapToInt(entries::number).toArray();
    State state = new State(states.size(), member, log, hashes, root, parent, event);
    states.add(state);
    stateOf.put(key, state);
    return state;
  }
}
