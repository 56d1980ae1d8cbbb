package io.balsa.api.etcd;

import io.balsa.api.EtcdVersion;
import io.balsa.api.etcd.StatusException.Code;
import io.balsa.api.etcd.proto.etcdserverpb.AlarmMember;
import io.balsa.api.etcd.proto.etcdserverpb.AlarmRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AlarmResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AlarmType;
import io.balsa.api.etcd.proto.etcdserverpb.DefragmentRequest;
import io.balsa.api.etcd.proto.etcdserverpb.DefragmentResponse;
import io.balsa.api.etcd.proto.etcdserverpb.HashKVRequest;
import io.balsa.api.etcd.proto.etcdserverpb.HashKVResponse;
import io.balsa.api.etcd.proto.etcdserverpb.HashRequest;
import io.balsa.api.etcd.proto.etcdserverpb.HashResponse;
import io.balsa.api.etcd.proto.etcdserverpb.MoveLeaderRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MoveLeaderResponse;
import io.balsa.api.etcd.proto.etcdserverpb.ResponseHeader;
import io.balsa.api.etcd.proto.etcdserverpb.StatusRequest;
import io.balsa.api.etcd.proto.etcdserverpb.StatusResponse;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Reply.MemberStatus;
import io.balsa.engine.request.Request;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The unary calls of the service {@code etcdserverpb.Maintenance}; its stream is {@link
 * SnapshotCall}. All but the change of the leader is about the member that is asked.
 *
 * <p>An alarm is no state of its own here: NOSPACE is there while the store is over its quota, and
 * goes when there is room again, so disarming it succeeds and changes nothing. Nor is there
 * anything to defragment.
 */
final class MaintenanceService {
  private static final String NAME = "/etcdserverpb.Maintenance/";

  void register(Map<String, UnaryMethod> methods) {
    methods.put(NAME + "Status", UnaryMethod.of(StatusRequest.parser(), this::status));
    methods.put(NAME + "Alarm", UnaryMethod.of(AlarmRequest.parser(), this::alarm));
    methods.put(NAME + "Defragment", UnaryMethod.of(DefragmentRequest.parser(), this::defragment));
    methods.put(NAME + "Hash", UnaryMethod.of(HashRequest.parser(), this::hash));
    methods.put(NAME + "HashKV", UnaryMethod.of(HashKVRequest.parser(), this::hashKv));
    methods.put(NAME + "MoveLeader", UnaryMethod.of(MoveLeaderRequest.parser(), this::moveLeader));
  }

  private static void ask(UnaryCall call, Consumer<MemberStatus> then) {
    call.ask(new Request.Status(), Reply.Status.class, reply -> then.accept(reply.status()));
  }

  private static ResponseHeader header(UnaryCall call) {
    return ResponseHeaders.of(call.header());
  }

  private void status(UnaryCall call, StatusRequest request) {
    ask(
        call,
        status -> {
          StatusResponse.Builder response =
              StatusResponse.newBuilder()
                  .setHeader(header(call))
                  .setVersion(EtcdVersion.SERVER)
                  .setDbSize(status.store().bytes())
                  .setDbSizeInUse(status.store().liveBytes())
                  .setRaftIndex(status.commitIndex())
                  .setRaftTerm(status.term())
                  .setRaftAppliedIndex(status.appliedIndex())
                  .setIsLearner(status.self().learner());
          if (status.leader() == null) {
            response.addErrors("etcdserver: no leader");
          } else {
            response.setLeader(status.leader().id());
          }
          // As the Go classes of the protocol print a message.
          alarms(status)
              .forEach(
                  alarm ->
                      response.addErrors(
                          "memberID:%s alarm:%s "
                              .formatted(
                                  Long.toUnsignedString(alarm.getMemberID()), alarm.getAlarm())));
          call.reply(response.build());
        });
  }

  private static List<AlarmMember> alarms(MemberStatus status) {
    return status.store().isOverQuota()
        ? List.of(
            AlarmMember.newBuilder()
                .setMemberID(status.self().id())
                .setAlarm(AlarmType.NOSPACE)
                .build())
        : List.of();
  }

  private void alarm(UnaryCall call, AlarmRequest request) {
    switch (request.getAction()) {
      case GET -> call.askKnown(() -> alarms(call, request.getAlarm(), AlarmType.NONE));
      case DEACTIVATE -> call.askKnown(() -> alarms(call, request.getAlarm(), null));
      default ->
          throw new StatusException(
              Code.UNIMPLEMENTED, "alarms follow the state of the store: they cannot be activated");
    }
  }

  /** Lists the alarms of a kind; {@code every} is the kind that stands for all of them. */
  private static void alarms(UnaryCall call, AlarmType kind, AlarmType every) {
    ask(
        call,
        status ->
            call.reply(
                AlarmResponse.newBuilder()
                    .addAllAlarms(
                        alarms(status).stream()
                            .filter(alarm -> kind == every || kind == alarm.getAlarm())
                            .toList())
                    .build()));
  }

  private void defragment(UnaryCall call, DefragmentRequest request) {
    call.askRoot(() -> call.reply(DefragmentResponse.getDefaultInstance()));
  }

  private void hash(UnaryCall call, HashRequest request) {
    call.askRoot(() -> hash(call));
  }

  private static void hash(UnaryCall call) {
    ask(
        call,
        status ->
            call.reply(
                HashResponse.newBuilder()
                    .setHeader(header(call))
                    .setHash(Long.hashCode(status.stateHash()))
                    .build()));
  }

  private void hashKv(UnaryCall call, HashKVRequest request) {
    call.askRoot(() -> hashKv(call, request.getRevision()));
  }

  private static void hashKv(UnaryCall call, long revision) {
    call.ask(
        new Request.Hash(revision),
        Reply.Hash.class,
        reply ->
            call.reply(
                HashKVResponse.newBuilder()
                    .setHeader(header(call))
                    .setHash(reply.hash())
                    // As etcd says that there was no compaction.
                    .setCompactRevision(reply.compactRevision() == 0 ? -1 : reply.compactRevision())
                    .build()));
  }

  private void moveLeader(UnaryCall call, MoveLeaderRequest request) {
    call.ask(
        new Request.MemberList(),
        Reply.Members.class,
        reply -> {
          if (reply.leader() != call.header().memberId()) {
            throw Errors.error(Code.FAILED_PRECONDITION, "not leader");
          }
          long target = request.getTargetID();
          if (reply.members().stream()
              .noneMatch(member -> member.id() == target && !member.learner())) {
            throw Errors.error(Code.FAILED_PRECONDITION, "bad leader transferee");
          }
          call.ask(
              new Request.TransferLeader(Long.toHexString(target)),
              Reply.Members.class,
              moved -> call.reply(MoveLeaderResponse.newBuilder().setHeader(header(call)).build()));
        });
  }
}
