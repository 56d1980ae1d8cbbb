package io.balsa.api.etcd;

import com.google.protobuf.UnsafeByteOperations;
import io.balsa.api.etcd.StatusException.Code;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrantRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrantResponse;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseLeasesRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseLeasesResponse;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseRevokeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseRevokeResponse;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseStatus;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseTimeToLiveRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseTimeToLiveResponse;
import io.balsa.data.Bytes;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import java.util.Comparator;
import java.util.Map;

/** The unary calls of the service {@code etcdserverpb.Lease}. */
final class LeaseService {
  private static final String NAME = "/etcdserverpb.Lease/";
  private static final long TTL_SECONDS_MAX = 9_000_000_000L;

  void register(Map<String, UnaryMethod> methods) {
    methods.put(
        NAME + "LeaseGrant", UnaryMethod.of(LeaseGrantRequest.parser(), LeaseService::grant));
    methods.put(
        NAME + "LeaseRevoke", UnaryMethod.of(LeaseRevokeRequest.parser(), LeaseService::revoke));
    methods.put(
        NAME + "LeaseTimeToLive",
        UnaryMethod.of(LeaseTimeToLiveRequest.parser(), LeaseService::timeToLive));
    methods.put(
        NAME + "LeaseLeases", UnaryMethod.of(LeaseLeasesRequest.parser(), LeaseService::leases));
  }

  private static void grant(UnaryCall call, LeaseGrantRequest request) {
    if (request.getTTL() > TTL_SECONDS_MAX) {
      throw Errors.error(Code.OUT_OF_RANGE, "too large lease TTL");
    }
    // As in etcd, one of 0 or less becomes the shortest that there is.
    call.ask(
        new Request.LeaseGrant(request.getID(), Math.max(1, request.getTTL())),
        Reply.Lease.class,
        reply ->
            call.reply(
                LeaseGrantResponse.newBuilder()
                    .setHeader(ResponseHeaders.of(call.header()))
                    .setID(reply.lease().id())
                    .setTTL(reply.lease().ttlSeconds())
                    .build()));
  }

  private static void revoke(UnaryCall call, LeaseRevokeRequest request) {
    call.ask(
        new Request.LeaseRevoke(request.getID()),
        Reply.LeaseEnded.class,
        reply ->
            call.reply(
                LeaseRevokeResponse.newBuilder()
                    .setHeader(ResponseHeaders.of(call.header(), reply.revision()))
                    .build()));
  }

  private static void timeToLive(UnaryCall call, LeaseTimeToLiveRequest request) {
    call.ask(
        new Request.LeaseGet(request.getID(), request.getKeys()),
        reply -> {
          LeaseTimeToLiveResponse.Builder response =
              LeaseTimeToLiveResponse.newBuilder()
                  .setHeader(ResponseHeaders.of(call.header()))
                  .setID(request.getID())
                  .setTTL(-1);
          if (reply instanceof Reply.Lease found) {
            response
                .setTTL(found.lease().remainingSeconds())
                .setGrantedTTL(found.lease().ttlSeconds());
            if (request.getKeys()) {
              for (Bytes key : found.keys()) {
                response.addKeys(UnsafeByteOperations.unsafeWrap(key.unsafeBuffer()));
              }
            }
          } else if (!Errors.is(reply, Refusal.LEASE_NOT_FOUND)) {
            throw Errors.of((Reply.Refused) reply);
          }
          call.reply(response.build());
        });
  }

  /** All leases, those that end first in front, as etcd has it. */
  private static void leases(UnaryCall call, LeaseLeasesRequest request) {
    call.ask(
        new Request.LeaseList(),
        Reply.Leases.class,
        reply -> {
          LeaseLeasesResponse.Builder response =
              LeaseLeasesResponse.newBuilder().setHeader(ResponseHeaders.of(call.header()));
          reply.leases().stream()
              .sorted(Comparator.comparingLong(Reply.LeaseState::remainingSeconds))
              .forEach(lease -> response.addLeases(LeaseStatus.newBuilder().setID(lease.id())));
          call.reply(response.build());
        });
  }
}
