package io.balsa.deploy;

import io.balsa.deploy.PrometheusFile.Alert;
import io.balsa.deploy.PrometheusFile.Rules;
import java.util.ArrayList;
import java.util.List;

/** What alerts and dashboard ask Prometheus for. */
public final class Monitoring {
  private Monitoring() {}

  static List<Alert> alerts() {
    return StrictYaml.record(DeployFiles.text("prometheus/alerts.yml"), Rules.class)
        .groups()
        .stream()
        .flatMap(group -> group.rules().stream())
        .toList();
  }

  static Dashboard dashboard() {
    // JSON is YAML, and the reader of YAML refuses keys that are given twice.
    return StrictYaml.model(
        StrictYaml.documents(DeployFiles.text("grafana/balsa.json")).get(0), Dashboard.class);
  }

  /** All queries, in which the dashboard's variables stand as they are. */
  public static List<PromQuery> queries() {
    List<PromQuery> queries = new ArrayList<>();
    alerts().forEach(alert -> queries.add(PromQuery.of(alert.expr())));
    dashboard().panels().stream()
        .flatMap(panel -> panel.queries().stream())
        .forEach(query -> queries.add(PromQuery.of(query.expr())));
    return queries;
  }
}
