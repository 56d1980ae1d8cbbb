package io.balsa.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InitialClusterTest {
  private static final String N1 = "http://127.0.0.1:2380";
  private static final String N2 = "http://127.0.0.1:22380";
  private static final String N3 = "http://127.0.0.1:32380";

  /** Ids are written into data directories: these must never change. */
  @Test
  void idsOfKnownClustersStayWhatTheyAre() {
    InitialCluster three =
        InitialCluster.of("t", Map.of("n1", List.of(N1), "n2", List.of(N2), "n3", List.of(N3)));

    assertThat(three.clusterId()).isEqualTo(0xdd1741aed82fb5f5L);
    assertThat(three.members())
        .containsExactly(
            new InitialCluster.Member(0x67f96e884f856c9fL, "n1", List.of(N1)),
            new InitialCluster.Member(0x623d401fd43079f4L, "n2", List.of(N2)),
            new InitialCluster.Member(0x9deabe818f7a6419L, "n3", List.of(N3)));
  }

  @Test
  void ordersOfMembersAndUrlsDoNotMatter() {
    Map<String, List<String>> one = new LinkedHashMap<>();
    one.put("a", List.of(N1, N2));
    one.put("b", List.of(N3));
    Map<String, List<String>> other = new LinkedHashMap<>();
    other.put("b", List.of(N3));
    other.put("a", List.of(N2, N1));

    assertThat(InitialCluster.of("t", one)).isEqualTo(InitialCluster.of("t", other));
  }

  @Test
  void tokenNameAndUrlEachChangeTheIds() {
    InitialCluster base = InitialCluster.of("t", Map.of("a", List.of(N1)));

    for (InitialCluster other :
        List.of(
            InitialCluster.of("u", Map.of("a", List.of(N1))),
            InitialCluster.of("t", Map.of("b", List.of(N1))),
            InitialCluster.of("t", Map.of("a", List.of(N2))))) {
      assertThat(other.clusterId()).isNotEqualTo(base.clusterId());
      assertThat(other.members().get(0).id()).isNotEqualTo(base.members().get(0).id());
    }
  }

  /** As above: these must never change. */
  @Test
  void idsOfKnownNamedClustersStayWhatTheyAre() {
    InitialCluster three = InitialCluster.ofNames("t", List.of("n3", "n1", "n2"));

    assertThat(three.clusterId()).isEqualTo(0x608e6d43f0bc5939L);
    assertThat(three.members())
        .containsExactly(
            new InitialCluster.Member(0x563ec217b616c6b2L, "n1", List.of()),
            new InitialCluster.Member(0xe7dbffc3c903a818L, "n2", List.of()),
            new InitialCluster.Member(0xedf8e252a44fdda6L, "n3", List.of()));
  }

  @Test
  void namedFoundersAreOthersThanThoseOfAList() {
    InitialCluster named = InitialCluster.ofNames("t", List.of("a"));

    for (InitialCluster other :
        List.of(
            InitialCluster.ofNames("u", List.of("a")),
            InitialCluster.ofNames("t", List.of("b")),
            InitialCluster.of("t", Map.of("a", List.of())),
            InitialCluster.of("t", Map.of("a", List.of(N1))))) {
      assertThat(other.clusterId()).isNotEqualTo(named.clusterId());
      assertThat(other.members().get(0).id()).isNotEqualTo(named.members().get(0).id());
    }
  }

  @Test
  void findsMembersByName() {
    InitialCluster cluster = InitialCluster.of("t", Map.of("a", List.of(N1)));

    assertThat(cluster.member("a")).contains(cluster.members().get(0));
    assertThat(cluster.member("b")).isEmpty();
  }
}
