package io.balsa.deploy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The objects that a kustomization creates. */
final class Manifests {
  private static final Map<String, Class<? extends HasMetadata>> KINDS =
      Map.of(
          "v1/Service", Service.class,
          "v1/ServiceAccount", ServiceAccount.class,
          "apps/v1/StatefulSet", StatefulSet.class,
          "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class,
          "policy/v1/PodDisruptionBudget", PodDisruptionBudget.class);

  private final List<HasMetadata> objects = new ArrayList<>();

  /** Of the keys of a kustomization, those that we use. */
  record Kustomization(
      String apiVersion, String kind, List<String> resources, List<Image> images) {}

  /** Which image takes the place of one in the manifests. */
  record Image(String name, String newTag) {}

  /** Reads all that the kustomization names. */
  static Manifests read(String folder, Kustomization kustomization) {
    Manifests manifests = new Manifests();
    kustomization.resources().forEach(file -> manifests.add(DeployFiles.text(folder + file)));
    return manifests;
  }

  /** Reads the documents of one file. */
  void add(String text) {
    for (Object document : StrictYaml.documents(text)) {
      Map<?, ?> fields = (Map<?, ?>) document;
      String kind = fields.get("apiVersion") + "/" + fields.get("kind");
      if (!KINDS.containsKey(kind)) {
        throw new AssertionError("no kind that we use: " + kind);
      }
      objects.add(StrictYaml.model(document, KINDS.get(kind)));
    }
  }

  /** All of them. */
  List<HasMetadata> all() {
    return objects;
  }

  /** Those of one kind. */
  <T extends HasMetadata> List<T> all(Class<T> kind) {
    return objects.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** The only one of its kind. */
  <T extends HasMetadata> T only(Class<T> kind) {
    List<T> all = all(kind);
    if (all.size() != 1) {
      throw new AssertionError("expected one " + kind.getSimpleName() + ", found " + all.size());
    }
    return all.get(0);
  }
}
