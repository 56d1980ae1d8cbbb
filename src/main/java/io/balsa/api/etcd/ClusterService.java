package io.balsa.api.etcd;

import io.balsa.api.etcd.StatusException.Code;
import io.balsa.api.etcd.proto.etcdserverpb.Member;
import io.balsa.api.etcd.proto.etcdserverpb.MemberAddRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberAddResponse;
import io.balsa.api.etcd.proto.etcdserverpb.MemberListRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberListResponse;
import io.balsa.api.etcd.proto.etcdserverpb.MemberPromoteRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberPromoteResponse;
import io.balsa.api.etcd.proto.etcdserverpb.MemberRemoveRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberRemoveResponse;
import io.balsa.api.etcd.proto.etcdserverpb.MemberUpdateRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberUpdateResponse;
import io.balsa.api.etcd.proto.etcdserverpb.ResponseHeader;
import io.balsa.data.Bytes;
import io.balsa.data.Endpoint;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Op;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The service {@code etcdserverpb.Cluster}. A member is added by its peer URLs alone; it tells its
 * name and where its clients find it once it has started.
 */
final class ClusterService {
  private static final String NAME = "/etcdserverpb.Cluster/";
  private static final Request PRESENT =
      new Request.Read(Op.Range.of(KeyRange.of(Bytes.utf8("\0")), 0, 0, true), false);

  void register(Map<String, UnaryMethod> methods) {
    methods.put(NAME + "MemberList", UnaryMethod.of(MemberListRequest.parser(), this::list));
    methods.put(NAME + "MemberAdd", UnaryMethod.of(MemberAddRequest.parser(), this::add));
    methods.put(NAME + "MemberRemove", UnaryMethod.of(MemberRemoveRequest.parser(), this::remove));
    methods.put(NAME + "MemberUpdate", UnaryMethod.of(MemberUpdateRequest.parser(), this::update));
    methods.put(
        NAME + "MemberPromote", UnaryMethod.of(MemberPromoteRequest.parser(), this::promote));
  }

  private void list(UnaryCall call, MemberListRequest request) {
    if (request.getLinearizable()) {
      call.ask(PRESENT, Reply.Read.class, read -> list(call));
    } else {
      list(call);
    }
  }

  private void list(UnaryCall call) {
    members(
        call,
        reply ->
            call.reply(
                MemberListResponse.newBuilder()
                    .setHeader(header(call))
                    .addAllMembers(members(reply))
                    .build()));
  }

  private static void members(UnaryCall call, Consumer<Reply.Members> then) {
    call.ask(new Request.MemberList(), Reply.Members.class, then);
  }

  private void add(UnaryCall call, MemberAddRequest request) {
    Request.MemberAdd add =
        new Request.MemberAdd("", urls(request.getPeerURLsList()), request.getIsLearner());
    if (!add.learner()) {
      add(call, add);
      return;
    }
    members(
        call,
        reply -> {
          if (reply.members().stream().anyMatch(Reply.Member::learner)) {
            throw Errors.error(Code.FAILED_PRECONDITION, "too many learner members in cluster");
          }
          add(call, add);
        });
  }

  private void add(UnaryCall call, Request.MemberAdd add) {
    change(
        call,
        add,
        reply -> {
          MemberAddResponse.Builder response =
              MemberAddResponse.newBuilder().setHeader(header(call)).addAllMembers(members(reply));
          reply.members().stream()
              .filter(member -> member.id() == reply.changed())
              .forEach(member -> response.setMember(member(member)));
          call.reply(response.build());
        });
  }

  private void remove(UnaryCall call, MemberRemoveRequest request) {
    change(
        call,
        new Request.MemberRemove(Long.toHexString(request.getID()), false),
        reply ->
            call.reply(
                MemberRemoveResponse.newBuilder()
                    .setHeader(header(call))
                    .addAllMembers(members(reply))
                    .build()));
  }

  private void update(UnaryCall call, MemberUpdateRequest request) {
    change(
        call,
        new Request.MemberUpdate(
            Long.toHexString(request.getID()), urls(request.getPeerURLsList())),
        reply ->
            call.reply(
                MemberUpdateResponse.newBuilder()
                    .setHeader(header(call))
                    .addAllMembers(members(reply))
                    .build()));
  }

  private void promote(UnaryCall call, MemberPromoteRequest request) {
    call.ask(
        new Request.MemberPromote(Long.toHexString(request.getID())),
        reply -> {
          if (Errors.is(reply, Refusal.CONFLICT)) {
            refusePromotion(call, request.getID());
          } else if (reply instanceof Reply.Refused refused) {
            throw Errors.of(refused);
          } else {
            call.reply(
                MemberPromoteResponse.newBuilder()
                    .setHeader(header(call))
                    .addAllMembers(members((Reply.Members) reply))
                    .build());
          }
        });
  }

  private static void refusePromotion(UnaryCall call, long id) {
    members(
        call,
        reply -> {
          boolean learner =
              reply.members().stream().anyMatch(member -> member.id() == id && member.learner());
          throw Errors.error(
              Code.FAILED_PRECONDITION,
              learner
                  ? "can only promote a learner member which is in sync with leader"
                  : "can only promote a learner member");
        });
  }

  private static void change(UnaryCall call, Request request, Consumer<Reply.Members> then) {
    call.ask(
        request,
        reply -> {
          if (Errors.is(reply, Refusal.CONFLICT)) {
            refuseChange(call, request);
          } else if (reply instanceof Reply.Refused refused) {
            throw Errors.of(refused);
          } else {
            then.accept((Reply.Members) reply);
          }
        });
  }

  /**
   * A change would cost the quorum: because too many members have yet to start, as an operator
   * finds who adds one after the other, or because members that have do not answer.
   */
  private static void refuseChange(UnaryCall call, Request request) {
    members(
        call,
        reply -> {
          String removed = request instanceof Request.MemberRemove remove ? remove.member() : "";
          List<Reply.Member> voters =
              reply.members().stream()
                  .filter(member -> !member.learner())
                  .filter(member -> !Long.toHexString(member.id()).equals(removed))
                  .toList();
          int size = voters.size() + (request instanceof Request.MemberAdd ? 1 : 0);
          long started = voters.stream().filter(member -> !member.name().isEmpty()).count();
          // As etcd 3.4 does: it has no better code for the first.
          throw started < size / 2 + 1
              ? Errors.error(
                  Code.UNKNOWN, "re-configuration failed due to not enough started members")
              : Errors.error(Code.UNAVAILABLE, "unhealthy cluster");
        });
  }

  /** URLs in the order and the form in which members name their own. */
  private static List<String> urls(List<String> texts) {
    if (texts.isEmpty()) {
      throw Errors.invalid("given member URLs are invalid");
    }
    return texts.stream()
        .map(
            text ->
                Endpoint.parse(text)
                    .filter(url -> !url.isWildcard())
                    .orElseThrow(() -> Errors.invalid("given member URLs are invalid"))
                    .toString())
        .sorted()
        .toList();
  }

  private static ResponseHeader header(UnaryCall call) {
    return ResponseHeaders.withoutRevision(call.header());
  }

  private static List<Member> members(Reply.Members reply) {
    return reply.members().stream().map(ClusterService::member).toList();
  }

  private static Member member(Reply.Member member) {
    return Member.newBuilder()
        .setID(member.id())
        .setName(member.name())
        .addAllPeerURLs(member.peerUrls())
        .addAllClientURLs(member.clientUrls())
        .setIsLearner(member.learner())
        .build();
  }
}
