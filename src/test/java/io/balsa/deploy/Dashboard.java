package io.balsa.deploy;

import java.util.List;
import java.util.Map;

/** Of the keys of a dashboard of Grafana, those that we use. */
record Dashboard(
    String uid,
    String title,
    List<String> tags,
    int schemaVersion,
    int version,
    boolean editable,
    String refresh,
    Map<String, String> time,
    Templating templating,
    List<Panel> panels) {

  record Templating(List<Variable> list) {}

  record Variable(
      String name, String label, String type, Source datasource, String query, int refresh) {}

  record Source(String type, String uid) {}

  record Panel(
      int id,
      String type,
      String title,
      String description,
      Boolean collapsed,
      Source datasource,
      Place gridPos,
      FieldConfig fieldConfig,
      Map<String, Object> options,
      List<Query> targets,
      List<Panel> panels) {
    /** None in the heading of a row. */
    List<Query> queries() {
      return targets == null ? List.of() : targets;
    }
  }

  record Place(int x, int y, int w, int h) {
    boolean overlaps(Place other) {
      return x < other.x + other.w && other.x < x + w && y < other.y + other.h && other.y < y + h;
    }
  }

  record FieldConfig(Defaults defaults, List<Object> overrides) {}

  record Defaults(String unit, int min) {}

  record Query(String refId, Source datasource, String expr, String legendFormat) {}
}
