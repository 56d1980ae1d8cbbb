package io.balsa.discovery;

import java.util.List;
import java.util.Optional;

/** A source of addresses. */
public interface Discovery {
  /**
   * Where members are to be found now, this one perhaps among them. Old, wrong and missing ones
   * must be expected, and several under one name. Any thread; never waits.
   */
  List<Sighting> sightings();

  /** Why nothing will ever be found; empty where something may be. */
  default Optional<String> failure() {
    return Optional.empty();
  }

  /** What is given and never changes. */
  static Discovery fixed(List<Sighting> sightings) {
    List<Sighting> all = List.copyOf(sightings);
    return () -> all;
  }

  /** One that could not be started. */
  static Discovery failed(String reason) {
    return new Discovery() {
      @Override
      public List<Sighting> sightings() {
        return List.of();
      }

      @Override
      public Optional<String> failure() {
        return Optional.of(reason);
      }
    };
  }
}
