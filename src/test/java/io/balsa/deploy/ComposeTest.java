package io.balsa.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.config.ServerConfig;
import io.balsa.deploy.ComposeFile.Service;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ComposeTest {
  private static final String TEXT = DeployFiles.text("docker/compose.yaml");

  private final ComposeFile file = StrictYaml.record(TEXT, ComposeFile.class);
  private final Dockerfile image = Dockerfile.parse(DeployFiles.text("docker/Dockerfile"));

  @Test
  void refusesWhatIsNoKey() {
    for (String key : List.of("healthcheck:", "stop_grace_period:", "start_period:", "tmpfs:")) {
      String typo = TEXT.replaceFirst("\\b" + key, key.replace(":", "s:"));
      assertThatThrownBy(() -> StrictYaml.record(typo, ComposeFile.class))
          .hasMessageContaining(key.replace(":", "s"));
    }
    assertThatThrownBy(() -> StrictYaml.record(TEXT + "volumes: {}\n", ComposeFile.class))
        .hasMessageContaining("duplicate key volumes");
  }

  @Test
  void eachMemberIsConfiguredAsOneOfThree() {
    Set<String> ports = new HashSet<>();
    file.services()
        .forEach(
            (name, service) -> {
              ServerConfig config = config(service);
              assertThat(config.name()).isEqualTo(name);
              assertThat(config.advertiseClientUrls())
                  .hasToString("[http://%s:2379]".formatted(name));
              assertThat(config.advertisePeerUrls())
                  .hasToString("[http://%s:2380]".formatted(name));
              assertThat(service.volumes())
                  .containsExactly(name + ":" + image.last("VOLUME").rest());
              assertThat(service.ports())
                  .singleElement()
                  .satisfies(port -> assertThat(ports.add(port)).isTrue())
                  .matches(port -> port.matches("127\\.0\\.0\\.1:\\d+:2379"));
            });
    assertThat(file.services()).containsOnlyKeys("n1", "n2", "n3");
    assertThat(file.volumes()).containsOnlyKeys("n1", "n2", "n3");
  }

  @Test
  void theMembersFindEachOtherByHazelcast() {
    for (Service service : file.services().values()) {
      assertThat(service.environment())
          .containsEntry("BALSA_DISCOVERY", "hazelcast")
          .containsEntry("BALSA_FOUNDERS", "n1,n2,n3")
          .containsEntry("BALSA_HAZELCAST_JOIN", "tcp-ip")
          .containsEntry("BALSA_HAZELCAST_MEMBERS", "n1:5701,n2:5701,n3:5701");
    }
  }

  @Test
  void eachMemberIsBuiltWatchedAndStoppedAsTheImageWants() {
    for (Service service : file.services().values()) {
      assertThat(service.image()).isEqualTo("balsa:" + DeployFiles.version());
      assertThat(DeployFiles.path("docker").resolve(service.build().context()).normalize())
          .isEqualTo(Path.of("").toAbsolutePath());
      assertThat(Path.of(service.build().dockerfile())).isRegularFile();
      assertThat(service.healthcheck().test())
          .containsExactly("CMD", image.healthCheck().get(0), "2379", "/readyz");
      assertThat(service.restart()).isEqualTo("unless-stopped");
      assertThat(service.stopGracePeriod()).isEqualTo("30s");
      assertThat(service.readOnly()).isTrue();
      assertThat(service.tmpfs()).containsExactly("/tmp");
    }
  }

  @Test
  void theHeapHoldsTheStore() {
    for (Service service : file.services().values()) {
      assertThat(service.memLimit()).isEqualTo("2g");
      Heap.check(2L << 30, config(service).limits());
    }
  }

  private ServerConfig config(Service service) {
    Map<String, String> environment = new HashMap<>(image.environment());
    environment.putAll(service.environment());
    return ServerFlags.config(service.command(), environment);
  }
}
