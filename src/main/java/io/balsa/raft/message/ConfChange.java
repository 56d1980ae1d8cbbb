package io.balsa.raft.message;

import io.balsa.data.ByteReader;
import io.balsa.data.ByteWriter;
import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import java.util.ArrayList;
import java.util.List;

/**
 * A change of the configuration: the data of an entry of type {@link EntryType#CONF_CHANGE} (one
 * operation, transition auto) or {@link EntryType#CONF_CHANGE_V2}. A change without operations
 * leaves a joint configuration.
 *
 * @param context bytes of the application that travel with the change; the core does not read them
 */
public record ConfChange(Transition transition, List<Operation> operations, Bytes context) {
  /** The empty change, which leaves a joint configuration. */
  public static final ConfChange LEAVE_JOINT =
      new ConfChange(Transition.AUTO, List.of(), Bytes.EMPTY);

  private static final int OPERATION_BYTES_MIN = 2;

  public ConfChange {
    operations = List.copyOf(operations);
  }

  /** How a change passes through the joint configuration (Raft paper §6). */
  public enum Transition {
    /** Joint only where more than one voter changes; left by itself. */
    AUTO,
    /** Always joint; left by itself. */
    JOINT_IMPLICIT,
    /** Always joint; left when {@link #LEAVE_JOINT} is proposed. */
    JOINT_EXPLICIT
  }

  /** What happens to one member. */
  public enum OperationType {
    /** Becomes a voter. */
    ADD_VOTER,
    /** Leaves the configuration. */
    REMOVE,
    /** Nothing changes but the application's own data. */
    UPDATE,
    /** Becomes a learner. */
    ADD_LEARNER
  }

  /**
   * One operation of a change.
   *
   * @param member 0 cancels the operation
   */
  public record Operation(OperationType type, long member) {
    @Override
    public String toString() {
      return type + " " + Message.name(member);
    }
  }

  /** A change of one operation with transition auto. */
  public static ConfChange of(OperationType type, long member) {
    return new ConfChange(Transition.AUTO, List.of(new Operation(type, member)), Bytes.EMPTY);
  }

  /** Whether it leaves a joint configuration: no operations, and no transition asked for. */
  public boolean leavesJoint() {
    return operations.isEmpty() && transition == Transition.AUTO;
  }

  /**
   * Whether it enters a joint configuration: more than one operation, or a transition asked for.
   */
  public boolean entersJoint() {
    return operations.size() > 1 || transition != Transition.AUTO;
  }

  /** Whether the leader leaves the joint configuration by itself once this change is applied. */
  public boolean leavesJointByItself() {
    return transition != Transition.JOINT_EXPLICIT;
  }

  /** The data of its entry. {@link #LEAVE_JOINT} encodes to no bytes at all. */
  public Bytes encode() {
    if (equals(LEAVE_JOINT)) {
      return Bytes.EMPTY;
    }
    ByteWriter writer = new ByteWriter(16 + context.length());
    writer.u8(transition.ordinal()).varint(operations.size());
    for (Operation operation : operations) {
      writer.u8(operation.type().ordinal()).varint(operation.member());
    }
    return Bytes.wrap(writer.bytes(context).toArray());
  }

  /** Reads what {@link #encode} wrote; no bytes are {@link #LEAVE_JOINT}. */
  public static ConfChange decode(Bytes data) throws MalformedException {
    if (data.isEmpty()) {
      return LEAVE_JOINT;
    }
    ByteReader reader = new ByteReader(data);
    Transition transition = constant(Transition.values(), reader.u8(), "transition");
    int count = reader.count(OPERATION_BYTES_MIN);
    List<Operation> operations = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      OperationType type = constant(OperationType.values(), reader.u8(), "operation type");
      operations.add(new Operation(type, reader.varint()));
    }
    Bytes context = reader.bytes();
    reader.expectEnd();
    return new ConfChange(transition, operations, context);
  }

  /** Everything but the bytes of the context. */
  @Override
  public String toString() {
    String text = leavesJoint() ? "leave joint" : transition + " " + operations;
    return context.isEmpty() ? text : text + ", context of " + context.length() + " bytes";
  }

  private static <T> T constant(T[] values, int ordinal, String name) throws MalformedException {
    if (ordinal >= values.length) {
      throw new MalformedException("conf change: unknown " + name + ": " + ordinal);
    }
    return values[ordinal];
  }
}
