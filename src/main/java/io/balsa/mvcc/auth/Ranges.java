package io.balsa.mvcc.auth;

import io.balsa.data.Bytes;
import io.balsa.mvcc.command.KeyRange;
import java.util.ArrayList;
import java.util.List;

/** The union of some ranges of keys. */
final class Ranges {
  /** From {@code begin} on and below {@code end}, which is null where there is no upper end. */
  private record Span(Bytes begin, Bytes end) {
    static Span of(KeyRange keys) {
      if (keys.isSingle()) {
        return new Span(keys.key(), keys.key().append(0));
      }
      return new Span(keys.key(), keys.isUnbounded() ? null : keys.end());
    }
  }

  private final List<Span> spans = new ArrayList<>(); // Ascending, with gaps between them.

  /** The union of {@code ranges}. */
  Ranges(List<KeyRange> ranges) {
    ranges.stream()
        .map(Span::of)
        .filter(span -> span.end() == null || span.begin().compareTo(span.end()) < 0)
        .sorted((a, b) -> a.begin().compareTo(b.begin()))
        .forEach(this::join);
  }

  private void join(Span span) {
    int last = spans.size() - 1;
    if (last < 0 || (isBelow(spans.get(last).end(), span.begin()))) {
      spans.add(span);
    } else if (isBelow(spans.get(last).end(), span.end())) {
      spans.set(last, new Span(spans.get(last).begin(), span.end()));
    }
  }

  /** Of ends, where null is above all. */
  private static boolean isBelow(Bytes end, Bytes other) {
    return end != null && (other == null || end.compareTo(other) < 0);
  }

  /** Whether all of {@code keys} lies in it. Of a range that is upside down, what it spans. */
  boolean contains(KeyRange keys) {
    Span asked = Span.of(keys);
    if (asked.end() != null && asked.begin().compareTo(asked.end()) > 0) {
      asked = new Span(asked.end(), asked.begin());
    }
    int low = 0;
    int high = spans.size(); // The first span that begins above the asked one.
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (spans.get(middle).begin().compareTo(asked.begin()) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low > 0 && !isBelow(spans.get(low - 1).end(), asked.end());
  }
}
