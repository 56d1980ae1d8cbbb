package io.balsa.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.config.ServerConfig;
import io.balsa.deploy.Manifests.Image;
import io.balsa.deploy.Manifests.Kustomization;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KubernetesTest {
  private static final String FOLDER = "kubernetes/";
  private static final String NAMESPACE = "storage";

  private static final Kustomization kustomization =
      StrictYaml.model(
          StrictYaml.documents(DeployFiles.text(FOLDER + "kustomization.yaml")).get(0),
          Kustomization.class);
  private static final Manifests manifests = Manifests.read(FOLDER, kustomization);
  private static final StatefulSet set = manifests.only(StatefulSet.class);
  private static final Map<String, String> podLabels =
      set.getSpec().getTemplate().getMetadata().getLabels();
  private static final PodSpec pod = set.getSpec().getTemplate().getSpec();
  private static final Container container = pod.getContainers().get(0);
  private static final Dockerfile image = Dockerfile.parse(DeployFiles.text("docker/Dockerfile"));

  @Test
  void refusesWhatIsNoField() {
    Map<String, String> typos =
        Map.of(
            "podManagementPolicy:", "podManagmentPolicy:",
            "readOnlyRootFilesystem:", "readonlyRootFilesystem:",
            "failureThreshold:", "failureThresholds:",
            "fieldPath:", "fieldpath:",
            "sizeLimit:", "size:");
    String text = DeployFiles.text(FOLDER + "statefulset.yaml");
    typos.forEach(
        (right, wrong) -> {
          assertThat(text).contains(right);
          assertThatThrownBy(() -> new Manifests().add(text.replace(right, wrong)))
              .hasMessageContaining(wrong.replace(":", ""));
        });
  }

  @Test
  void theKustomizationCreatesAllManifests() {
    assertThat(kustomization.resources())
        .containsExactlyInAnyOrderElementsOf(
            DeployFiles.endingWith(".yaml").stream()
                .filter(file -> file.startsWith(DeployFiles.path(FOLDER)))
                .map(file -> file.getFileName().toString())
                .filter(file -> !file.equals("kustomization.yaml"))
                .toList());
    assertThat(kustomization.images()).containsExactly(new Image("balsa", DeployFiles.version()));
    assertThat(container.getImage()).isEqualTo("balsa:" + DeployFiles.version());
    Command.checkIfInstalled("kubectl", "kustomize", DeployFiles.path(FOLDER).toString());
  }

  @Test
  void everythingSelectsThePods() {
    assertThat(podLabels).isNotEmpty();
    Stream.of(
            set.getSpec().getSelector(),
            manifests.only(PodDisruptionBudget.class).getSpec().getSelector(),
            manifests.only(NetworkPolicy.class).getSpec().getPodSelector(),
            pod.getAffinity()
                .getPodAntiAffinity()
                .getPreferredDuringSchedulingIgnoredDuringExecution()
                .get(0)
                .getPodAffinityTerm()
                .getLabelSelector())
        .map(LabelSelector::getMatchLabels)
        .forEach(labels -> assertThat(labels).isEqualTo(podLabels));
    for (Service service : manifests.all(Service.class)) {
      assertThat(service.getSpec().getSelector()).isEqualTo(podLabels);
    }
    for (HasMetadata each : manifests.all()) {
      assertThat(each.getMetadata().getLabels()).isEqualTo(podLabels);
    }
  }

  @Test
  void portsNamedAnywhereAreThoseOfTheContainer() {
    Map<String, Integer> ports =
        container.getPorts().stream()
            .collect(Collectors.toMap(ContainerPort::getName, ContainerPort::getContainerPort));
    assertThat(ports.values().stream().map(String::valueOf))
        .containsExactlyInAnyOrderElementsOf(image.last("EXPOSE").words());
    for (Service service : manifests.all(Service.class)) {
      for (ServicePort port : service.getSpec().getPorts()) {
        assertThat(port.getTargetPort().getStrVal()).isEqualTo(port.getName());
        assertThat(ports).containsEntry(port.getName(), port.getPort());
      }
    }
    assertThat(
            manifests.only(NetworkPolicy.class).getSpec().getIngress().stream()
                .flatMap(rule -> rule.getPorts().stream())
                .map(NetworkPolicyPort::getPort)
                .map(port -> port.getStrVal()))
        .containsExactlyInAnyOrderElementsOf(ports.keySet());
    ServerConfig config = config(0);
    assertThat(config.listenClientUrls().get(0).port()).isEqualTo(ports.get("client"));
    assertThat(config.listenPeerUrls().get(0).port()).isEqualTo(ports.get("peer"));
    assertThat(ServerFlags.HAZELCAST_PORT).isEqualTo(ports.get("hazelcast").toString());
  }

  @Test
  void onlyMembersReachThePortsBetweenMembers() {
    assertThat(manifests.only(NetworkPolicy.class).getSpec().getIngress())
        .allSatisfy(
            rule -> {
              boolean open =
                  rule.getPorts().stream().allMatch(p -> p.getPort().getStrVal().equals("client"));
              assertThat(rule.getFrom().isEmpty()).isEqualTo(open);
              rule.getFrom()
                  .forEach(
                      from ->
                          assertThat(from.getPodSelector().getMatchLabels()).isEqualTo(podLabels));
            });
  }

  @Test
  void eachPodIsTheMemberOfItsName() {
    Service peers = service(set.getSpec().getServiceName());
    assertThat(peers.getSpec().getClusterIP()).isEqualTo("None");
    assertThat(peers.getSpec().getPublishNotReadyAddresses()).isTrue();
    for (int i = 0; i < set.getSpec().getReplicas(); i++) {
      ServerConfig config = config(i);
      String host = "balsa-%d.%s.storage.svc".formatted(i, peers.getMetadata().getName());
      assertThat(config.name()).isEqualTo("balsa-" + i);
      assertThat(config.advertiseClientUrls()).hasToString("[http://" + host + ":2379]");
      assertThat(config.advertisePeerUrls()).hasToString("[http://" + host + ":2380]");
    }
    String founders =
        IntStream.range(0, set.getSpec().getReplicas())
            .mapToObj(i -> set.getMetadata().getName() + "-" + i)
            .collect(Collectors.joining(","));
    assertThat(arguments(0))
        .contains(
            "--discovery=hazelcast",
            "--founders=" + founders,
            "--hazelcast-join=kubernetes",
            "--hazelcast-service-dns=" + peers.getMetadata().getName() + ".storage.svc");
    assertThat(set.getSpec().getPodManagementPolicy()).isEqualTo("Parallel");
  }

  @Test
  void clientsHaveAServiceOfTheirOwn() {
    Service clients = service(set.getMetadata().getName());
    assertThat(clients.getSpec().getPublishNotReadyAddresses()).isNull();
    assertThat(clients.getSpec().getPorts())
        .extracting(ServicePort::getName)
        .containsOnly("client");
  }

  @Test
  void probesAskWhatTheyAreFor() {
    assertProbe(container.getStartupProbe(), "/livez");
    assertProbe(container.getLivenessProbe(), "/livez");
    assertProbe(container.getReadinessProbe(), "/readyz");
    // SIGTERM does all that a hook could do, given the time.
    assertThat(container.getLifecycle()).isNull();
    assertThat(pod.getTerminationGracePeriodSeconds()).isGreaterThanOrEqualTo(30);
  }

  private static void assertProbe(Probe probe, String path) {
    assertThat(probe.getHttpGet().getPath()).isEqualTo(path);
    assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo("client");
    // The server takes up to a second to say that its replica does not answer.
    assertThat(probe.getTimeoutSeconds()).isGreaterThan(1);
  }

  @Test
  void podsHaveNoMoreRightsThanTheyNeed() {
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(image.uid());
    assertThat(pod.getSecurityContext().getFsGroup()).isEqualTo(image.uid());
    assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    SecurityContext rights = container.getSecurityContext();
    assertThat(rights.getAllowPrivilegeEscalation()).isFalse();
    assertThat(rights.getReadOnlyRootFilesystem()).isTrue();
    assertThat(rights.getCapabilities().getDrop()).containsExactly("ALL");
    ServiceAccount account = manifests.only(ServiceAccount.class);
    assertThat(pod.getServiceAccountName()).isEqualTo(account.getMetadata().getName());
    assertThat(account.getAutomountServiceAccountToken()).isFalse();
    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    assertThat(pod.getEnableServiceLinks()).isFalse();
  }

  @Test
  void whatIsWrittenHasAVolume() {
    Map<String, String> mounts =
        container.getVolumeMounts().stream()
            .collect(Collectors.toMap(VolumeMount::getMountPath, VolumeMount::getName));
    String claim = set.getSpec().getVolumeClaimTemplates().get(0).getMetadata().getName();
    assertThat(mounts)
        .containsOnlyKeys(image.last("VOLUME").rest(), "/tmp")
        .containsEntry(image.last("VOLUME").rest(), claim)
        .containsEntry("/tmp", pod.getVolumes().get(0).getName());
    assertThat(config(0).dataDir()).startsWithRaw(Path.of("/var/lib/balsa"));
  }

  @Test
  void oneMemberAtATimeMayBeAway() {
    assertThat(manifests.only(PodDisruptionBudget.class).getSpec().getMaxUnavailable().getIntVal())
        .isEqualTo(1);
  }

  @Test
  void theHeapHoldsTheStore() {
    Quantity memory = container.getResources().getLimits().get("memory");
    assertThat(container.getResources().getRequests()).containsEntry("memory", memory);
    Heap.check(memory.getNumericalAmount().longValueExact(), config(0).limits());
  }

  private Service service(String name) {
    return manifests.all(Service.class).stream()
        .filter(service -> service.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private ServerConfig config(int ordinal) {
    Map<String, String> environment = new TreeMap<>(image.environment());
    environment.putAll(environment(ordinal));
    return ServerFlags.config(arguments(ordinal), environment);
  }

  /** With the variables of the pod put in, as the kubelet does. */
  private List<String> arguments(int ordinal) {
    return container.getArgs().stream()
        .map(
            argument -> {
              String text = argument;
              for (Map.Entry<String, String> variable : environment(ordinal).entrySet()) {
                text = text.replace("$(" + variable.getKey() + ")", variable.getValue());
              }
              assertThat(text).doesNotContain("$");
              return text;
            })
        .toList();
  }

  private Map<String, String> environment(int ordinal) {
    Map<String, String> fields =
        Map.of(
            "metadata.name",
            set.getMetadata().getName() + "-" + ordinal,
            "metadata.namespace",
            NAMESPACE);
    return container.getEnv().stream()
        .collect(
            Collectors.toMap(
                EnvVar::getName,
                variable -> fields.get(variable.getValueFrom().getFieldRef().getFieldPath())));
  }
}
