package io.balsa.api.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.balsa.api.etcd.StatusException.Code;
import io.balsa.api.etcd.proto.mvccpb.KeyValue;
import io.balsa.api.etcd.proto.v3electionpb.CampaignRequest;
import io.balsa.api.etcd.proto.v3electionpb.CampaignResponse;
import io.balsa.api.etcd.proto.v3electionpb.LeaderKey;
import io.balsa.api.etcd.proto.v3electionpb.LeaderRequest;
import io.balsa.api.etcd.proto.v3electionpb.LeaderResponse;
import io.balsa.api.etcd.proto.v3electionpb.ProclaimRequest;
import io.balsa.api.etcd.proto.v3electionpb.ProclaimResponse;
import io.balsa.api.etcd.proto.v3electionpb.ResignRequest;
import io.balsa.api.etcd.proto.v3electionpb.ResignResponse;
import io.balsa.data.Bytes;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The service {@code v3electionpb.Election}: who is in front of the queue of a name leads, and its
 * key holds what it proclaims.
 */
final class ElectionService {
  private static final String NAME = "/v3electionpb.Election/";

  private final EtcdLoop loop;
  private final Places places;

  ElectionService(EtcdLoop loop, Places places) {
    this.loop = loop;
    this.places = places;
  }

  void register(Map<String, UnaryMethod> methods) {
    methods.put(NAME + "Campaign", UnaryMethod.of(CampaignRequest.parser(), this::campaign));
    methods.put(NAME + "Proclaim", UnaryMethod.of(ProclaimRequest.parser(), this::proclaim));
    methods.put(NAME + "Leader", UnaryMethod.of(LeaderRequest.parser(), ElectionService::leader));
    methods.put(NAME + "Resign", UnaryMethod.of(ResignRequest.parser(), ElectionService::resign));
  }

  private void campaign(UnaryCall call, CampaignRequest request) {
    checkSize(request.getSerializedSize());
    Bytes name = bytes(request.getName());
    Bytes value = bytes(request.getValue());
    Place.lease(
        call,
        request.getLease(),
        lease -> {
          StatusException lost = Errors.error(Code.UNKNOWN, "requested lease not found");
          Place place = new Place(places, call, name, value, lease, lost);
          LongConsumer elected =
              revision ->
                  call.reply(
                      CampaignResponse.newBuilder()
                          .setHeader(ResponseHeaders.of(call.header(), place.enteredRevision()))
                          .setLeader(
                              LeaderKey.newBuilder()
                                  .setName(request.getName())
                                  .setKey(
                                      UnsafeByteOperations.unsafeWrap(place.key().unsafeBuffer()))
                                  .setRev(place.created())
                                  .setLease(lease))
                          .build());
          place.enter(
              found -> {
                if (found == null || found.value().equals(value)) {
                  place.await(elected);
                } else {
                  proclaim(
                      call,
                      Op.Put.of(place.key(), value, lease),
                      place.created(),
                      revision -> place.await(elected));
                }
              });
        });
  }

  private void proclaim(UnaryCall call, ProclaimRequest request) {
    checkSize(request.getSerializedSize());
    if (!request.hasLeader()) {
      throw missingLeader();
    }
    LeaderKey leader = request.getLeader();
    if (leader.getKey().isEmpty()) {
      throw Errors.unknown(Errors.emptyKey());
    }
    Place.lease(
        call,
        leader.getLease(),
        lease ->
            proclaim(
                call,
                Op.Put.of(bytes(leader.getKey()), bytes(request.getValue()), lease),
                leader.getRev(),
                revision ->
                    call.reply(
                        ProclaimResponse.newBuilder()
                            .setHeader(ResponseHeaders.of(call.header(), revision))
                            .build())));
  }

  private static void proclaim(UnaryCall call, Op.Put put, long created, LongConsumer then) {
    Place.ask(
        call,
        new Request.Write(Place.ifCreated(put.key(), created, put, List.of())),
        Reply.Written.class,
        reply -> {
          if (!((OpResult.Txn) reply.result()).succeeded()) {
            throw new StatusException(Code.UNKNOWN, "election: not leader");
          }
          then.accept(reply.revision());
        });
  }

  private static void leader(UnaryCall call, LeaderRequest request) {
    Place.ask(
        call,
        new Request.Read(Place.front(Place.prefix(bytes(request.getName()))), false),
        Reply.Read.class,
        reply -> {
          List<io.balsa.mvcc.command.KeyValue> front = Place.items(reply.result());
          if (front.isEmpty()) {
            throw new StatusException(Code.UNKNOWN, "election: no leader");
          }
          call.reply(
              LeaderResponse.newBuilder()
                  .setHeader(ResponseHeaders.of(call.header(), reply.revision()))
                  .setKv(item(front.get(0)))
                  .build());
        });
  }

  private static void resign(UnaryCall call, ResignRequest request) {
    if (!request.hasLeader()) {
      throw missingLeader();
    }
    LeaderKey leader = request.getLeader();
    if (leader.getKey().isEmpty()) {
      throw Errors.unknown(Errors.emptyKey());
    }
    Bytes key = bytes(leader.getKey());
    Op delete = new Op.DeleteRange(KeyRange.of(key), false);
    Place.ask(
        call,
        new Request.Write(Place.ifCreated(key, leader.getRev(), delete, List.of())),
        Reply.Written.class,
        reply ->
            call.reply(
                ResignResponse.newBuilder()
                    .setHeader(ResponseHeaders.of(call.header(), reply.revision()))
                    .build()));
  }

  private void checkSize(int bytes) {
    if (bytes > loop.options().maxRequestBytes()) {
      throw Errors.unknown(Errors.tooLarge());
    }
  }

  private static StatusException missingLeader() {
    return new StatusException(Code.UNKNOWN, "\"leader\" field must be provided");
  }

  private static Bytes bytes(ByteString string) {
    return Bytes.wrap(string.toByteArray());
  }

  private static KeyValue item(io.balsa.mvcc.command.KeyValue item) {
    return KeyValue.newBuilder()
        .setKey(UnsafeByteOperations.unsafeWrap(item.key().unsafeBuffer()))
        .setValue(UnsafeByteOperations.unsafeWrap(item.value().unsafeBuffer()))
        .setCreateRevision(item.createRevision())
        .setModRevision(item.modRevision())
        .setVersion(item.version())
        .setLease(item.lease())
        .build();
  }
}
