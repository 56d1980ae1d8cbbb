package io.balsa.raft.bench;

import io.balsa.raft.message.Entry;
import io.balsa.raft.message.Message;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The way of entries through three cores: proposed, appended, sent, stored, acknowledged, committed
 * and applied on all of them. All figures are for one entry.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(value = 1, jvmArgs = "-Xmx1g")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ReplicationBenchmark {
  private static final int ENTRIES = 256;

  /** How many entries are proposed together. */
  @Param({"1", "16", "256"})
  int batch;

  /** Asynchronous storage writes, or Ready and advance. */
  @Param({"async", "plain"})
  String contract;

  private final ArrayDeque<Message> messages = new ArrayDeque<>();
  private Member[] members;
  private List<Entry> proposals;

  /** Elects member 1. */
  @Setup
  public void elect() {
    members = new Member[3];
    for (int i = 0; i < members.length; i++) {
      members[i] = new Member(i + 1, contract.equals("async"), 0, 4_096, messages::add);
    }
    proposals = Member.proposals(batch);
    members[0].node.campaign();
    settle();
  }

  /** Replicates a number of entries that all batches divide. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long replicate() {
    for (int proposed = 0; proposed < ENTRIES; proposed += batch) {
      members[0].propose(proposals);
      settle();
    }
    return applied();
  }

  private void settle() {
    members[0].run();
    while (!messages.isEmpty()) {
      Message message = messages.remove();
      Member receiver = members[(int) message.to() - 1];
      receiver.step(message);
      receiver.run();
    }
  }

  // A follower that lags would make the figures too good.
  private long applied() {
    long applied = members[0].node.applied();
    for (Member member : members) {
      if (member.node.applied() != applied) {
        throw new IllegalStateException(
            "bench: applied: " + applied + ", " + member.node.applied());
      }
    }
    return applied;
  }
}
