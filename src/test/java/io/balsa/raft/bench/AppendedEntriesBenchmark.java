package io.balsa.raft.bench;

import io.balsa.raft.Ready;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What entries cost that are in the log already. All figures are for one message or round: the
 * bytes must not depend on the length of the log, and only in {@link #send} on the number of
 * entries in the message, by one reference for each.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgs = "-Xmx1g")
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class AppendedEntriesBenchmark {
  /** How many entries the log has. */
  @Param({"1000", "100000"})
  int log;

  /** How many entries a message has. */
  @Param({"1", "16", "256"})
  int message;

  private Member leader;
  private Member follower;
  private Message answerOfLate;
  private Message answerOfOther;
  private Message append;

  /** Elects a leader whose follower lacks the entries of a message, and a follower that has all. */
  @Setup
  public void prepare() {
    leader = Member.leader(log, message);
    leader.behind(2, log - message);
    answerOfLate = new Message.HeartbeatResponse(2, 1, 2, 0);
    answerOfOther = new Message.HeartbeatResponse(3, 1, 2, 0);
    follower = new Member(1, true, log, message, sent -> {});
    append =
        new Message.AppendRequest(
            2,
            1,
            1,
            new EntryId(log == message ? 0 : 1, log - message),
            Member.entries(log - message + 1, message),
            0);
  }

  /** The leader sends entries once more, because the follower is still waiting for them. */
  @Benchmark
  public Ready send() {
    leader.step(answerOfLate);
    return leader.node.ready();
  }

  /** A follower gets entries once more and acknowledges them. */
  @Benchmark
  public Ready receive() {
    follower.step(append);
    return follower.node.ready();
  }

  /** The leader sends heartbeats; the answer brings an append with the one newest entry. */
  @Benchmark
  public Ready heartbeat() {
    leader.node.tick();
    leader.step(answerOfOther);
    return leader.node.ready();
  }
}
