package io.balsa.engine;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.mvcc.Store;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.Result;
import io.balsa.raft.RawNode;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryType;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;

/** Lets the judges of the simulator look into the engine; it changes nothing. */
public final class EngineInsight {
  private static final Field NODE = field(RaftLoop.class, "node");
  private static final Field PRESENT = field(Replica.class, "present");

  private EngineInsight() {}

  /** What became of an entry: no result where it was skipped, or is not a command. */
  public record Applied(long origin, long number, Command command, Result result) {}

  /** The core of a raft loop. */
  public static RawNode node(RaftLoop raft) {
    return (RawNode) get(NODE, raft);
  }

  /** The present state of a replica. */
  public static State state(Replica replica) {
    return new State(((Present) get(PRESENT, replica)).state);
  }

  /** The state that a cluster of these founders begins with. */
  public static State genesis(List<MemberInfo> founders) {
    return new State(Recovery.founded(founders).state());
  }

  /** The replicated state. */
  public static final class State {
    private final StateMachine machine;

    private State(StateMachine machine) {
      this.machine = machine;
    }

    /** The keys. */
    public Store store() {
      return machine.store();
    }

    /** The configuration of consensus. */
    public ConfState confState() {
      return machine.membership().confState();
    }

    /** The members. */
    public List<MemberInfo> members() {
      return List.copyOf(machine.membership().members().values());
    }

    /** The index of the last entry that it holds. */
    public long appliedIndex() {
      return machine.applied().index();
    }

    /** Applies the next entry. */
    public Applied apply(Entry entry) {
      StateMachine.Outcome outcome = machine.apply(entry);
      return outcome instanceof StateMachine.Outcome.Applied applied
          ? new Applied(applied.origin(), applied.number(), applied.command(), applied.result())
          : new Applied(outcome.origin(), outcome.number(), null, null);
    }
  }

  /** The same proposals under numbers that are free, as if they had never been sent. */
  public static List<Proposal> again(List<Proposal> proposals) {
    List<Proposal> again = new ArrayList<>();
    for (Proposal proposal : proposals) {
      if (proposal.entry().type() == EntryType.NORMAL) {
        again.add(again(proposal));
      }
    }
    return again;
  }

  private static Proposal again(Proposal proposal) {
    try {
      Envelope envelope = Envelope.decode(proposal.entry().data());
      long number = envelope.number() + 1;
      Bytes sealed = Envelope.seal(envelope.origin(), number, Envelope.encode(envelope.payload()));
      return new Proposal(number, Entry.proposal(EntryType.NORMAL, sealed));
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  private static Field field(Class<?> type, String name) {
    try {
      Field field = type.getDeclaredField(name);
      field.setAccessible(true);
      return field;
    } catch (NoSuchFieldException e) {
      throw new AssertionError(e);
    }
  }

  private static Object get(Field field, Object object) {
    try {
      return field.get(object);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
