package io.balsa.api.http;

import io.balsa.api.Keys;
import io.balsa.api.Problem;
import io.balsa.api.ProblemException;
import io.balsa.data.Bytes;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.mvcc.command.KeyRange;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Watches as server-sent events: {@code /v1/watch}. */
final class WatchResource {
  private static final CharSequence LAST_EVENT_ID = HttpHeaders.createOptimized("Last-Event-ID");
  private static final List<String> PARAMETERS = List.of("prefix", "key", "from", "previous");

  private final EventLoopState loop;
  private final Set<WatchStream> open = new LinkedHashSet<>();
  private boolean stopped;

  WatchResource(EventLoopState loop) {
    this.loop = loop;
  }

  void get(Exchange exchange) {
    Query query = exchange.query(PARAMETERS);
    if (query.has("prefix") && query.has("key")) {
      throw ProblemException.invalid("prefix and key: both given, expected one of them or none");
    }
    Bytes prefix = Keys.prefix(query.bytes("prefix"), "prefix");
    KeyRange keys =
        query.has("key")
            ? KeyRange.of(Keys.key(query.bytes("key"), "key"))
            : KeyRange.prefix(prefix);
    boolean previous = query.flag("previous");
    long from = query.number("from", 1, Long.MAX_VALUE, 0);
    String last = exchange.request().getHeader(LAST_EVENT_ID);
    if (last != null) {
      from = Query.number("Last-Event-ID", last, 0, Long.MAX_VALUE - 1) + 1;
    }
    if (stopped) {
      throw new ProblemException(
          Problem.of(new Reply.Refused(Refusal.STOPPING, false, "the member is stopping")));
    }
    loop.admission().enterWatch();
    WatchStream stream = new WatchStream(loop, exchange, from, this::ended);
    open.add(stream);
    stream.open(keys, previous);
  }

  /** Ends all streams, so that their clients go on elsewhere. */
  void stop() {
    stopped = true;
    new ArrayList<>(open).forEach(WatchStream::end);
  }

  private void ended(WatchStream stream) {
    if (open.remove(stream)) {
      loop.admission().leaveWatch();
    }
  }
}
