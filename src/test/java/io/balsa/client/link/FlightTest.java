package io.balsa.client.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlightTest {
  private final List<String> started = new ArrayList<>();

  @Test
  void startsSoManyAndTheOthersInTurn() {
    Flight flight = new Flight(2, 2);

    assertThat(enter(flight, "a")).isTrue();
    assertThat(enter(flight, "b")).isTrue();
    assertThat(enter(flight, "c")).isTrue();
    assertThat(enter(flight, "d")).isTrue();
    assertThat(started).containsExactly("a", "b");
    flight.leave();
    assertThat(started).containsExactly("a", "b", "c");
    flight.leave();
    flight.leave();
    flight.leave();
    assertThat(started).containsExactly("a", "b", "c", "d");
    assertThat(enter(flight, "e")).isTrue();
    assertThat(started).endsWith("e");
  }

  @Test
  void refusesMoreThanMayWait() {
    Flight flight = new Flight(1, 1);
    enter(flight, "a");
    enter(flight, "b");

    assertThat(enter(flight, "c")).isFalse();
    flight.leave();
    assertThat(enter(flight, "d")).isTrue();
    flight.leave();
    assertThat(started).containsExactly("a", "b", "d");
  }

  private boolean enter(Flight flight, String name) {
    return flight.enter(() -> started.add(name));
  }
}
