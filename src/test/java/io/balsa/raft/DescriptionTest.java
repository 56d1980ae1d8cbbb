package io.balsa.raft;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfChange.Transition;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.raft.quorum.JointConfig;
import io.balsa.raft.quorum.MajorityConfig;
import io.balsa.raft.tracker.Configuration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a person reads who prints a value: one line, and never what users store. */
class DescriptionTest {
  private static final Bytes SECRET = Bytes.utf8("secret");
  private static final ConfChange ADD_LARGE =
      new ConfChange(
          Transition.AUTO, List.of(new Operation(OperationType.ADD_VOTER, 0xcafeL << 48)), SECRET);
  private static final Entry ENTRY = new Entry(1, 5, EntryType.NORMAL, SECRET);
  private static final Entry CHANGE = new Entry(1, 6, EntryType.CONF_CHANGE_V2, ADD_LARGE.encode());
  private static final List<Entry> SEVERAL =
      List.of(ENTRY, CHANGE, new Entry(2, 7, EntryType.NORMAL, SECRET));
  private static final String SEVERAL_TEXT =
      "3 entries 1/5 to 2/7 "
          + (12 + CHANGE.data().length())
          + " bytes with 1/6 CONF_CHANGE_V2"
          + " (AUTO [ADD_VOTER cafe000000000000], context of 6 bytes)";
  private static final Snapshot SNAPSHOT =
      new Snapshot(
          at(3, 9), new ConfState(List.of(1L), List.of(1L, 2L), List.of(3L), List.of(2L), true));
  private static final String SNAPSHOT_TEXT =
      "snapshot 3/9 of voters [1] outgoing [1, 2] learners [3] next learners [2] auto-leave";

  private static Map<Object, String> texts() {
    Map<Object, String> texts = new LinkedHashMap<>();
    texts.put(EntryId.ZERO, "0/0");
    texts.put(ENTRY, "1/5 NORMAL 6 bytes");
    texts.put(Entry.proposal(EntryType.NORMAL, SECRET), "proposed NORMAL 6 bytes");
    texts.put(CHANGE, "1/6 CONF_CHANGE_V2 (AUTO [ADD_VOTER cafe000000000000], context of 6 bytes)");
    texts.put(
        new Entry(1, 6, EntryType.CONF_CHANGE, SECRET), "1/6 CONF_CHANGE (malformed, 6 bytes)");
    texts.put(
        new Entry(1, 6, EntryType.CONF_CHANGE_V2, Bytes.EMPTY), "1/6 CONF_CHANGE_V2 (leave joint)");
    texts.put(new HardState(3, -16, 8), "term 3, vote fffffffffffffff0, commit 8");
    texts.put(new SoftState(2, Role.FOLLOWER), "FOLLOWER, leader 2");
    texts.put(new ReadState(8, 77), "context 77 at 8");
    texts.put(new Peer(2, SECRET), "2, context of 6 bytes");
    texts.put(Snapshot.EMPTY, "no snapshot");
    texts.put(SNAPSHOT, SNAPSHOT_TEXT);
    JointConfig joint =
        new JointConfig(MajorityConfig.of(List.of(1L, 16L)), MajorityConfig.of(List.of(2L)));
    texts.put(joint, "[1, 10] and [2]");
    texts.put(new JointConfig(MajorityConfig.of(List.of(1L)), MajorityConfig.EMPTY), "[1]");
    texts.put(
        new Configuration(joint, List.of(3L), List.of(), true),
        "voters [1, 10] outgoing [2] learners [3] auto-leave");
    texts.put(
        new Message.Propose(1, 2, 0, SEVERAL.subList(0, 2)),
        "Propose 1->2: 2 entries 1/5 to 1/6 "
            + (6 + CHANGE.data().length())
            + " bytes with 1/6 CONF_CHANGE_V2"
            + " (AUTO [ADD_VOTER cafe000000000000], context of 6 bytes)");
    texts.put(new Message.Propose(1, 2, 0, SEVERAL), "Propose 1->2: " + SEVERAL_TEXT);
    texts.put(
        new Message.ProposeRefused(1, 2, 3, List.of(4L, 5L), "NO_LEADER", "why"),
        "ProposeRefused 1->2 term 3: 2 proposals, NO_LEADER, why");
    texts.put(
        new Message.AppendRequest(1, 2, 3, at(1, 4), SEVERAL, 4),
        "AppendRequest 1->2 term 3: after 1/4, " + SEVERAL_TEXT + ", commit 4");
    texts.put(
        new Message.AppendRequest(1, 2, 3, at(1, 4), List.of(), 4),
        "AppendRequest 1->2 term 3: after 1/4, no entries, commit 4");
    texts.put(
        new Message.AppendResponse(2, 1, 3, 4, false, EntryId.ZERO),
        "AppendResponse 2->1 term 3: agrees to 4");
    texts.put(
        new Message.AppendResponse(2, 1, 3, 4, true, at(1, 2)),
        "AppendResponse 2->1 term 3: rejects 4, may agree at 1/2");
    texts.put(
        new Message.VoteRequest(1, 2, 3, at(1, 4), false, true),
        "VoteRequest 1->2 term 3: log to 1/4, transfer");
    texts.put(
        new Message.VoteRequest(1, 2, 3, at(1, 4), true, false),
        "VoteRequest 1->2 term 3: log to 1/4, pre-vote");
    texts.put(new Message.VoteResponse(2, 1, 3, false, false), "VoteResponse 2->1 term 3: granted");
    texts.put(
        new Message.VoteResponse(2, 1, 3, true, true),
        "VoteResponse 2->1 term 3: refused, pre-vote");
    texts.put(
        new Message.InstallSnapshot(1, 2, 3, SNAPSHOT),
        "InstallSnapshot 1->2 term 3: " + SNAPSHOT_TEXT);
    texts.put(new Message.Heartbeat(1, 2, 3, 4, 0), "Heartbeat 1->2 term 3: commit 4");
    texts.put(new Message.Heartbeat(1, 2, 3, 4, 5), "Heartbeat 1->2 term 3: commit 4, read 5");
    texts.put(new Message.HeartbeatResponse(2, 1, 3, 0), "HeartbeatResponse 2->1 term 3");
    texts.put(new Message.HeartbeatResponse(2, 1, 3, 5), "HeartbeatResponse 2->1 term 3: read 5");
    texts.put(new Message.TimeoutNow(1, 2, 3), "TimeoutNow 1->2 term 3");
    texts.put(new Message.TransferLeader(2, 1, 3), "TransferLeader 2->1 term 3");
    texts.put(new Message.ReadIndexRequest(2, 1, 0, 77), "ReadIndexRequest 2->1: context 77");
    texts.put(
        new Message.ReadIndexResponse(1, 2, 3, 8, 77),
        "ReadIndexResponse 1->2 term 3: context 77 at 8");
    texts.put(
        new Message.StorageAppend(
            1,
            Message.APPEND_THREAD,
            new HardState(3, 1, 4),
            List.of(ENTRY),
            SNAPSHOT,
            true,
            List.of(new Message.VoteResponse(1, 2, 3, false, false))),
        "StorageAppend 1->append-thread term 3: term 3, vote 1, commit 4, 1/5 NORMAL 6 bytes, "
            + SNAPSHOT_TEXT
            + ", sync, then [VoteResponse 1->2 term 3: granted]");
    texts.put(
        new Message.StorageAppendResponse(Message.APPEND_THREAD, 1, 3, at(1, 5), SNAPSHOT),
        "StorageAppendResponse append-thread->1 term 3: stable to 1/5, " + SNAPSHOT_TEXT);
    texts.put(
        new Message.StorageApply(1, Message.APPLY_THREAD, SEVERAL, List.of()),
        "StorageApply 1->apply-thread: " + SEVERAL_TEXT);
    texts.put(
        new Message.StorageApplyResponse(Message.APPLY_THREAD, 1, List.of(ENTRY)),
        "StorageApplyResponse apply-thread->1: 1/5 NORMAL 6 bytes");
    texts.put(
        new Ready(
            new SoftState(2, Role.FOLLOWER),
            new HardState(3, 0, 8),
            List.of(new ReadState(8, 77)),
            List.of(ENTRY),
            SNAPSHOT,
            SEVERAL,
            List.of(new Message.TimeoutNow(1, 2, 3)),
            true),
        "ready: FOLLOWER, leader 2; term 3, vote 0, commit 8; store 1/5 NORMAL 6 bytes; store "
            + SNAPSHOT_TEXT
            + "; sync; send [TimeoutNow 1->2 term 3]; apply "
            + SEVERAL_TEXT
            + "; serve [context 77 at 8]");
    texts.put(
        new Ready(
            null,
            HardState.EMPTY,
            List.of(),
            List.of(),
            Snapshot.EMPTY,
            List.of(),
            List.of(),
            false),
        "ready: nothing");
    return texts;
  }

  @Test
  void everyValueIsToldInOneLineWithoutTheDataOfUsers() {
    texts()
        .forEach(
            (value, text) -> {
              assertThat(value.toString()).isEqualTo(text);
              assertThat(text).doesNotContain("secret").doesNotContain("\n");
            });
  }

  @Test
  void everyKindOfMessageIsThere() {
    List<Class<?>> kinds = new ArrayList<>();
    texts().keySet().forEach(value -> kinds.add(value.getClass()));
    assertThat(kinds).contains(Message.class.getPermittedSubclasses());
  }

  @Test
  void statusTellsTheMemberAndWhatTheLeaderKnowsOfEachPeer() {
    Core core =
        core(1)
            .members(new ConfState(List.of(1L, 2L, 3L), List.of(), List.of(10L), List.of(), false))
            .options(o -> o.maxInflightMessages(1))
            .leader();
    core.stepAndRun(core.acknowledge(2, 1)).stepAndRun(core.acknowledge(3, 1));
    core.propose("secret");
    core.run();
    core.node.transferLeader(2);

    assertThat(core.node.status())
        .hasToString(
            "member 1 LEADER term 1, leader 1, vote 1, commit 1, applied 1, hands over to 2,"
                + " voters [1, 2, 3] learners [a],"
                + " 1: REPLICATE match 2 next 3,"
                + " 2: REPLICATE match 1 next 3 in flight 1 appends of 30 bytes, full paused,"
                + " 3: REPLICATE match 1 next 3 in flight 1 appends of 30 bytes, full paused,"
                + " a: PROBE match 0 next 1 paused inactive learner");
    assertThat(core.node.toString())
        .isEqualTo(
            core.node.status()
                + "; log from 1 to 1/2, committed 1, applying 1, applied 1, unstable from 3");
    assertThat(core.node.status().isLearner(10)).isTrue();
    assertThat(core.node.status().isLearner(1)).isFalse();
  }
}
