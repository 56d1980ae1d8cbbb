package io.balsa.raft.conformance;

import io.balsa.raft.confchange.Changer;
import io.balsa.raft.confchange.ConfChangeException;
import io.balsa.raft.conformance.DataFile.Case;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.tracker.Configuration;
import io.balsa.raft.tracker.ProgressTracker;
import java.util.List;
import java.util.TreeMap;

/** The commands of {@code confchange/} (section 8). */
final class ConfChangeDriver implements Driver {
  private static final ProgressTracker.Limits LIMITS = new ProgressTracker.Limits(10, 1 << 20);

  private ProgressTracker tracker = new ProgressTracker(Configuration.EMPTY, new TreeMap<>());
  private long lastIndex;

  @Override
  public String run(Case test) {
    try {
      tracker = change(test);
      return Texts.configuration(tracker.configuration().toConfState())
          + "\n"
          + Texts.progress(tracker.copies());
    } catch (ConfChangeException e) {
      return e.getMessage() + "\n";
    } finally {
      lastIndex++;
    }
  }

  private ProgressTracker change(Case test) {
    Changer changer = new Changer(tracker, lastIndex, LIMITS);
    List<ConfChange.Operation> operations = Texts.parseOperations(test.input());
    return switch (test.command()) {
      case "simple" -> changer.simple(operations);
      case "enter-joint" -> changer.enterJoint(test.isTrue("autoleave"), operations);
      case "leave-joint" -> {
        if (!test.input().isEmpty()) {
          throw new ConfChangeException("this command takes no input");
        }
        yield changer.leaveJoint();
      }
      default -> throw new ConfChangeException("unknown command");
    };
  }
}
