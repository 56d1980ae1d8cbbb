package io.balsa.raft.explore;

import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfState;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The renamings of members that turn a scenario into itself. The first changes no name. */
final class Symmetry {
  private final List<long[]> renamings = new ArrayList<>();

  Symmetry(Scenario scenario) {
    permute(new long[scenario.members() + 1], 1, 0, scenario);
  }

  /** How many there are. */
  int size() {
    return renamings.size();
  }

  /** The new names by id; the place 0 stands for nobody. */
  long[] renaming(int number) {
    return renamings.get(number);
  }

  private void permute(long[] names, int id, int used, Scenario scenario) {
    if (id == names.length) {
      if (preserves(names, scenario)) {
        renamings.add(names.clone());
      }
      return;
    }
    for (int name = 1; name < names.length; name++) {
      if ((used & 1 << name) == 0) {
        names[id] = name;
        permute(names, id + 1, used | 1 << name, scenario);
      }
    }
  }

  private static boolean preserves(long[] names, Scenario scenario) {
    ConfState first = scenario.first();
    Set<ConfChange> changes = Set.copyOf(scenario.changes());
    return renamed(names, first.voters()).equals(first.voters())
        && renamed(names, first.learners()).equals(first.learners())
        && changes.stream().allMatch(change -> changes.contains(renamed(names, change)));
  }

  private static ConfChange renamed(long[] names, ConfChange change) {
    List<ConfChange.Operation> operations =
        change.operations().stream()
            .map(one -> new ConfChange.Operation(one.type(), names[(int) one.member()]))
            .toList();
    return new ConfChange(change.transition(), operations, change.context());
  }

  private static List<Long> renamed(long[] names, List<Long> ids) {
    return ids.stream().map(id -> names[id.intValue()]).sorted().toList();
  }
}
