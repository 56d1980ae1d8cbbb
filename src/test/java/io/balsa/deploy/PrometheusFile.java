package io.balsa.deploy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/** Of the keys of Prometheus's configuration, those that we use. */
record PrometheusFile(Global global, List<String> ruleFiles, List<Job> scrapeConfigs) {
  record Global(String scrapeInterval, String evaluationInterval) {}

  record Job(String jobName, List<Targets> staticConfigs) {}

  record Targets(List<String> targets) {}

  /** A file of rules. */
  record Rules(List<Group> groups) {}

  record Group(String name, List<Alert> rules) {}

  record Alert(
      String alert,
      String expr,
      @JsonProperty("for") String duration,
      Map<String, String> labels,
      Map<String, String> annotations) {}
}
