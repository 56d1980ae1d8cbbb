package io.balsa.deploy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/** Of the keys of a compose file, those that we use. */
record ComposeFile(
    String name,
    @JsonProperty("x-member") Service member,
    Map<String, Service> services,
    Map<String, Volume> volumes) {

  record Service(
      String image,
      Build build,
      List<String> command,
      Map<String, String> environment,
      HealthCheck healthcheck,
      String restart,
      String stopGracePeriod,
      String memLimit,
      boolean readOnly,
      List<String> tmpfs,
      List<String> capDrop,
      List<String> securityOpt,
      List<String> ports,
      List<String> volumes) {}

  record Build(String context, String dockerfile) {}

  record HealthCheck(
      List<String> test, String interval, String timeout, int retries, String startPeriod) {}

  record Volume() {}
}
