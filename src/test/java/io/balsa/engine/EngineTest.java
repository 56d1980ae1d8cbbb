package io.balsa.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Once;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import io.balsa.storage.file.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole engines together: what clients were promised holds. */
class EngineTest {
  private static final long SEED = Long.getLong("seed", System.nanoTime());

  private static final long SESSION = 0x7f;

  private static int acknowledgedInRuns;
  private static int repeatedInRuns;

  @BeforeAll
  static void printSeed() {
    System.out.println("EngineTest seed; repeat: mvn test -Dtest=EngineTest -Dseed=" + SEED);
  }

  @AfterAll
  static void runsInWhichNothingHappensProveNothing() {
    assertThat(acknowledgedInRuns).isPositive();
    assertThat(repeatedInRuns).isPositive();
  }

  private static Request put(String key, String value) {
    return new Request.Write(Op.Put.of(Bytes.utf8(key), Bytes.utf8(value), 0));
  }

  private static Request putOnce(long sequence, String key, String value) {
    return new Request.Write(
        Op.Put.of(Bytes.utf8(key), Bytes.utf8(value), 0), new Once(SESSION, sequence));
  }

  private static Request get(String key, boolean serializable) {
    return new Request.Read(Op.Range.of(KeyRange.of(Bytes.utf8(key)), 0, 0, false), serializable);
  }

  private static List<String> values(Reply reply) {
    return ((OpResult.Ranged) ((Reply.Read) reply).result())
        .items().stream().map(item -> item.value().toString()).toList();
  }

  private static Reply.MemberStatus status(EngineCluster cluster, EngineMember member)
      throws StorageException {
    return ((Reply.Status) cluster.call(member, new Request.Status())).status();
  }

  @Test
  void anyMemberTakesWritesAndReads() throws StorageException {
    EngineCluster cluster = EngineCluster.of(3, SEED);
    cluster.leader();
    for (EngineMember member : cluster.members.values()) {
      Reply reply = cluster.call(member, put("key", "by " + member.id));
      assertThat(reply).isInstanceOf(Reply.Written.class);
      for (EngineMember reader : cluster.members.values()) {
        assertThat(values(cluster.call(reader, get("key", false))))
            .containsExactly(Bytes.utf8("by " + member.id).toString());
      }
    }
  }

  @Test
  void whatWasAcknowledgedSurvivesTheCrashOfAllMembersWithNothingUnsynced()
      throws StorageException {
    EngineCluster cluster = EngineCluster.of(3, SEED);
    for (int i = 0; i < 100; i++) {
      cluster.call(cluster.leader(), put("key" + i, "value" + i));
    }
    for (EngineMember member : cluster.members.values()) {
      member.crash(0);
    }
    for (EngineMember member : cluster.members.values()) {
      member.start();
    }
    for (int i = 0; i < 100; i++) {
      assertThat(values(cluster.call(cluster.leader(), get("key" + i, false)))).hasSize(1);
    }
  }

  @Test
  void memberThatLagsBehindASnapshotCatchesUp() throws StorageException {
    EngineCluster cluster = new EngineCluster(SEED);
    cluster.snapshotEntries = 50;
    cluster.founders(3);
    EngineMember away = cluster.follower();
    away.crash(0);
    for (int i = 0; i < 300; i++) {
      cluster.call(cluster.leader(), put("key" + i, "value" + i));
    }
    away.start();
    cluster.call(cluster.leader(), put("last", "one"));

    cluster.until("the member to catch up", () -> away.replica.appliedIndex() >= applied(cluster));
    assertThat(status(cluster, away).counters().snapshotsInstalled()).isPositive();
    assertThat(values(cluster.call(away, get("last", true)))).hasSize(1);
    assertSame(cluster);
  }

  private static long applied(EngineCluster cluster) {
    return cluster.members.values().stream()
        .filter(member -> member.alive)
        .mapToLong(member -> member.replica.appliedIndex())
        .max()
        .orElseThrow();
  }

  /** All members come to the same state. */
  private static void assertSame(EngineCluster cluster) throws StorageException {
    cluster.leader();
    cluster.until(
        "all members to apply the same",
        () ->
            cluster.members.values().stream()
                .filter(member -> member.alive && !member.removed)
                .allMatch(member -> member.replica.appliedIndex() == applied(cluster)));
    List<Long> hashes = new ArrayList<>();
    for (EngineMember member : cluster.members.values()) {
      if (member.alive && !member.removed) {
        hashes.add(status(cluster, member).stateHash());
      }
    }
    assertThat(hashes.stream().distinct()).as("state hashes " + hashes).hasSize(1);
  }

  @Test
  void newMemberJoinsAsLearnerIsPromotedAndCanLead() throws StorageException {
    EngineCluster cluster = EngineCluster.of(3, SEED);
    for (int i = 0; i < 50; i++) {
      cluster.call(cluster.leader(), put("key" + i, "value" + i));
    }
    Reply.Members added =
        (Reply.Members)
            cluster.call(
                cluster.follower(), new Request.MemberAdd("m4", List.of("http://m4"), true));
    EngineMember joined = cluster.join(added.changed(), "m4");

    cluster.until(
        "the learner to catch up", () -> joined.replica.appliedIndex() >= applied(cluster));
    Reply promoted = cluster.call(cluster.leader(), new Request.MemberPromote("m4"));
    assertThat(promoted).isInstanceOf(Reply.Members.class);
    cluster.until("the promotion to be known", () -> joined.view.isVoter());
    assertThat(cluster.call(cluster.leader(), new Request.TransferLeader("m4")))
        .isInstanceOf(Reply.Members.class);
    assertThat(cluster.leader()).isSameAs(joined);
    assertThat(cluster.call(joined, put("by", "m4"))).isInstanceOf(Reply.Written.class);
    assertSame(cluster);
  }

  @Test
  void learnerThatWasNeverStartedIsNotPromoted() throws StorageException {
    EngineCluster cluster = EngineCluster.of(3, SEED);
    cluster.call(cluster.leader(), new Request.MemberAdd("m4", List.of("http://m4"), true));

    Reply reply = cluster.call(cluster.leader(), new Request.MemberPromote("m4"));

    assertThat(reply)
        .isInstanceOfSatisfying(
            Reply.Refused.class,
            refused -> {
              assertThat(refused.refusal()).isEqualTo(Refusal.CONFLICT);
              assertThat(refused.unknown()).isFalse();
              assertThat(refused.detail()).contains("does not answer");
            });
  }

  @Test
  void leaderThatIsAskedToRemoveItselfAnswersAndTheOthersGoOn() throws StorageException {
    EngineCluster cluster = EngineCluster.of(3, SEED);
    EngineMember leader = cluster.leader();

    Reply reply = cluster.call(leader, new Request.MemberRemove("m" + leader.id, false));

    assertThat(reply)
        .isInstanceOfSatisfying(
            Reply.Members.class,
            members -> assertThat(members.members()).extracting("id").doesNotContain(leader.id));
    cluster.until("the removed member to end", () -> leader.removed);
    leader.crash(1);
    assertThat(cluster.call(cluster.leader(), put("after", "removal")))
        .isInstanceOf(Reply.Written.class);
    assertThat(cluster.leader().told.removed()).containsExactly(leader.id);
  }

  @Test
  void whatALeaseStillHasSurvivesAChangeOfLeadersAndARestartOfAll() throws StorageException {
    EngineCluster cluster = new EngineCluster(SEED);
    cluster.leaseCheckpointMillis = 5_000;
    cluster.snapshotEntries = 3;
    cluster.founders(3);
    cluster.call(cluster.leader(), new Request.LeaseGrant(7, 50));
    long grantedMillis = cluster.nowMillis();
    cluster.ticks(200);

    EngineMember first = cluster.leader();
    first.crash(0);
    cluster.leader();
    cluster.ticks(150);
    first.start();
    cluster.members.values().forEach(member -> member.crash(0));
    for (EngineMember member : cluster.members.values()) {
      member.start();
    }

    EngineMember last = cluster.leader();
    cluster.until("the end of the lease", () -> leases(last) == 0);
    // Each time no more is given back than passed since the last record, and until it is heard.
    assertThat(cluster.nowMillis() - grantedMillis).isBetween(50_000L, 50_000L + 2 * 11_000);
  }

  private static int leases(EngineMember member) {
    return EngineInsight.state(member.replica).store().leaseCount();
  }

  @Test
  void removalThatWouldCostTheQuorumNeedsForce() throws StorageException {
    EngineCluster cluster = EngineCluster.of(3, SEED);
    EngineMember leader = cluster.leader();
    EngineMember dead = cluster.follower();
    dead.crash(0);
    cluster.ticks(15);
    EngineMember other =
        cluster.members.values().stream()
            .filter(member -> member.alive && member != leader)
            .findFirst()
            .orElseThrow();

    Reply refused = cluster.call(leader, new Request.MemberRemove("m" + other.id, false));
    assertThat(refused)
        .isInstanceOfSatisfying(
            Reply.Refused.class,
            reply -> {
              assertThat(reply.refusal()).isEqualTo(Refusal.CONFLICT);
              assertThat(reply.detail()).contains("quorum");
            });

    assertThat(cluster.call(leader, new Request.MemberRemove("m" + dead.id, false)))
        .isInstanceOf(Reply.Members.class);
  }

  @Test
  void isolatedLeaderServesNoLinearizableReadAndStepsDown() throws StorageException {
    EngineCluster cluster = EngineCluster.of(3, SEED);
    EngineMember old = cluster.leader();
    cluster.call(old, put("key", "before"));
    cluster.cutOff(old.id);
    EngineMember successor = cluster.leader();
    cluster.call(successor, put("key", "after"));

    assertThat(cluster.call(old, get("key", false)))
        .isInstanceOfSatisfying(
            Reply.Refused.class,
            refused -> {
              assertThat(refused.refusal()).isEqualTo(Refusal.NO_LEADER);
              assertThat(refused.unknown()).isFalse();
            });
    assertThat(values(cluster.call(old, get("key", true))))
        .containsExactly(Bytes.utf8("before").toString());
    assertThat(old.view.isLeader()).isFalse();
  }

  @Test
  void aWriteRepeatedAtAnotherMemberAfterTheLeadersCrashIsAppliedOnce() throws StorageException {
    EngineCluster cluster = EngineCluster.of(3, SEED);
    cluster.call(cluster.leader(), new Request.LeaseGrant(SESSION, 1_000_000));
    int applied = 0;
    int lost = 0;
    for (int sequence = 1; sequence <= 300 && (applied < 3 || lost < 3); sequence++) {
      EngineMember leader = cluster.leader();
      EngineMember other = cluster.follower();
      Request add = putOnce(sequence, "key" + sequence, "v");
      cluster.ask(leader, add, 7_000);
      for (int steps = cluster.random.nextInt(60); steps > 0 && cluster.step(); steps--) {
        continue;
      }
      leader.crash(0);
      // Its log holds what the old leader may have committed, and this after it.
      cluster.call(other, put("mark", "v"));
      boolean isThere = !values(cluster.call(other, get("key" + sequence, false))).isEmpty();
      applied += isThere ? 1 : 0;
      lost += isThere ? 0 : 1;

      Reply answer = cluster.call(other, add);

      leader.start();
      assertThat(answer).isInstanceOf(Reply.Written.class);
      assertThat(cluster.call(leader, add)).isEqualTo(answer);
      assertThat(cluster.call(other, get("key" + sequence, false)))
          .isInstanceOfSatisfying(
              Reply.Read.class,
              read ->
                  assertThat(((OpResult.Ranged) read.result()).items())
                      .singleElement()
                      .satisfies(item -> assertThat(item.version()).isEqualTo(1))
                      .satisfies(
                          item ->
                              assertThat(item.modRevision())
                                  .isEqualTo(((Reply.Written) answer).revision())));
    }
    assertThat(List.of(applied, lost)).allMatch(count -> count >= 3);
    assertSame(cluster);
  }

  static List<Long> seeds() {
    Long one = Long.getLong("engine.seed");
    if (one != null) {
      return List.of(one);
    }
    Random random = new Random(SEED);
    return random.longs(Integer.getInteger("engine.runs", 12)).boxed().toList();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void throughCrashesAndPartitionsNoAcknowledgedWriteIsLostNorAnyAppliedTwice(long seed)
      throws StorageException {
    try {
      run(seed);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "seed %d failed; repeat: mvn test -Dtest=EngineTest -Dengine.seed=%d"
              .formatted(seed, seed),
          e);
    }
  }

  /** Unique keys, so that what was applied twice has version 2. */
  private static void run(long seed) throws StorageException {
    EngineCluster cluster = new EngineCluster(seed);
    cluster.snapshotEntries = 40;
    cluster.founders(3);
    Random random = cluster.random;
    cluster.call(cluster.leader(), new Request.LeaseGrant(SESSION, 1_000_000));
    Map<String, Long> asked = new TreeMap<>();
    Map<Long, List<Long>> askedOnce = new TreeMap<>();
    long sequence = 1;
    int key = 0;
    for (int round = 0; round < 400; round++) {
      EngineMember any = cluster.members.get(1L + random.nextInt(3));
      if (any.alive && random.nextInt(3) > 0) {
        String name = "key" + key++;
        asked.put(name, cluster.ask(any, put(name, "v"), 2_000));
      }
      if (any.alive && random.nextInt(2) == 0) {
        sequence += random.nextInt(2);
        long repeated = Math.max(1, sequence - random.nextInt(4));
        Request write = putOnce(repeated, "once" + repeated, "v");
        askedOnce
            .computeIfAbsent(repeated, none -> new ArrayList<>())
            .add(cluster.ask(any, write, 2_000));
      }
      switch (random.nextInt(30)) {
        case 0 -> cluster.cutOff(any.id);
        case 1, 2 -> cluster.heal();
        case 3 -> {
          if (any.alive) {
            any.crash(random.nextDouble());
          }
        }
        case 4, 5 -> {
          if (!any.alive) {
            any.start();
          }
        }
        case 6, 7, 8, 9, 10, 11, 12 -> cluster.tick();
        default -> {}
      }
      for (int steps = random.nextInt(40); steps > 0; steps--) {
        cluster.step();
      }
    }
    cluster.heal();
    for (EngineMember member : cluster.members.values()) {
      if (!member.alive) {
        member.start();
      }
    }
    assertThat(cluster.call(cluster.leader(), put("end", "v"))).isInstanceOf(Reply.Written.class);
    cluster.ticks(30);
    assertSame(cluster);
    checkOnce(cluster, askedOnce);
    for (Map.Entry<String, Long> write : asked.entrySet()) {
      Reply reply = cluster.reply(write.getValue());
      OpResult.Ranged found =
          (OpResult.Ranged)
              ((Reply.Read) cluster.call(cluster.leader(), get(write.getKey(), false))).result();
      boolean isThere = !found.items().isEmpty();
      if (isThere) {
        assertThat(found.items().get(0).version()).as(write.getKey()).isEqualTo(1);
      }
      if (reply instanceof Reply.Written) {
        acknowledgedInRuns++;
        assertThat(isThere).as("acknowledged %s is there", write.getKey()).isTrue();
      } else if (reply instanceof Reply.Refused refused && !refused.unknown()) {
        assertThat(isThere).as("refused %s is not there", write.getKey()).isFalse();
      }
    }
  }

  /** Whatever became of each try: applied at most once, and answered alike by all that answered. */
  private static void checkOnce(EngineCluster cluster, Map<Long, List<Long>> asked)
      throws StorageException {
    for (Map.Entry<Long, List<Long>> write : asked.entrySet()) {
      OpResult.Ranged found =
          (OpResult.Ranged)
              ((Reply.Read) cluster.call(cluster.leader(), get("once" + write.getKey(), false)))
                  .result();
      List<Reply> answers =
          write.getValue().stream()
              .map(cluster::reply)
              .filter(Reply.Written.class::isInstance)
              .toList();
      repeatedInRuns += answers.size() > 1 ? 1 : 0;
      assertThat(answers.stream().distinct().count()).as("answers %s", answers).isLessThan(2);
      assertThat(found.items())
          .as("write %s", write.getKey())
          .hasSizeBetween(answers.isEmpty() ? 0 : 1, 1);
      found.items().forEach(item -> assertThat(item.version()).as("once").isEqualTo(1));
    }
  }
}
