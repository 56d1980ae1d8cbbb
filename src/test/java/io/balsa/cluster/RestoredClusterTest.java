package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a cluster held goes on in another one. */
class RestoredClusterTest {
  @RegisterExtension final Servers servers = new Servers();

  private static String balsa(Path directory, String log, int exitCode, String... arguments)
      throws IOException {
    Path output = directory.resolve(log);
    Files.deleteIfExists(output);
    Process process = BalsaJar.start(directory, output, List.of(), List.of(arguments));
    assertThat(Signals.awaitExit(process, java.time.Duration.ofSeconds(60)))
        .as(Files.readString(output, StandardCharsets.UTF_8))
        .isEqualTo(exitCode);
    return Files.readString(output, StandardCharsets.UTF_8);
  }

  private static void restore(Path snapshot, List<ServerProcess> members, ServerProcess member)
      throws IOException {
    List<String> urls = new ArrayList<>();
    members.forEach(each -> urls.add(each.name() + "=" + each.peerUrl()));
    balsa(
        member.dataDirectory().getParent(),
        "restore.log",
        0,
        "snapshot",
        "restore",
        snapshot.toString(),
        "--name",
        member.name(),
        "--data-dir",
        member.dataDirectory().toString(),
        "--initial-cluster",
        String.join(",", urls),
        "--initial-advertise-peer-urls",
        member.peerUrl());
  }

  @Test
  @Tag("slow")
  void aRestoredClusterHasAllKeysLeasesAndRevisions() throws IOException {
    TestCluster old = servers.cluster(3);
    ClientPort source = old.leader().endpoint();
    for (int i = 0; i < 200; i++) {
      assertThat(source.put("k" + i % 50, "v" + i).status()).isEqualTo(200);
    }
    source.post("/v1/compact", "{\"revision\":100}");
    String lease = source.post("/v1/leases", "{\"ttlSeconds\":600}").json().getString("id");
    source.send("PUT", "/v1/kv/leased?lease=" + lease, "here".getBytes(StandardCharsets.UTF_8));
    old.awaitAgreement();
    String hash = source.post("/v3/maintenance/hashkv", "{}").json().getValue("hash").toString();
    Path snapshot = servers.directory().resolve("saved.db");
    String saved =
        balsa(
            servers.directory(),
            "save.log",
            0,
            "snapshot",
            "save",
            snapshot.toString(),
            "--endpoints",
            old.followers().get(0).endpoint().base().toString());
    assertThat(saved).contains("revision 202, 51 keys, ");
    assertThat(source.put("k1", "after the snapshot").status()).isEqualTo(200);
    assertThat(balsa(servers.directory(), "status.log", 0, "snapshot", "status", "saved.db"))
        .contains("revision 202, 51 keys, ");
    old.close();

    TestCluster fresh =
        servers.closeLater(
            TestCluster.prepare(3, servers.directory().resolve("new"), List.of(), List.of()));
    for (ServerProcess member : fresh.members()) {
      restore(snapshot, fresh.members(), member);
    }
    fresh.start();
    ClientPort target = fresh.leader().endpoint();

    assertThat(target.get("/v1/kv/k1").text()).isEqualTo("v151");
    assertThat(target.get("/v1/kv/k1?revision=110").text()).isEqualTo("v101");
    assertThat(target.get("/v1/kv/k1?revision=99").status()).isEqualTo(410);
    assertThat(target.post("/v3/maintenance/hashkv", "{}").json().getValue("hash").toString())
        .isEqualTo(hash);
    assertThat(target.get("/v1/leases/" + lease).json().getJsonArray("keys")).contains("leased");
    assertThat(target.put("k1", "new").json().getLong("revision")).isEqualTo(203);
    fresh.awaitAgreement();
    assertThat(target.get("/v1/status").json().getString("clusterId"))
        .isNotEqualTo(clusterId(saved, snapshot));
    ServerProcess restarted = fresh.followers().get(0);
    restarted.kill();
    restarted.start();
    restarted.awaitReady();
    fresh.awaitAgreement();
  }

  private String clusterId(String saved, Path snapshot) throws IOException {
    assertThat(saved).contains(snapshot.toString());
    String json =
        balsa(servers.directory(), "json.log", 0, "snapshot", "status", "saved.db", "--json");
    return new io.vertx.core.json.JsonObject(json).getString("clusterId");
  }

  @Test
  void whatEtcdctlSavedIsRestoredAndNothingIsOverwritten() throws IOException {
    EtcdctlCommand.assumeInstalled();
    TestCluster old = servers.cluster(1);
    ClientPort source = old.leader().endpoint();
    source.put("k", "v");
    Path snapshot = servers.directory().resolve("by-etcdctl.db");
    EtcdctlCommand.run(List.of(source), "snapshot", "save", snapshot.toString()).ok();
    ServerProcess used = old.members().get(0);
    used.kill();

    String[] restore = {
      "snapshot", "restore", snapshot.toString(), "--data-dir", used.dataDirectory().toString()
    };
    assertThat(balsa(servers.directory(), "refused.log", 1, restore))
        .contains("data directory", "is there already: name one that is not");
    byte[] bytes = Files.readAllBytes(snapshot);
    bytes[100] ^= 1;
    Path broken = servers.directory().resolve("broken.db");
    Files.write(broken, bytes);
    Path directory = servers.directory().resolve("restored");
    restore[2] = broken.toString();
    restore[4] = directory.toString();
    assertThat(balsa(servers.directory(), "broken.log", 1, restore)).contains("checksum mismatch");
    assertThat(directory).doesNotExist();

    TestCluster fresh =
        servers.closeLater(
            TestCluster.prepare(1, servers.directory().resolve("new"), List.of(), List.of()));
    restore(snapshot, fresh.members(), fresh.members().get(0));
    fresh.start();
    assertThat(fresh.leader().endpoint().get("/v1/kv/k").text()).isEqualTo("v");
    assertThat(Files.list(servers.directory()).map(Path::toString))
        .noneMatch(name -> name.contains(".restoring-"));
  }
}
