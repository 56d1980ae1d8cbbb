package io.balsa.api.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.api.ProblemException;
import io.balsa.api.etcd.proto.etcdserverpb.WatchCreateRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchCreateRequest.FilterType;
import io.balsa.api.etcd.proto.etcdserverpb.WatchRequest;
import io.balsa.bus.ReplicaClient;
import io.balsa.data.Bytes;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.WatchEvent;
import io.balsa.mvcc.command.KeyRange;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The watches of one call.
 *
 * <p>Events wait here as the store's own values, in the order in which they came, and are written
 * when the client reads. The credit of an event goes back to the replica when it is written; so a
 * client that does not read holds up a window of changes for each watch, until the replica cuts the
 * watch off as slow. That is nothing the client notices: what waits for it is dropped, and once the
 * client reads again the watch is opened anew at the first revision that was not written. As with
 * etcd it loses events only to compaction, and is told so.
 */
final class WatchSession implements StreamMethod.Session {
  private static final long WINDOW_BYTES_MIN = 16 << 10;
  private static final int ANSWERS_MAX = 256;
  private static final int HEAD_BYTES = 96;
  private static final int COMPACTED_MAX = 128;
  private static final long NO_WATCH = -1;

  private final EtcdLoop loop;
  private final WatchService service;
  private final StreamCall call;
  private final Map<Long, Watch> watches = new HashMap<>();
  // The newest of those that compaction has ended: as in etcd, their ids are not free before the
  // client cancels them.
  private final Set<Long> compacted = new LinkedHashSet<>();
  private final Deque<Item> waiting = new ArrayDeque<>();
  private int waitingAnswers; // Those in waiting that are no events of a watch.
  private final Map<Watch, Long> slow = new LinkedHashMap<>(); // Where to resume what was cut off.
  private long nextId;

  // How far all watches are, as the client asked.
  private final Set<Watch> untold = new HashSet<>(); // Those that it waits for.
  private long toldRevision; // The lowest of the others, the largest number if there are none.
  private int progressUnderWay; // How many questions that will answer.
  private int progressAsked; // How many came since.

  /** What is to be sent: an event of a watch, or an answer that is written already. */
  private static final class Item {
    final Watch watch;
    WatchEvent event;
    BackwardWriter answer;

    Item(Watch watch, WatchEvent event, BackwardWriter answer) {
      this.watch = watch;
      this.event = event;
      this.answer = answer;
    }

    /** Whether this is the place of an answer that the replica must give first. */
    boolean isAwaited() {
      return answer == null && event == null && !watch.closed;
    }

    /** About how much it will be. */
    long bytes() {
      return event instanceof WatchEvent.Changed changed ? changed.bytes() : HEAD_BYTES;
    }
  }

  private static final class Watch {
    final long id;
    final KeyRange keys;
    final boolean previous;
    final boolean fragment;
    final int unwanted;
    final long startRevision;
    final long notifyNanos;
    // Where it is created: answers come in the order of the requests.
    final Item place = new Item(this, null, null);
    ReplicaClient.Watch source;
    long windowBytes; // Lent; 0 while it is cut off.
    Item progress = place; // The newest that waits, if that is progress.
    boolean created; // And the client knows.
    boolean closed;
    boolean busy; // There were events since quiet was last looked for.
    long quietSinceNanos;
    long writtenBytes; // Their credit not returned yet.

    Watch(long id, KeyRange keys, WatchCreateRequest request, long notifyNanos) {
      this.id = id;
      this.keys = keys;
      this.previous = request.getPrevKv();
      this.fragment = request.getFragment();
      this.unwanted =
          (request.getFiltersList().contains(FilterType.NOPUT) ? WatchService.NO_PUT : 0)
              | (request.getFiltersList().contains(FilterType.NODELETE)
                  ? WatchService.NO_DELETE
                  : 0);
      // Before the first revision there is nothing to see, or it is compacted.
      this.startRevision = request.getStartRevision() < 0 ? 1 : request.getStartRevision();
      this.notifyNanos = notifyNanos;
    }

    /** Whether nothing that the watch wants has happened up to the revision that is told. */
    boolean isToldAll(WatchEvent.Progress progress) {
      return progress.complete() || startRevision > progress.revision();
    }
  }

  WatchSession(EtcdLoop loop, WatchService service, StreamCall call) {
    this.loop = loop;
    this.service = service;
    this.call = call;
  }

  // ---- What the client says

  @Override
  public void take(byte[] message) throws InvalidProtocolBufferException {
    WatchRequest request = WatchRequest.parseFrom(message);
    switch (request.getRequestUnionCase()) {
      case CREATE_REQUEST -> create(request.getCreateRequest());
      case CANCEL_REQUEST -> cancel(request.getCancelRequest().getWatchId());
      case PROGRESS_REQUEST -> {
        progressAsked++;
        askProgress();
      }
      case REQUESTUNION_NOT_SET -> {
        // Ignored, as etcd does.
      }
    }
  }

  /** The watches go on. */
  @Override
  public void clientDone() {}

  @Override
  public boolean isBusy() {
    return waitingAnswers >= ANSWERS_MAX || progressAsked >= ANSWERS_MAX;
  }

  private void create(WatchCreateRequest request) {
    KeyRange keys = keys(request);
    if (!keys.isSingle() && !keys.isUnbounded() && keys.key().compareTo(keys.end()) >= 0) {
      refuse("mvcc: watcher range is empty");
      return;
    }
    long id = request.getWatchId();
    if (id != 0 && isTaken(id)) {
      refuse("mvcc: duplicate watch ID provided on the WatchStream");
      return;
    }
    try {
      enterWatch();
    } catch (ProblemException e) {
      refuse(Errors.of(e).getMessage());
      return;
    }
    Watch watch = new Watch(id == 0 ? nextId() : id, keys, request, notifyNanos(request));
    watches.put(watch.id, watch);
    waiting.addLast(watch.place);
    open(watch, watch.startRevision);
  }

  /** No key means the first one there could be, as in etcd. */
  private static KeyRange keys(WatchCreateRequest request) {
    Bytes key = bytes(request.getKey());
    return new KeyRange(key.isEmpty() ? KeyRange.UNBOUNDED : key, bytes(request.getRangeEnd()));
  }

  private static Bytes bytes(ByteString string) {
    return Bytes.wrap(string.toByteArray());
  }

  private boolean isTaken(long id) {
    return watches.containsKey(id) || compacted.contains(id);
  }

  private long nextId() {
    while (isTaken(nextId)) {
      nextId++;
    }
    return nextId++;
  }

  /** The first watch has the place of the call. */
  private void enterWatch() {
    if (!watches.isEmpty()) {
      loop.admission().enterWatch();
    }
  }

  private void leaveWatch() {
    if (!watches.isEmpty()) {
      loop.admission().leaveWatch();
    }
  }

  /** The more watches there are on a call, the less may wait for each. */
  private long windowBytes() {
    long window = loop.options().watchWindowBytes();
    return Math.min(window, Math.max(window / watches.size(), WINDOW_BYTES_MIN));
  }

  /**
   * How long a watch may be quiet. A connection that cannot be pinged is kept open by telling the
   * client how far its watch is.
   */
  private long notifyNanos(WatchCreateRequest request) {
    long wanted = request.getProgressNotify() ? service.notifyNanos() : Long.MAX_VALUE;
    long idleNanos = TimeUnit.MILLISECONDS.toNanos(loop.options().idleTimeoutMillis());
    return call.canPing() ? wanted : Math.min(wanted, idleNanos / 2);
  }

  private void open(Watch watch, long startRevision) {
    watch.windowBytes = loop.admission().lendWindow(windowBytes());
    watch.source =
        loop.replica()
            .watch(
                watch.keys,
                startRevision,
                watch.previous,
                watch.windowBytes,
                call.credentials(),
                event -> receive(watch, event));
  }

  private void cancel(long id) {
    Watch watch = watches.get(id);
    if (watch != null) {
      if (!watch.created) {
        watch.place.answer = response(header(), id, true, false, 0, "");
        waitingAnswers++;
      }
      close(watch);
      answer(response(header(), id, false, true, 0, ""));
    } else if (compacted.remove(id)) {
      answer(response(header(), id, false, true, 0, ""));
    }
  }

  private void close(Watch watch) {
    watch.closed = true;
    watch.source.close();
    watches.remove(watch.id);
    returnWindow(watch);
    leaveWatch();
    if (untold.remove(watch)) {
      answerProgress();
    }
  }

  private void returnWindow(Watch watch) {
    loop.admission().returnWindow(watch.windowBytes);
    watch.windowBytes = 0;
  }

  private void refuse(String reason) {
    answer(response(header(), NO_WATCH, true, true, 0, reason));
  }

  private long header() {
    return call.header().revision();
  }

  /** Sends an answer behind all that waits. */
  private void answer(BackwardWriter answer) {
    waiting.addLast(new Item(null, null, answer));
    waitingAnswers++;
    call.wake();
  }

  // ---- How far all watches are

  private void askProgress() {
    if (progressUnderWay > 0 || progressAsked == 0) {
      return;
    }
    progressUnderWay = progressAsked;
    progressAsked = 0;
    toldRevision = Long.MAX_VALUE;
    for (Watch watch : watches.values()) {
      untold.add(watch);
      watch.source.progress();
    }
    answerProgress();
  }

  private void answerProgress() {
    if (progressUnderWay > 0 && untold.isEmpty()) {
      long revision = toldRevision == Long.MAX_VALUE ? header() : toldRevision;
      for (; progressUnderWay > 0; progressUnderWay--) {
        answer(response(revision, NO_WATCH, false, false, 0, ""));
      }
      askProgress();
    }
  }

  // ---- What the replica says

  private void receive(Watch watch, WatchEvent event) {
    call.wake();
    if (watch.place.event == null) {
      watch.place.event = event;
      return;
    }
    if (event instanceof WatchEvent.Slow cutOff) {
      slow.put(watch, cutOff.resumeFrom());
      return;
    }
    if (event instanceof WatchEvent.Progress progress && watch.progress != null) {
      // One of a watch waits at most, or those of quiet watches would pile up behind a busy one.
      if (watch.isToldAll(progress)) {
        watch.progress.event = progress;
      }
      return;
    }
    Item item = new Item(watch, event, null);
    watch.progress = event instanceof WatchEvent.Progress ? item : null;
    waiting.addLast(item);
  }

  /** What waits for watches that were cut off is told when they are resumed. */
  private void dropSlow() {
    if (slow.isEmpty()) {
      return;
    }
    waiting.removeIf(this::drop);
    slow.forEach(
        (watch, revision) -> {
          watch.progress = null;
          returnWindow(watch);
          waiting.addLast(new Item(watch, new WatchEvent.Slow(watch.id, revision), null));
        });
    slow.clear();
  }

  private boolean drop(Item item) {
    boolean told = item.answer != null || item == item.watch.place; // As part of the answers.
    if (told || !slow.containsKey(item.watch)) {
      return false;
    }
    if (item.event instanceof WatchEvent.Changed changed) {
      slow.merge(item.watch, changed.revision(), Math::min);
    }
    return true;
  }

  @Override
  public void write() {
    dropSlow();
    while (!waiting.isEmpty()
        && !waiting.peekFirst().isAwaited()
        && call.hasRoomFor(waiting.peekFirst().bytes())) {
      Item item = waiting.removeFirst();
      if (item.answer != null) {
        waitingAnswers--;
        call.send(item.answer);
      } else {
        if (item.watch.progress == item) {
          item.watch.progress = null;
        }
        if (!item.watch.closed) {
          write(item.watch, item.event);
        }
      }
    }
  }

  private void write(Watch watch, WatchEvent event) {
    if (event instanceof WatchEvent.Changed changed) {
      changed(watch, changed);
    } else if (event instanceof WatchEvent.Progress progress) {
      progress(watch, progress);
    } else if (event instanceof WatchEvent.Compacted end) {
      compacted(watch, end.compactRevision());
    } else if (event instanceof WatchEvent.Slow slow) {
      resume(watch, slow.resumeFrom());
    } else {
      ended(watch, (WatchEvent.Ended) event);
    }
  }

  private void compacted(Watch watch, long compactRevision) {
    close(watch);
    compacted.add(watch.id);
    if (compacted.size() > COMPACTED_MAX) {
      compacted.remove(compacted.iterator().next());
    }
    // Without a revision, as etcd.
    call.send(response(0, watch.id, false, true, compactRevision, ""));
  }

  private void ended(Watch watch, WatchEvent.Ended event) {
    boolean isDenied = event.refusal() != null;
    if (watch.created && !isDenied) {
      call.fail(OpenStreams.serverStopped()); // The client resumes elsewhere.
      return;
    }
    close(watch);
    String reason = event.reason();
    if (isDenied) {
      reason = Errors.of(new Reply.Refused(event.refusal(), false, reason)).asGoSaysIt();
    }
    long id = watch.created ? watch.id : NO_WATCH;
    call.send(response(header(), id, !watch.created, true, 0, reason));
  }

  private void resume(Watch watch, long revision) {
    watch.writtenBytes = 0;
    open(watch, revision);
    if (untold.contains(watch)) {
      watch.source.progress();
    }
  }

  private void progress(Watch watch, WatchEvent.Progress progress) {
    if (!watch.created) {
      watch.created = true;
      watch.busy = true;
      call.send(response(progress.revision(), watch.id, true, false, 0, ""));
    }
    if (watch.notifyNanos < Long.MAX_VALUE) {
      notifyQuiet(watch, progress);
    }
    if (watch.isToldAll(progress) && untold.remove(watch)) {
      toldRevision = Math.min(toldRevision, progress.revision());
      answerProgress();
    }
  }

  private void notifyQuiet(Watch watch, WatchEvent.Progress progress) {
    long now = System.nanoTime();
    if (watch.busy) {
      watch.busy = false;
      watch.quietSinceNanos = now;
    } else if (now - watch.quietSinceNanos >= watch.notifyNanos && watch.isToldAll(progress)) {
      watch.quietSinceNanos = now;
      call.send(response(progress.revision(), watch.id, false, false, 0, ""));
    }
  }

  private void changed(Watch watch, WatchEvent.Changed changed) {
    byte[] events = service.events(changed, watch.unwanted);
    if (events.length > 0) {
      watch.busy = true;
      if (watch.fragment && HEAD_BYTES + events.length >= loop.options().maxRequestBytes()) {
        fragments(watch, changed.revision(), events);
      } else {
        events(watch, changed.revision(), events, false);
      }
    }
    watch.writtenBytes += changed.bytes();
    if (watch.writtenBytes >= watch.windowBytes / 2) {
      watch.source.credit(watch.writtenBytes);
      watch.writtenBytes = 0;
    }
  }

  private void events(Watch watch, long revision, byte[] events, boolean fragment) {
    BackwardWriter out =
        new BackwardWriter(HEAD_BYTES + events.length)
            .raw(events)
            .flag(7, fragment)
            .number(2, watch.id);
    KvResponse.header(out, call.header(), revision);
    call.send(out);
  }

  /** Sends parts of less than the longest request, of one event at least. */
  private void fragments(Watch watch, long revision, byte[] events) {
    int start = 0;
    while (start < events.length) {
      int end = endOfEvent(events, start);
      for (int next = end; next - start + HEAD_BYTES < loop.options().maxRequestBytes(); ) {
        end = next;
        if (end == events.length) {
          break;
        }
        next = endOfEvent(events, end);
      }
      events(watch, revision, Arrays.copyOfRange(events, start, end), end < events.length);
      start = end;
    }
  }

  /** Where the event ends that begins at {@code start}: a byte of tag, its length, itself. */
  private static int endOfEvent(byte[] events, int start) {
    int position = start + 1;
    int length = 0;
    for (int shift = 0; ; shift += 7) {
      byte part = events[position++];
      length |= (part & 0x7f) << shift;
      if (part >= 0) {
        return position + length;
      }
    }
  }

  private BackwardWriter response(
      long revision,
      long id,
      boolean created,
      boolean canceled,
      long compactRevision,
      String reason) {
    BackwardWriter out =
        new BackwardWriter(HEAD_BYTES + reason.length())
            .text(6, reason)
            .number(5, compactRevision)
            .flag(4, canceled)
            .flag(3, created)
            .number(2, id);
    KvResponse.header(out, call.header(), revision);
    return out;
  }

  @Override
  public void closed() {
    waiting.clear();
    for (Watch watch : watches.values()) {
      watch.source.close();
      returnWindow(watch);
    }
    for (int i = 1; i < watches.size(); i++) {
      loop.admission().leaveWatch();
    }
    watches.clear();
  }
}
