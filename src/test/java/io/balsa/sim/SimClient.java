package io.balsa.sim;

import io.balsa.engine.ReplicaInput;
import io.balsa.engine.request.Answers;
import io.balsa.engine.request.Call;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.engine.request.WatchEvent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A client of the cluster, connected to one member at a time. A connection breaks when its member
 * ends; what was asked on it then is not answered.
 */
abstract class SimClient {
  private static final long LATENCY_NANOS = 150 * Timeline.MICROS;
  private static final long PATIENCE_NANOS = 2 * Timeline.SECONDS;

  /** What is done with the answer to a request. */
  interface Receiver {
    /** The member has answered; null: the connection broke, or nothing came for too long. */
    void answered(Reply reply);
  }

  final Simulation world;
  final Timeline timeline;
  final Random random;
  private final String name;
  private final Map<Long, Receiver> pending = new HashMap<>();
  private SimMember member;
  private long incarnation;
  private long connections;
  private long calls;

  SimClient(Simulation world, String name, long seed) {
    this.world = world;
    this.timeline = world.timeline;
    this.name = name;
    this.random = new Random(seed);
  }

  String name() {
    return name;
  }

  /** Begins to act. */
  abstract void begin();

  /** A watch tells something. */
  void told(WatchEvent event) {}

  /** The connection is over; all requests on it have been answered with null. */
  void disconnected() {}

  // ---- Connections

  /** The member at the other end, null for none. */
  SimMember member() {
    return isConnected() ? member : null;
  }

  boolean isConnected() {
    return member != null && member.isRunning() && member.incarnation() == incarnation;
  }

  /** Connects to any member that runs; false if there is none. */
  boolean connect() {
    List<SimMember> running = world.running();
    if (running.isEmpty()) {
      return false;
    }
    connect(running.get(random.nextInt(running.size())));
    return true;
  }

  /** Connects to this member, which runs. */
  void connect(SimMember to) {
    disconnect();
    member = to;
    incarnation = member.incarnation();
    connections++;
  }

  /** Leaves the member. */
  void disconnect() {
    if (isConnected()) {
      SimMember left = member;
      String address = address();
      later(left, () -> left.toReplica(new ReplicaInput.ClientGone(address)));
    }
    member = null;
    connections++;
    drop();
  }

  /** A member has ended. */
  void ended(SimMember ended) {
    if (ended == member) {
      long of = connections;
      timeline.after(
          LATENCY_NANOS,
          () -> {
            if (connections == of) {
              member = null;
              drop();
              disconnected();
            }
          });
    }
  }

  private void drop() {
    List<Receiver> lost = pending.keySet().stream().sorted().map(pending::get).toList();
    pending.clear();
    lost.forEach(receiver -> receiver.answered(null));
  }

  private String address() {
    return name + " " + connections;
  }

  private void later(SimMember to, Runnable action) {
    long of = to.incarnation();
    timeline.after(
        LATENCY_NANOS,
        () -> {
          if (to.isRunning() && to.incarnation() == of) {
            action.run();
          }
        });
  }

  // ---- Requests

  /** Asks the member at the other end; there must be one. */
  void ask(Request request, long timeoutMillis, Receiver receiver) {
    long number = ++calls;
    long of = connections;
    pending.put(number, receiver);
    send(new Call(number, timeoutMillis, request));
    timeline.after(
        timeoutMillis * Timeline.MILLIS + PATIENCE_NANOS,
        () -> {
          if (connections == of && pending.remove(number) != null) {
            receiver.answered(null);
          }
        });
  }

  /** Sends what is not answered by a reply. */
  void tell(Request request) {
    send(new Call(++calls, 1_000, request));
  }

  private void send(Call call) {
    SimMember to = member;
    String address = address();
    later(to, () -> to.toReplica(new ReplicaInput.Calls(address, List.of(call))));
  }

  /** The same on every JVM, as hash codes of enums are not. */
  private static long summary(Reply reply) {
    if (reply instanceof Reply.Written written) {
      return written.revision();
    }
    return reply instanceof Reply.Refused refused
        ? -1 - refused.refusal().ordinal()
        : reply.getClass().getName().hashCode();
  }

  /** A member has answered on the connection of this address. */
  void answered(String address, Answers answers) {
    timeline.after(
        LATENCY_NANOS,
        () -> {
          if (member == null || !address.equals(address())) {
            return;
          }
          for (Answers.Answer answer : answers.answers()) {
            Receiver receiver = pending.remove(answer.number());
            timeline.note(summary(answer.reply()));
            if (receiver != null) {
              receiver.answered(answer.reply());
            }
          }
          for (WatchEvent event : answers.events()) {
            if (member == null || !address.equals(address())) {
              return; // The event before made it leave.
            }
            told(event);
          }
        });
  }
}
