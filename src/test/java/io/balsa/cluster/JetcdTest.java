package io.balsa.cluster;

import io.balsa.jetcd.Deployment;
import io.balsa.jetcd.Program;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/** jetcd, the Java client of etcd, with its whole public API, and a leader killed on the way. */
@Tag("slow")
class JetcdTest {
  private static final String QUOTA = "16777216"; // Bytes: few enough to be filled.

  @RegisterExtension final Servers servers = new Servers();

  @TestFactory
  Stream<DynamicTest> threeBalsas() {
    TestCluster cluster = servers.cluster(3, "--quota-backend-bytes", QUOTA);
    List<Deployment.Node> nodes =
        cluster.members().stream().<Deployment.Node>map(BalsaNode::new).toList();
    return parts(new Deployment(nodes, new BalsaNode(cluster.prepareNewMember("n4"))));
  }

  private Stream<DynamicTest> parts(Deployment deployment) {
    return servers.closeLater(new Program(deployment)).parts();
  }

  private record BalsaNode(ServerProcess process) implements Deployment.Node {
    @Override
    public String name() {
      return process.name();
    }

    @Override
    public URI clientUrl() {
      return process.endpoint().base();
    }

    @Override
    public URI peerUrl() {
      return URI.create(process.peerUrl());
    }

    @Override
    public void start() {
      process.start();
    }

    @Override
    public void kill() {
      process.kill();
    }
  }
}
