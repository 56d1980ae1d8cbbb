package io.balsa.jetcd;

import static io.balsa.jetcd.Answers.text;

import io.balsa.cluster.Await;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What one watcher was told. */
final class WatchLog implements Watch.Listener {
  final List<WatchResponse> responses = new CopyOnWriteArrayList<>();
  final List<Throwable> errors = new CopyOnWriteArrayList<>();
  volatile boolean completed;

  @Override
  public void onNext(WatchResponse response) {
    responses.add(response);
  }

  @Override
  public void onError(Throwable failure) {
    errors.add(failure);
  }

  @Override
  public void onCompleted() {
    completed = true;
  }

  List<WatchEvent> events() {
    return responses.stream().flatMap(response -> response.getEvents().stream()).toList();
  }

  /** All events as {@code PUT key=value}. */
  List<String> lines() {
    return events().stream().map(WatchLog::line).toList();
  }

  private static String line(WatchEvent event) {
    return "%s %s=%s"
        .formatted(
            event.getEventType(),
            text(event.getKeyValue().getKey()),
            text(event.getKeyValue().getValue()));
  }

  /** Waits for as many events as these, which must then be these. */
  void awaitEvents(String... lines) {
    Await.until(
        "events: " + List.of(lines),
        Answers.LIMIT,
        () -> {
          if (!errors.isEmpty()) {
            throw new AssertionError("watch failed", errors.get(0));
          }
          return lines().size() >= lines.length;
        });
    if (!lines().equals(List.of(lines))) {
      throw new AssertionError("expected " + List.of(lines) + ", told " + lines());
    }
  }
}
