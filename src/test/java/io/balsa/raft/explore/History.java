package io.balsa.raft.explore;

import io.balsa.raft.message.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What ever happened, as far as it binds the future: who led which term, what was committed, and in
 * which term.
 */
final class History {
  /** The last index of the snapshot that all begin with. */
  private static final int FIRST_INDEX = 1;

  /**
   * One past.
   *
   * @param leaders by term, 0 for none
   * @param entries the numbers of the committed entries, from the index behind the first snapshot
   * @param terms in which they were committed
   */
  record Past(int number, List<Integer> leaders, List<Integer> entries, List<Integer> terms) {
    long lastIndex() {
      return FIRST_INDEX + entries.size();
    }
  }

  private record Key(List<Integer> leaders, List<Integer> entries, List<Integer> terms) {}

  /** A promise that is broken. */
  static final class Broken extends Exception {
    private static final long serialVersionUID = 1;

    Broken(String what) {
      super(what);
    }
  }

  private final Members members;
  private final Symmetry symmetry;
  private final Map<Key, Past> known = new HashMap<>();
  private final List<Past> pasts = new ArrayList<>();
  private final List<long[]> hashes = new ArrayList<>();
  private final LongMap after = new LongMap();

  History(Members members, Symmetry symmetry) {
    this.members = members;
    this.symmetry = symmetry;
    intern(List.of(), List.of(), List.of());
  }

  Past past(int number) {
    return pasts.get(number);
  }

  long hash(int number, int renaming) {
    return hashes.get(number)[renaming];
  }

  /**
   * The past after a member came into this state.
   *
   * @throws Broken if that contradicts the past
   */
  int after(int number, Members.State state) throws Broken {
    long key = ((long) number << 32 | state.number) + 1;
    int result = after.get(key);
    if (result == LongMap.NONE) {
      result = after(pasts.get(number), state).number();
      after.put(key, result);
    }
    return result;
  }

  private Past after(Past past, Members.State state) throws Broken {
    List<Integer> entries = new ArrayList<>(past.entries());
    List<Integer> terms = new ArrayList<>(past.terms());
    for (long index = FIRST_INDEX + 1; index <= state.commit; index++) {
      int place = (int) index - FIRST_INDEX - 1;
      if (index <= state.before.index()) {
        checkBefore(entries, place, state);
      } else if (place == entries.size()) {
        entries.add(state.entry(index));
        terms.add((int) state.term);
      } else if (entries.get(place) != state.entry(index)) {
        throw new Broken(
            "state machine safety: member "
                + state.id
                + " commits "
                + members.entry(state.entry(index))
                + ", but committed was "
                + members.entry(entries.get(place)));
      }
    }
    List<Integer> leaders = new ArrayList<>(past.leaders());
    if (state.leader) {
      checkCompleteness(entries, terms, state);
      while (leaders.size() <= state.term) {
        leaders.add(0);
      }
      int before = leaders.set((int) state.term, (int) state.id);
      if (before != 0 && before != state.id) {
        throw new Broken(
            "election safety: members " + before + " and " + state.id + " lead term " + state.term);
      }
    }
    return intern(leaders, entries, terms);
  }

  private void checkBefore(List<Integer> entries, int place, Members.State state) throws Broken {
    if (place >= entries.size()) {
      throw new Broken("member " + state.id + " has a snapshot of what was not committed");
    }
    long index = place + FIRST_INDEX + 1L;
    if (index == state.before.index()
        && members.entry(entries.get(place)).term() != state.before.term()) {
      throw new Broken("member " + state.id + " has a snapshot of what was committed otherwise");
    }
  }

  private void checkCompleteness(List<Integer> entries, List<Integer> terms, Members.State state)
      throws Broken {
    for (int place = 0; place < entries.size(); place++) {
      long index = place + FIRST_INDEX + 1L;
      boolean bound = terms.get(place) < state.term && index > state.before.index();
      if (bound && (index > state.lastIndex() || state.entry(index) != entries.get(place))) {
        throw new Broken(
            "leader completeness: member "
                + state.id
                + " leads term "
                + state.term
                + " without "
                + members.entry(entries.get(place))
                + ", committed in term "
                + terms.get(place));
      }
    }
  }

  private Past intern(List<Integer> leaders, List<Integer> entries, List<Integer> terms) {
    return known.computeIfAbsent(
        new Key(List.copyOf(leaders), List.copyOf(entries), List.copyOf(terms)),
        key -> {
          Past past = new Past(pasts.size(), key.leaders(), key.entries(), key.terms());
          pasts.add(past);
          hashes.add(hashes(past));
          return past;
        });
  }

  private long[] hashes(Past past) {
    long[] result = new long[symmetry.size()];
    for (int i = 0; i < result.length; i++) {
      long number = 5;
      for (int leader : past.leaders()) {
        number = Fingerprint.mix(number, symmetry.renaming(i)[leader]);
      }
      for (int place = 0; place < past.entries().size(); place++) {
        number = Fingerprint.mix(number, members.entryHash(past.entries().get(place), i));
        number = Fingerprint.mix(number, past.terms().get(place));
      }
      result[i] = number;
    }
    return result;
  }

  /** Where two logs have an entry of one index and term, all before it must be the same. */
  static boolean logsMatch(Members members, Members.State one, Members.State other) {
    long index = Math.min(one.lastIndex(), other.lastIndex());
    long first = Math.max(one.before.index(), other.before.index()) + 1;
    while (index >= first && term(members, one, index) != term(members, other, index)) {
      index--;
    }
    while (index >= first) {
      if (one.entry(index) != other.entry(index)) {
        return false;
      }
      index--;
    }
    return true;
  }

  private static long term(Members members, Members.State state, long index) {
    Entry entry = members.entry(state.entry(index));
    return entry.term();
  }
}
