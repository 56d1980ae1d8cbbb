package io.balsa.verticle;

import io.balsa.cluster.Ports;
import io.balsa.data.Endpoint;
import io.balsa.discovery.Discovery;
import io.balsa.discovery.Sighting;
import io.balsa.engine.MemberInfo;
import io.balsa.engine.ReplicaOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Members that elect quickly, on loopback. */
public final class TestConfigs {
  /** The longest value that these members take. */
  public static final int REQUEST_BYTES_MAX = 100_000;

  private static final MemberConfig.Timing QUICK = new MemberConfig.Timing(20, 200, 7_000);
  private static final MemberConfig.Limits SMALL =
      new MemberConfig.Limits(100_000, 64 << 20, REQUEST_BYTES_MAX, 10, 64 << 20);

  private TestConfigs() {}

  /** The only member of its cluster. */
  public static MemberConfig solo(Path directory, MemberConfig.EventBus eventBus) {
    List<String> urls = List.of("http://127.0.0.1:1");
    return config(
        new MemberInfo(0xb1, "n1", urls, List.of()),
        List.of(new MemberInfo(0xb1, "n1", urls, List.of())),
        0,
        directory,
        eventBus,
        QUICK,
        SMALL);
  }

  /** The members of one cluster, which have the ids b1, b2 and so on. */
  public static List<MemberConfig> cluster(
      int size, Path directory, MemberConfig.EventBus eventBus) {
    return cluster(size, directory, eventBus, QUICK, SMALL);
  }

  /** The same, not as quick or small. */
  public static List<MemberConfig> cluster(
      int size,
      Path directory,
      MemberConfig.EventBus eventBus,
      MemberConfig.Timing timing,
      MemberConfig.Limits limits) {
    List<MemberInfo> members = new ArrayList<>();
    List<Integer> ports = freePorts(size);
    for (int i = 0; i < size; i++) {
      String url = "http://127.0.0.1:" + ports.get(i);
      members.add(new MemberInfo(0xb1 + i, "n" + (i + 1), List.of(url), List.of()));
    }
    List<MemberConfig> configs = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      MemberInfo self = members.get(i);
      Path own = directory.resolve(self.name());
      configs.add(config(self, members, ports.get(i), own, eventBus, timing, limits));
    }
    return configs;
  }

  static List<Integer> freePorts(int count) {
    return Stream.generate(Ports::free).limit(count).toList();
  }

  /** The members where they say that they are. */
  private static Discovery sightings(List<MemberInfo> members) {
    return Discovery.fixed(
        members.stream()
            .map(member -> new Sighting(member.name(), member.peerUrls(), List.of()))
            .toList());
  }

  private static MemberConfig config(
      MemberInfo self,
      List<MemberInfo> members,
      int peerPort,
      Path directory,
      MemberConfig.EventBus eventBus,
      MemberConfig.Timing timing,
      MemberConfig.Limits limits) {
    Endpoint anywhere = new Endpoint(false, "127.0.0.1", 0);
    return new MemberConfig(
        self.name(),
        directory,
        List.of(anywhere),
        List.of("http://127.0.0.1:1"),
        new Endpoint(false, "127.0.0.1", peerPort),
        self.peerUrls(),
        new MemberConfig.Cluster(7, members, MemberConfig.Cluster.Entry.FOUND),
        sightings(members),
        timing,
        limits,
        ReplicaOptions.AutoCompaction.NONE,
        true,
        eventBus,
        null,
        Optional.empty());
  }
}
