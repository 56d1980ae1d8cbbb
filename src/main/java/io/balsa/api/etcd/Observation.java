package io.balsa.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.api.etcd.StatusException.Code;
import io.balsa.api.etcd.proto.v3electionpb.LeaderRequest;
import io.balsa.bus.ReplicaClient;
import io.balsa.data.Bytes;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.engine.request.WatchEvent;
import io.balsa.mvcc.command.Change;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.KeyValue;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * A call of {@code Observe}: tells who leads an election and all that they proclaim, one leader
 * after another. What a client does not read is bounded; it misses proclamations if it reads none
 * for long, but never the last one.
 */
final class Observation implements StreamMethod.Session {
  static final String METHOD = "/v3electionpb.Election/Observe";

  private static final long WINDOW_BYTES = 64 << 10;
  private static final int ANSWER_BYTES = 256; // Without key and value.

  /** What waits to be told, and what of the watch's credit it holds. */
  private record Told(KeyValue leader, long revision, long bytes) {}

  private final StreamCall call;
  private final Deque<Told> waiting = new ArrayDeque<>();
  private Bytes prefix; // Null before the client has named the election.
  private ReplicaClient.Watch watch;
  private boolean mustLook;

  Observation(StreamCall call) {
    this.call = call;
  }

  @Override
  public void take(byte[] message) throws InvalidProtocolBufferException {
    if (prefix == null) {
      Bytes name = Bytes.wrap(LeaderRequest.parseFrom(message).getName().toByteArray());
      prefix = Place.prefix(name);
      look();
    }
  }

  private void look() {
    call.ask(
        new Request.Read(Place.front(prefix), false),
        reply -> {
          if (reply instanceof Reply.Refused refused) {
            end(refused);
            return;
          }
          Reply.Read read = (Reply.Read) reply;
          List<KeyValue> front = Place.items(read.result());
          if (front.isEmpty()) {
            watch(KeyRange.prefix(prefix), read.revision());
          } else {
            tell(new Told(front.get(0), read.revision(), 0));
            watch(KeyRange.of(front.get(0).key()), read.revision());
          }
        });
  }

  private void watch(KeyRange keys, long seen) {
    watch =
        call.loop
            .replica()
            .watch(
                keys,
                seen + 1,
                false,
                WINDOW_BYTES,
                call.credentials(),
                event -> call.run(() -> changed(keys.isSingle(), event)));
  }

  private void changed(boolean isLed, WatchEvent event) {
    if (event instanceof WatchEvent.Changed changed) {
      Change last = changed.changes().get(changed.changes().size() - 1);
      if (isLed == last.deletion()) { // The leader is gone, or there is one.
        lookAgain();
      } else if (isLed) {
        tell(new Told(last.item(), changed.revision(), changed.bytes()));
      } else {
        watch.credit(changed.bytes());
      }
    } else if (event instanceof WatchEvent.Ended ended && ended.refusal() != null) {
      end(new Reply.Refused(ended.refusal(), false, ended.reason()));
    } else if (event instanceof WatchEvent.Ended ended) {
      throw Errors.error(Code.UNAVAILABLE, ended.reason());
    } else if (event.isLast()) {
      lookAgain();
    }
  }

  /** Who may not see the election is told nothing, as in etcd: there is no more to observe. */
  private void end(Reply.Refused refused) {
    switch (refused.refusal()) {
      case NO_CREDENTIALS, TOKEN_INVALID, TOKEN_STALE, PERMISSION_DENIED -> call.finish();
      default -> throw Errors.unknown(Errors.of(refused));
    }
  }

  /** Behind what waits: who does not read shall not have more and more wait. */
  private void lookAgain() {
    watch.close();
    mustLook = true;
    call.wake();
  }

  private void tell(Told told) {
    waiting.add(told);
    call.wake();
  }

  @Override
  public void write() {
    while (!waiting.isEmpty() && call.hasRoom()) {
      Told told = waiting.remove();
      BackwardWriter answer =
          new BackwardWriter(
              ANSWER_BYTES + told.leader().key().length() + told.leader().value().length());
      KvResponse.item(answer, 2, told.leader());
      KvResponse.header(answer, call.header(), told.revision());
      call.send(answer);
      if (told.bytes() > 0) {
        watch.credit(told.bytes());
      }
    }
    if (mustLook && waiting.isEmpty()) {
      mustLook = false;
      look();
    }
  }

  @Override
  public void clientDone() {
    // It only listens from here on.
  }

  @Override
  public boolean isBusy() {
    return false;
  }

  @Override
  public void closed() {
    waiting.clear();
    if (watch != null) {
      watch.close();
    }
  }
}
