package io.balsa.api.etcd;

import com.google.protobuf.UnsafeByteOperations;
import io.balsa.api.etcd.StatusException.Code;
import io.balsa.api.etcd.proto.v3lockpb.LockRequest;
import io.balsa.api.etcd.proto.v3lockpb.LockResponse;
import io.balsa.api.etcd.proto.v3lockpb.UnlockRequest;
import io.balsa.api.etcd.proto.v3lockpb.UnlockResponse;
import io.balsa.data.Bytes;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Op;
import java.util.Map;

/** The service {@code v3lockpb.Lock}: who is in front of the queue of a name has its lock. */
final class LockService {
  private static final String NAME = "/v3lockpb.Lock/";

  private final Places places;

  LockService(Places places) {
    this.places = places;
  }

  void register(Map<String, UnaryMethod> methods) {
    methods.put(NAME + "Lock", UnaryMethod.of(LockRequest.parser(), this::lock));
    methods.put(NAME + "Unlock", UnaryMethod.of(UnlockRequest.parser(), LockService::unlock));
  }

  private void lock(UnaryCall call, LockRequest request) {
    Bytes name = Bytes.wrap(request.getName().toByteArray());
    Place.lease(
        call,
        request.getLease(),
        lease -> {
          StatusException lost = new StatusException(Code.UNKNOWN, "mutex: session is expired");
          Place place = new Place(places, call, name, Bytes.EMPTY, lease, lost);
          place.enter(found -> place.await(revision -> reply(call, place, revision)));
        });
  }

  private static void reply(UnaryCall call, Place place, long revision) {
    call.reply(
        LockResponse.newBuilder()
            .setHeader(ResponseHeaders.of(call.header(), revision))
            .setKey(UnsafeByteOperations.unsafeWrap(place.key().unsafeBuffer()))
            .build());
  }

  private static void unlock(UnaryCall call, UnlockRequest request) {
    if (request.getKey().isEmpty()) {
      throw Errors.unknown(Errors.emptyKey());
    }
    Bytes key = Bytes.wrap(request.getKey().toByteArray());
    Place.ask(
        call,
        new Request.Write(new Op.DeleteRange(KeyRange.of(key), false)),
        Reply.Written.class,
        reply ->
            call.reply(
                UnlockResponse.newBuilder()
                    .setHeader(ResponseHeaders.of(call.header(), reply.revision()))
                    .build()));
  }
}
