package io.balsa.client.link;

import io.balsa.client.RefusedException;
import io.balsa.client.WatchEvent;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Remembers what a watch delivers. Gives nothing back by itself. */
final class TestSink implements Link.WatchSink {
  final List<WatchEvent> events = new CopyOnWriteArrayList<>();
  final List<String> calls = new CopyOnWriteArrayList<>(); // All but changes.
  final AtomicLong bytes = new AtomicLong();
  volatile Runnable onChange = () -> {};
  final List<Context> contexts = new CopyOnWriteArrayList<>();

  @Override
  public void changed(WatchEvent event, long length) {
    contexts.add(Vertx.currentContext());
    events.add(event);
    bytes.addAndGet(length);
    onChange.run();
  }

  @Override
  public void progress(long revision) {
    add("progress " + revision);
  }

  @Override
  public void compacted(long compactRevision) {
    add("compacted " + compactRevision);
  }

  @Override
  public void slow(long resumeFrom) {
    add("slow " + resumeFrom);
  }

  @Override
  public void denied(RefusedException why) {
    add("denied " + why.status() + " " + why.kind());
  }

  @Override
  public void ended(String reason) {
    add("ended " + reason);
  }

  List<Long> revisions() {
    return events.stream().map(WatchEvent::revision).toList();
  }

  private void add(String call) {
    contexts.add(Vertx.currentContext());
    calls.add(call);
  }
}
