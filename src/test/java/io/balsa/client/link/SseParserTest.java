package io.balsa.client.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SseParserTest {
  private static final String STREAM =
      "id: 7\nevent: change\ndata: {\"a\":\n\n"
          + ": a comment\n\n"
          + "event:progress\ndata:ä\ndata: second\ndata\nretry: 5\n\n"
          + "data: last\n\n";
  private static final List<SseEvent> EVENTS =
      List.of(
          new SseEvent("7", "change", Buffer.buffer("{\"a\":")),
          new SseEvent(null, "progress", Buffer.buffer("ä\nsecond\n")),
          new SseEvent(null, "message", Buffer.buffer("last")));

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void readsTheSameHoweverItIsCutAndLinesEnd(String lineEnd) {
    Buffer stream = Buffer.buffer(STREAM.replace("\n", lineEnd));
    for (int size = 1; size <= stream.length(); size++) {
      SseParser parser = new SseParser(1_000);
      List<SseEvent> events = new ArrayList<>();
      for (int from = 0; from < stream.length(); from += size) {
        parser.feed(stream.slice(from, Math.min(from + size, stream.length())));
        take(parser, events);
      }
      assertThat(events).describedAs("chunks of %d bytes", size).isEqualTo(EVENTS);
    }
  }

  @Test
  void readsTheSameWhenItIsReadLate() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    SseParser parser = new SseParser(1_000);
    List<SseEvent> events = new ArrayList<>();
    List<SseEvent> expected = new ArrayList<>();
    for (int round = 0; round < 300; round++) {
      Buffer stream = Buffer.buffer(STREAM);
      int cut = random.nextInt(stream.length());
      parser.feed(stream.slice(0, cut));
      parser.feed(stream.slice(cut, stream.length()));
      expected.addAll(EVENTS);
      for (int i = random.nextInt(6); i > 0; i--) {
        SseEvent event = parser.next();
        if (event != null) {
          events.add(event);
        }
      }
    }
    take(parser, events);

    assertThat(events).describedAs("seed %d", seed).isEqualTo(expected);
  }

  @Test
  void aLastEventWithoutItsEmptyLineIsNone() {
    SseParser parser = new SseParser(1_000);
    parser.feed(Buffer.buffer("data: 1\n\ndata: 2\n"));

    assertThat(parser.next().data()).isEqualTo(Buffer.buffer("1"));
    assertThat(parser.next()).isNull();
  }

  @Test
  void takesTheLongestEventAndRefusesALongerOne() {
    SseParser parser = new SseParser(20);
    parser.feed(Buffer.buffer("data: 6\ndata: 7890123\n\n"));
    assertThat(parser.next().data()).isEqualTo(Buffer.buffer("6\n7890123"));

    parser.feed(Buffer.buffer("data: 6\ndata: 78901234\n\n"));
    assertThatThrownBy(parser::next)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an event has more than 20 bytes, the most that is taken");
  }

  @Test
  void refusesALineThatDoesNotEnd() {
    SseParser parser = new SseParser(20);
    parser.feed(Buffer.buffer("data: 78901234567890"));
    assertThat(parser.next()).isNull();

    parser.feed(Buffer.buffer("1"));
    assertThatThrownBy(parser::next).isInstanceOf(IllegalArgumentException.class);
  }

  private static void take(SseParser parser, List<SseEvent> events) {
    for (SseEvent event = parser.next(); event != null; event = parser.next()) {
      events.add(event);
    }
  }
}
