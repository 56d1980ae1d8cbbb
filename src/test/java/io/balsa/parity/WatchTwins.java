package io.balsa.parity;

import com.google.protobuf.ByteString;
import io.balsa.api.etcd.proto.etcdserverpb.CompactionRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchCancelRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchCreateRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchCreateRequest.FilterType;
import io.balsa.api.etcd.proto.etcdserverpb.WatchRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchResponse;
import io.balsa.api.etcd.proto.mvccpb.Event;
import io.balsa.api.etcd.proto.mvccpb.Event.EventType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The watches of a program at both members: what is answered is equal, and each watch sees the same
 * events in the same order.
 *
 * <p>One watch more, of all keys, tells how many events each of the others must have seen. Nothing
 * depends on time: whatever may run side by side inside etcd is waited for before the next step.
 * There a watch of the past waits for a round that brings such watches up to date; while it waits,
 * a compaction may end it, and its being cancelled may cost it events.
 */
final class WatchTwins {
  private static final int CALLS_BETWEEN = 500;
  private static final WatchRequest ALL_KEYS = create(0, true);

  private final WatchLine.Opener etcd;
  private final WatchLine.Opener balsa;
  private final Dialogue dialogue;
  private final Map<Integer, Stream> streams = new TreeMap<>();
  private final List<Event> history = new ArrayList<>();
  private final Stream all;
  private long revision;
  private long compactRevision;
  private boolean isPastWatched; // There may be a watch that etcd has not brought up to date.
  private long events;
  private int calls;

  /** One call, at both members. */
  private final class Stream {
    final WatchInbox etcdInbox = new WatchInbox();
    final WatchInbox balsaInbox = new WatchInbox();
    final WatchLine etcdLine;
    final WatchLine balsaLine;
    final Map<Long, Watch> live = new HashMap<>();
    final Set<Long> compacted = new HashSet<>(); // Those that the client may still cancel.

    Stream(WatchLine.Opener etcdOpener, WatchLine.Opener balsaOpener, List<WatchRequest> first) {
      etcdLine = etcdOpener.open(first, etcdInbox);
      balsaLine = balsaOpener.open(first, balsaInbox);
    }

    void send(WatchRequest request) {
      etcdLine.send(request);
      balsaLine.send(request);
    }

    void close() {
      etcdLine.close();
      balsaLine.close();
    }

    /** Sees to what is answered to a request that was sent. */
    void answered(WatchRequest request) {
      switch (request.getRequestUnionCase()) {
        case CREATE_REQUEST -> created(request.getCreateRequest());
        case CANCEL_REQUEST -> canceled(request.getCancelRequest().getWatchId());
        case PROGRESS_REQUEST -> answer();
        case REQUESTUNION_NOT_SET -> {
          // Has no answer.
        }
      }
    }

    private void created(WatchCreateRequest request) {
      WatchResponse answer = answer();
      if (answer.getCanceled()) {
        return;
      }
      long id = answer.getWatchId();
      long start = request.getStartRevision();
      if (start != 0 && start < compactRevision) {
        equal("ends", etcdInbox.compacted(id), balsaInbox.compacted(id));
        compacted.add(id);
      } else {
        isPastWatched |= start != 0 && start <= revision;
        live.put(id, new Watch(request, start == 0 ? answer.getHeader().getRevision() + 1 : start));
      }
    }

    private void canceled(long id) {
      if (live.remove(id) != null || compacted.remove(id)) {
        answer();
      }
    }

    /** The next answer of both. */
    WatchResponse answer() {
      WatchResponse expected = etcdInbox.answer();
      equal("answers on a watch stream", expected, balsaInbox.answer());
      return expected;
    }

    void compareEvents() {
      live.forEach(this::compareEvents);
    }

    void compareEvents(long id, Watch watch) {
      int count = watch.passOver(history);
      List<Event> expected = etcdInbox.events(id, count);
      List<Event> found = balsaInbox.events(id, count);
      equal("events of watch " + id, expected, found);
      if (expected.size() != count) {
        throw dialogue.failure("watch " + id + " saw " + expected.size() + " events, not " + count);
      }
      events += count;
    }

    /** After its watches were compared there is nothing left. */
    void requireNothing() {
      equal("what nobody asked for", "", etcdInbox.rest());
      equal("what nobody asked for", "", balsaInbox.rest());
    }
  }

  /** One watch, and how much of the history it must have seen. */
  private static final class Watch {
    private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

    private final WatchCreateRequest request;
    private final long start;
    private int seen;

    Watch(WatchCreateRequest request, long start) {
      this.request = request;
      this.start = start;
    }

    /** How many events of the rest of the history it wants. */
    int passOver(List<Event> history) {
      int count = 0;
      for (; seen < history.size(); seen++) {
        count += wants(history.get(seen)) ? 1 : 0;
      }
      return count;
    }

    private boolean wants(Event event) {
      FilterType filter = event.getType() == EventType.PUT ? FilterType.NOPUT : FilterType.NODELETE;
      return event.getKv().getModRevision() >= start
          && !request.getFiltersList().contains(filter)
          && contains(event.getKv().getKey());
    }

    private boolean contains(ByteString key) {
      ByteString low = request.getKey().isEmpty() ? ZERO : request.getKey();
      ByteString high = request.getRangeEnd();
      if (high.isEmpty()) {
        return key.equals(low);
      }
      return compare(key, low) >= 0 && (high.equals(ZERO) || compare(key, high) < 0);
    }

    private static int compare(ByteString one, ByteString other) {
      return ByteString.unsignedLexicographicalComparator().compare(one, other);
    }
  }

  /**
   * Begins to watch, before the first change.
   *
   * @param etcd how the program's calls to etcd are made
   * @param balsa and those to Balsa
   * @param etcdTalk how those are made that only serve the comparison
   * @param balsaTalk the same to Balsa
   */
  WatchTwins(
      Dialogue dialogue,
      WatchLine.Opener etcd,
      WatchLine.Opener balsa,
      WatchLine.Opener etcdTalk,
      WatchLine.Opener balsaTalk) {
    this.dialogue = dialogue;
    this.etcd = etcd;
    this.balsa = balsa;
    all = new Stream(etcdTalk, balsaTalk, List.of(ALL_KEYS));
    all.answer();
  }

  /** Does a step of the program at both, and compares what is answered. */
  void take(WatchStep step) {
    dialogue.note(step);
    dialogue.run(
        () -> {
          switch (step.kind()) {
            case OPEN -> {
              Stream stream = new Stream(etcd, balsa, step.requests());
              streams.put(step.stream(), stream);
              step.requests().forEach(stream::answered);
            }
            case SEND -> {
              Stream stream = streams.get(step.stream());
              for (WatchRequest request : step.requests()) {
                Watch watch = stream.live.get(request.getCancelRequest().getWatchId());
                if (request.hasCancelRequest() && watch != null) {
                  readHistory();
                  stream.compareEvents(request.getCancelRequest().getWatchId(), watch);
                }
                stream.send(request);
                stream.answered(request);
              }
            }
            case CLOSE -> {
              readHistory();
              Stream stream = streams.remove(step.stream());
              stream.compareEvents();
              stream.requireNothing();
              stream.close();
            }
          }
        });
  }

  /**
   * Must be told of each call before it is sent: now and then, and before a compaction, compares.
   */
  void before(Call<?, ?> call) {
    if (++calls % CALLS_BETWEEN == 0 || call.request() instanceof CompactionRequest) {
      compare();
    }
  }

  /**
   * Must be told of each call that was answered.
   *
   * @param at the revision of the store, 0 with an error
   */
  void after(Call<?, ?> call, long at) {
    revision = Math.max(revision, at);
    if (at > 0 && call.request() instanceof CompactionRequest compaction) {
      compactRevision = compaction.getRevision();
    }
  }

  /** Waits until all watches have seen all that has happened, and compares it. */
  void compare() {
    dialogue.run(
        () -> {
          readHistory();
          streams.values().forEach(Stream::compareEvents);
          if (isPastWatched) {
            awaitRound();
          }
          streams.values().forEach(Stream::requireNothing);
        });
  }

  /** How many events of all watches were compared. */
  long events() {
    return events;
  }

  private void readHistory() {
    while (last() < revision) {
      List<Event> more = all.etcdInbox.events(0, 1);
      List<Event> found = new ArrayList<>(all.balsaInbox.events(0, more.size()));
      while (found.size() < more.size()) {
        found.addAll(all.balsaInbox.events(0, 1));
      }
      while (more.size() < found.size()) {
        more.addAll(all.etcdInbox.events(0, 1));
      }
      equal("all events", more, found);
      history.addAll(more);
    }
  }

  private long last() {
    return history.isEmpty() ? 1 : history.get(history.size() - 1).getKv().getModRevision();
  }

  /**
   * Lets etcd bring watches of the past up to date: it does so with all of them at once, and so a
   * later one has its event after them. There is an event, as nothing was compacted since.
   */
  private void awaitRound() {
    all.send(create(revision, false));
    long id = all.answer().getWatchId();
    int count = 0;
    for (int i = history.size(); i > 0; i--) {
      count += history.get(i - 1).getKv().getModRevision() == revision ? 1 : 0;
    }
    equal("last events", all.etcdInbox.events(id, count), all.balsaInbox.events(id, count));
    all.send(
        WatchRequest.newBuilder()
            .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id))
            .build());
    all.answer();
    isPastWatched = false;
  }

  private void equal(String what, Object expected, Object found) {
    if (!expected.equals(found)) {
      throw dialogue.failure(
          "%s differ%n  etcd's:  %s%n  Balsa's: %s".formatted(what, text(expected), text(found)));
    }
  }

  private static String text(Object object) {
    if (object instanceof List<?> list) {
      return list.stream().map(each -> Answer.line((Event) each)).toList().toString();
    }
    return object instanceof WatchResponse response ? Answer.line(response) : object.toString();
  }

  private static WatchRequest create(long start, boolean previous) {
    ByteString zero = ByteString.copyFrom(new byte[1]);
    return WatchRequest.newBuilder()
        .setCreateRequest(
            WatchCreateRequest.newBuilder()
                .setKey(zero)
                .setRangeEnd(zero)
                .setStartRevision(start)
                .setPrevKv(previous))
        .build();
  }
}
