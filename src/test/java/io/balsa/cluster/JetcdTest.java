package io.balsa.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.balsa.jetcd.Deployment;
import io.balsa.jetcd.Program;
import io.balsa.parity.EtcdProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
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

  /** That the program expects what etcd does. */
  @TestFactory
  Stream<DynamicTest> threeEtcds() {
    boolean installed = EtcdProcess.areInstalled("etcd");
    if (!installed) {
      System.out.println("skipped: no etcd (Debian package etcd-server)");
    }
    assumeTrue(installed, "no etcd");
    List<EtcdNode> nodes = new ArrayList<>();
    for (String name : List.of("n1", "n2", "n3", "n4")) {
      nodes.add(servers.closeLater(new EtcdNode(name, servers.directory().resolve(name))));
    }
    List<EtcdNode> members = nodes.subList(0, 3);
    members.forEach(node -> node.setMembership(members, "new"));
    nodes.get(3).setMembership(nodes, "existing");
    members.forEach(EtcdNode::start);
    members.forEach(EtcdNode::awaitReady);
    return parts(new Deployment(List.copyOf(members), nodes.get(3)));
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

  private static final class EtcdNode implements Deployment.Node, AutoCloseable {
    private final String name;
    private final Path directory;
    private final int clientPort = Ports.free();
    private final int peerPort = Ports.free();
    private List<String> options = List.of();
    private EtcdProcess process;

    EtcdNode(String name, Path directory) {
      this.name = name;
      this.directory = directory;
    }

    void setMembership(List<EtcdNode> members, String state) {
      options =
          List.of(
              "--quota-backend-bytes=" + QUOTA,
              "--initial-cluster-state=" + state,
              members.stream()
                  .map(member -> member.name + "=" + member.peerUrl())
                  .collect(Collectors.joining(",", "--initial-cluster=", "")));
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public URI clientUrl() {
      return URI.create("http://127.0.0.1:" + clientPort);
    }

    @Override
    public URI peerUrl() {
      return URI.create("http://127.0.0.1:" + peerPort);
    }

    @Override
    public void start() {
      try {
        process = new EtcdProcess(directory, name, clientPort, peerPort, options);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void awaitReady() {
      try {
        process.awaitReady();
      } catch (Exception e) {
        throw new AssertionError(name + " does not start", e);
      }
    }

    @Override
    public void kill() {
      process.close();
    }

    @Override
    public void close() {
      if (process != null) {
        process.close();
      }
    }
  }
}
