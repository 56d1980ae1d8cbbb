package io.balsa.wire;

import io.balsa.data.Checks;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.Message;
import java.util.List;

/** Writes raft messages, each as a nested {@code RaftMessage}; last field first. */
final class MessageWriter implements Message.Handler {
  private final ProtoWriter out;

  MessageWriter(ProtoWriter out) {
    this.out = out;
  }

  /** Writes {@code message} as field {@code field} of the message around it. */
  void write(int field, Message message) {
    int end = out.size();
    message.deliverTo(this);
    out.uint64(3, message.term());
    out.fixed64(2, message.to());
    out.fixed64(1, message.from());
    out.nested(field, end);
  }

  @Override
  public void onPropose(Message.Propose message) {
    int end = out.size();
    writeEntries(1, message.entries());
    out.nested(4, end);
  }

  @Override
  public void onAppendRequest(Message.AppendRequest message) {
    int end = out.size();
    writeEntries(4, message.entries());
    out.uint64(3, message.commit());
    out.uint64(2, message.previous().index());
    out.uint64(1, message.previous().term());
    out.nested(5, end);
  }

  @Override
  public void onAppendResponse(Message.AppendResponse message) {
    int end = out.size();
    out.uint64(4, message.hint().index());
    out.uint64(3, message.hint().term());
    out.bool(2, message.rejected());
    out.uint64(1, message.index());
    out.nested(6, end);
  }

  @Override
  public void onVoteRequest(Message.VoteRequest message) {
    int end = out.size();
    out.bool(4, message.transfer());
    out.bool(3, message.preVote());
    out.uint64(2, message.last().index());
    out.uint64(1, message.last().term());
    out.nested(7, end);
  }

  @Override
  public void onVoteResponse(Message.VoteResponse message) {
    int end = out.size();
    out.bool(2, message.rejected());
    out.bool(1, message.preVote());
    out.nested(8, end);
  }

  @Override
  public void onInstallSnapshot(Message.InstallSnapshot message) {
    int end = out.size();
    ConfState state = message.snapshot().confState();
    out.bool(5, state.autoLeave());
    out.fixed64s(4, state.learnersNext());
    out.fixed64s(3, state.learners());
    out.fixed64s(2, state.votersOutgoing());
    out.fixed64s(1, state.voters());
    out.nested(3, end);
    out.uint64(2, message.snapshot().last().index());
    out.uint64(1, message.snapshot().last().term());
    out.nested(9, end);
  }

  @Override
  public void onHeartbeat(Message.Heartbeat message) {
    int end = out.size();
    out.uint64(2, message.readPosition());
    out.uint64(1, message.commit());
    out.nested(10, end);
  }

  @Override
  public void onHeartbeatResponse(Message.HeartbeatResponse message) {
    int end = out.size();
    out.uint64(1, message.readPosition());
    out.nested(11, end);
  }

  @Override
  public void onTimeoutNow(Message.TimeoutNow message) {
    out.nested(12, out.size());
  }

  @Override
  public void onTransferLeader(Message.TransferLeader message) {
    out.nested(13, out.size());
  }

  @Override
  public void onReadIndexRequest(Message.ReadIndexRequest message) {
    int end = out.size();
    out.fixed64(1, message.context());
    out.nested(14, end);
  }

  @Override
  public void onReadIndexResponse(Message.ReadIndexResponse message) {
    int end = out.size();
    out.fixed64(2, message.context());
    out.uint64(1, message.index());
    out.nested(15, end);
  }

  @Override
  public void onProposeRefused(Message.ProposeRefused message) {
    int end = out.size();
    out.text(3, message.detail());
    out.text(2, message.code());
    out.fixed64s(1, message.proposals());
    out.nested(16, end);
  }

  @Override
  public void onStorageAppend(Message.StorageAppend message) {
    refuseLocal(message);
  }

  @Override
  public void onStorageAppendResponse(Message.StorageAppendResponse message) {
    refuseLocal(message);
  }

  @Override
  public void onStorageApply(Message.StorageApply message) {
    refuseLocal(message);
  }

  @Override
  public void onStorageApplyResponse(Message.StorageApplyResponse message) {
    refuseLocal(message);
  }

  private void writeEntries(int field, List<Entry> entries) {
    for (int i = entries.size() - 1; i >= 0; i--) {
      Entry entry = entries.get(i);
      int end = out.size();
      out.bytes(4, entry.data());
      out.uint64(3, entry.type().ordinal());
      out.uint64(2, entry.index());
      out.uint64(1, entry.term());
      out.nested(field, end);
    }
  }

  private static void refuseLocal(Message message) {
    Checks.invariant(
        false, "wire: a message to a local thread must not leave: %s", message.getClass());
  }
}
