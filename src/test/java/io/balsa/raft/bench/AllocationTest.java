package io.balsa.raft.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import io.balsa.raft.Ready;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/**
 * What the core allocates for entries that are in the log already: nothing but one reference to
 * each in every list that a message carries. Measured on code that is not compiled, so that nothing
 * hangs on what a compiler sees through.
 */
class AllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int LOG = 6_000;
  private static final int FEW = 100;
  private static final int MANY = 5_100;
  // A compiler that comes in between saves some constant objects; not one byte for each entry.
  private static final Offset<Double> CONSTANT = within(0.5);
  // Four bytes, eight on large heaps.
  private static final double REFERENCE_BYTES = bytesPerEntry(count -> () -> new Object[count]);

  @Test
  void sendingDurableEntriesCostsOneReferenceEach() {
    double bytes =
        bytesPerEntry(
            count -> {
              Member leader = Member.leader(LOG, count);
              leader.behind(2, LOG - count);
              return () -> answer(leader, new Message.HeartbeatResponse(2, 1, 2, 0));
            });

    assertThat(bytes).isCloseTo(REFERENCE_BYTES, CONSTANT);
  }

  @Test
  void sendingEntriesThatAreNotDurableCostsOneReferenceEach() {
    double bytes =
        bytesPerEntry(
            count -> {
              Member leader = leaderThatCommittedAll(count);
              leader.propose(Member.proposals(count));
              leader.node.ready();
              leader.node.reportUnreachable(2);
              return () -> answer(leader, new Message.HeartbeatResponse(2, 1, 2, 0));
            });

    assertThat(bytes).isCloseTo(REFERENCE_BYTES, CONSTANT);
  }

  @Test
  void sendingDurableEntriesTogetherWithOthersCostsTwoReferencesEach() {
    double bytes =
        bytesPerEntry(
            count -> {
              Member leader = Member.leader(LOG, LOG);
              leader.behind(2, LOG - count);
              leader.propose(Member.proposals(FEW));
              leader.node.ready();
              return () -> answer(leader, new Message.HeartbeatResponse(2, 1, 2, 0));
            });

    assertThat(bytes).isCloseTo(2 * REFERENCE_BYTES, CONSTANT);
  }

  @Test
  void receivingEntriesAgainCostsNothing() {
    double bytes =
        bytesPerEntry(
            count -> {
              Member follower = follower(LOG);
              Message append = append(LOG - count, count, 0);
              return () -> answer(follower, append);
            });

    assertThat(bytes).isCloseTo(0, CONSTANT);
  }

  @Test
  void handingCommittedEntriesOutCostsOneReferenceEach() {
    double bytes =
        bytesPerEntry(
            count -> {
              Member follower = follower(LOG);
              Message commit = append(LOG, 0, count);
              return () -> answer(follower, commit);
            });

    assertThat(bytes).isCloseTo(REFERENCE_BYTES, CONSTANT);
  }

  @Test
  void acknowledgementsThatCommitNothingMoreCostNothing() {
    double bytes =
        bytesPerEntry(
            count -> {
              Member leader = leaderThatCommittedAll(count);
              acknowledge(leader, 3, leader.node.lastIndex());
              leader.propose(Member.proposals(count));
              leader.run();
              acknowledge(leader, 2, leader.node.lastIndex());
              List<Message> acknowledgements =
                  LongStream.rangeClosed(LOG + 2, leader.node.lastIndex())
                      .<Message>mapToObj(index -> acknowledgement(3, index))
                      .toList();
              return () -> {
                for (int i = 0; i < count; i++) {
                  leader.step(acknowledgements.get(i));
                }
                return leader;
              };
            });

    assertThat(bytes).isCloseTo(0, CONSTANT);
  }

  @Test
  void hearingThatEntriesAreDurableCostsNothing() {
    double bytes =
        bytesPerEntry(
            count -> {
              Member leader = leaderThatCommittedAll(count);
              leader.propose(Member.proposals(count));
              Message.StorageAppend append = only(Message.StorageAppend.class, leader.node.ready());
              leader.store(append.hardState(), append.entries());
              Message stored = append.responses().get(append.responses().size() - 1);
              return () -> answer(leader, stored);
            });

    assertThat(bytes).isCloseTo(0, CONSTANT);
  }

  @Test
  void hearingThatEntriesAreAppliedCostsNothing() {
    double bytes =
        bytesPerEntry(
            count -> {
              Member follower = follower(LOG);
              follower.step(append(LOG, 0, count));
              Message.StorageApply apply = only(Message.StorageApply.class, follower.node.ready());
              Message applied = apply.responses().get(0);
              return () -> answer(follower, applied);
            });

    assertThat(bytes).isCloseTo(0, CONSTANT);
  }

  @Test
  void nothingDependsOnTheLengthOfTheLog() {
    double bytes =
        bytesPerEntry(
            1_000,
            100_000,
            log -> {
              Member leader = Member.leader(log, FEW);
              leader.behind(2, log - FEW);
              Member follower = follower(log);
              Message append = append(log - FEW, FEW, FEW);
              return () -> {
                leader.node.tick();
                answer(leader, new Message.HeartbeatResponse(2, 1, 2, 0));
                return answer(follower, append);
              };
            });

    assertThat(bytes * 99_000).isLessThan(1_000);
  }

  /** A leader that replicates to follower 2, which has all. */
  private static Member leaderThatCommittedAll(int messageEntries) {
    Member leader = Member.leader(LOG, messageEntries);
    acknowledge(leader, 2, leader.node.lastIndex());
    return leader;
  }

  private static void acknowledge(Member leader, long follower, long index) {
    leader.step(acknowledgement(follower, index));
    leader.run();
  }

  private static Message acknowledgement(long follower, long index) {
    return new Message.AppendResponse(follower, 1, 2, index, false, EntryId.ZERO);
  }

  private static Member follower(int logEntries) {
    return new Member(1, true, logEntries, logEntries, message -> {});
  }

  private static Message append(int previous, int count, long commit) {
    return new Message.AppendRequest(
        2, 1, 1, new EntryId(1, previous), Member.entries(previous + 1L, count), commit);
  }

  private static Ready answer(Member member, Message message) {
    member.step(message);
    return member.node.ready();
  }

  private static <T extends Message> T only(Class<T> type, Ready ready) {
    return ready.messages().stream()
        .filter(type::isInstance)
        .map(type::cast)
        .findFirst()
        .orElseThrow();
  }

  private static double bytesPerEntry(IntFunction<Supplier<Object>> prepare) {
    return bytesPerEntry(FEW, MANY, prepare);
  }

  /** The slope between few and many entries; what both allocate alike does not count. */
  private static double bytesPerEntry(int few, int many, IntFunction<Supplier<Object>> prepare) {
    return (bytes(prepare, many) - bytes(prepare, few)) / (double) (many - few);
  }

  // Classes that are loaded on the way allocate as well, but only the first time.
  private static long bytes(IntFunction<Supplier<Object>> prepare, int count) {
    long bytes = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      Supplier<Object> action = prepare.apply(count);
      long before = THREADS.getCurrentThreadAllocatedBytes();
      Object result = action.get();
      bytes = Math.min(bytes, THREADS.getCurrentThreadAllocatedBytes() - before);
      assertThat(result).isNotNull();
    }
    return bytes;
  }
}
