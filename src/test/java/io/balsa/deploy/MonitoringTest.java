package io.balsa.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.deploy.Dashboard.Panel;
import io.balsa.deploy.Dashboard.Query;
import io.balsa.deploy.Dashboard.Source;
import io.balsa.deploy.PrometheusFile.Alert;
import io.balsa.deploy.PrometheusFile.Job;
import io.balsa.deploy.PrometheusFile.Rules;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MonitoringTest {
  private static final Set<String> SEVERITIES = Set.of("info", "warning", "critical");

  private final PrometheusFile prometheus =
      StrictYaml.record(DeployFiles.text("prometheus/prometheus.yml"), PrometheusFile.class);
  private final Dashboard dashboard = Monitoring.dashboard();

  @Test
  void refusesWhatIsNoKey() {
    String alerts = DeployFiles.text("prometheus/alerts.yml");
    assertThatThrownBy(() -> StrictYaml.record(alerts.replace("for:", "fors:"), Rules.class))
        .hasMessageContaining("fors");
    String config = DeployFiles.text("prometheus/prometheus.yml");
    assertThatThrownBy(
            () ->
                StrictYaml.record(
                    config.replace("static_configs", "static_config"), PrometheusFile.class))
        .hasMessageContaining("static_config");
  }

  @Test
  void scrapesTheJobThatTheAlertsAreAbout() {
    assertThat(prometheus.ruleFiles()).containsExactly("alerts.yml");
    Job job = prometheus.scrapeConfigs().get(0);
    assertThat(job.staticConfigs().get(0).targets())
        .containsExactly("127.0.0.1:2379", "127.0.0.1:22379", "127.0.0.1:32379");
    assertThat(
            Monitoring.alerts().stream()
                .flatMap(alert -> PromQuery.of(alert.expr()).selectors().stream())
                .flatMap(selector -> selector.conditions().stream())
                .filter(condition -> condition.label().equals("job"))
                .map(PromQuery.Condition::value))
        .isNotEmpty()
        .containsOnly(job.jobName());
  }

  @Test
  void alertsSayWhatIsWrongAndWhatToDo() {
    for (Alert alert : Monitoring.alerts()) {
      assertThat(alert.alert()).matches("Balsa[A-Z][A-Za-z]+");
      assertThat(alert.labels()).containsOnlyKeys("severity");
      assertThat(SEVERITIES).contains(alert.labels().get("severity"));
      assertThat(alert.annotations()).containsOnlyKeys("summary", "description");
    }
    assertThat(Monitoring.alerts()).extracting(Alert::alert).doesNotHaveDuplicates();
  }

  @Test
  void promtoolAgrees() {
    String folder = DeployFiles.path("prometheus") + "/";
    Command.checkIfInstalled("promtool", "check", "config", folder + "prometheus.yml");
    Command.checkIfInstalled("promtool", "test", "rules", folder + "alerts-test.yml");
  }

  @Test
  void panelsHaveIdsAndPlacesOfTheirOwn() {
    assertThat(new JsonObject(DeployFiles.text("grafana/balsa.json")).getString("uid"))
        .isEqualTo(dashboard.uid());
    List<Panel> panels = dashboard.panels();
    assertThat(panels).extracting(Panel::id).doesNotHaveDuplicates();
    for (Panel panel : panels) {
      assertThat(panel.gridPos().x() + panel.gridPos().w()).isLessThanOrEqualTo(24);
      assertThat(
              panels.stream()
                  .filter(other -> other != panel)
                  .filter(other -> other.gridPos().overlaps(panel.gridPos())))
          .as("panels over %s", panel.title())
          .isEmpty();
    }
  }

  @Test
  void panelsAskTheSourceAndTheJobThatAreChosen() {
    Source chosen = new Source("prometheus", "${datasource}");
    assertThat(dashboard.templating().list())
        .extracting(Dashboard.Variable::name)
        .containsExactly("datasource", "job");
    for (Panel panel : dashboard.panels()) {
      if (panel.type().equals("row")) {
        continue;
      }
      assertThat(panel.datasource()).isEqualTo(chosen);
      assertThat(panel.description()).isNotEmpty();
      assertThat(panel.queries()).isNotEmpty();
      assertThat(panel.queries()).extracting(Query::refId).doesNotHaveDuplicates();
      for (Query query : panel.queries()) {
        assertThat(query.datasource()).isEqualTo(chosen);
        assertThat(PromQuery.of(query.expr()).selectors())
            .allMatch(
                selector ->
                    selector.conditions().contains(new PromQuery.Condition("job", "=", "$job")));
      }
    }
  }

  @Test
  void queriesAreUnderstood() {
    Set<String> metrics =
        Monitoring.queries().stream()
            .flatMap(query -> query.selectors().stream())
            .map(PromQuery.Selector::metric)
            .collect(Collectors.toSet());
    assertThat(metrics).contains("up", "balsa_has_leader", "balsa_http_requests_seconds_bucket");
    assertThat(metrics).allMatch(metric -> metric.equals("up") || metric.startsWith("balsa_"));
  }

  @Test
  void aWrongQueryIsFound() {
    for (String wrong :
        List.of(
            "sum(rate(a[5m])",
            "sum(a))",
            "rate(a[5 minutes])",
            "avgs(a)",
            "a{b=c}",
            "a{b=\"c\"",
            "sum by (a",
            "rate{}",
            "1 + 1",
            "a ? b")) {
      assertThatThrownBy(() -> PromQuery.of(wrong)).as(wrong).isInstanceOf(AssertionError.class);
    }
    ExposedMetrics page =
        new ExposedMetrics("# TYPE a counter\na{route=\"/x\",status=\"200\"} 1\nb 2.5E-4\n");
    for (String right :
        List.of("a", "b{job=\"x\"} / 2", "sum by (route) (a)", "a{status=~\"5..\"}", "up == 0")) {
      assertThat(page.missing(PromQuery.of(right))).as(right).isEmpty();
    }
    for (String wrong :
        List.of(
            "c", "b{status=\"1\"}", "a{route=\"/y\"}", "sum by (code) (a)", "sum by (route) (b)")) {
      assertThat(page.missing(PromQuery.of(wrong))).as(wrong).hasSize(1);
    }
  }
}
