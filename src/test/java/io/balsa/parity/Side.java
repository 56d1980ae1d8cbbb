package io.balsa.parity;

import io.balsa.Balsa;
import io.balsa.BalsaOptions;
import io.balsa.cluster.Ports;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One of the {@link Twins}: a cluster with one member, which a second one can join. */
abstract class Side implements AutoCloseable {
  private final Path directory;
  private final List<Integer> clientPorts = List.of(Ports.free(), Ports.free());
  private final List<Integer> peerPorts = List.of(Ports.free(), Ports.free());

  private Side(Path directory) {
    this.directory = directory;
  }

  /** Where it keeps its data, and where more files may be put. */
  Path directory() {
    return directory;
  }

  /** Where a member serves clients. */
  int clientPort(int member) {
    return clientPorts.get(member - 1);
  }

  /** Where a member serves the other one. */
  int peerPort(int member) {
    return peerPorts.get(member - 1);
  }

  /** Begins to start the first member. */
  void startFirst() throws IOException {
    start(1, urls(1), "new");
  }

  /** Begins to start the second member, which has been added. */
  void startSecond() throws IOException {
    start(2, urls(1) + "," + urls(2), "existing");
  }

  private String urls(int member) {
    return name(member) + "=http://127.0.0.1:" + peerPort(member);
  }

  private static String name(int member) {
    return "n" + member;
  }

  abstract void start(int member, String cluster, String state) throws IOException;

  /** Waits until all that have been started serve clients. */
  abstract void awaitReady() throws Exception;

  @Override
  public abstract void close();

  static final class Etcd extends Side {
    private final List<EtcdProcess> members = new ArrayList<>();

    Etcd(Path directory) {
      super(directory);
    }

    @Override
    void start(int member, String cluster, String state) throws IOException {
      members.add(
          new EtcdProcess(
              directory().resolve(name(member)),
              name(member),
              clientPort(member),
              peerPort(member),
              List.of(
                  "--initial-cluster=" + cluster,
                  "--initial-cluster-state=" + state,
                  "--bcrypt-cost=4")));
    }

    @Override
    void awaitReady() throws Exception {
      for (EtcdProcess member : members) {
        member.awaitReady();
      }
    }

    @Override
    public void close() {
      members.forEach(EtcdProcess::close);
    }
  }

  /** Its members live in one Vert.x. */
  static final class InProcess extends Side {
    private final Vertx vertx;
    private final List<Future<Balsa>> members = new ArrayList<>();

    InProcess(Vertx vertx, Path directory) {
      super(directory);
      this.vertx = vertx;
    }

    @Override
    void start(int member, String cluster, String state) {
      BalsaOptions options =
          new BalsaOptions()
              .setName(name(member))
              .setDataDir(directory().resolve(name(member)).toString())
              .setListenClientUrls(List.of("http://127.0.0.1:" + clientPort(member)))
              .setListenPeerUrl("http://127.0.0.1:" + peerPort(member))
              .setInitialCluster(cluster)
              .setInitialClusterState(state);
      members.add(Balsa.start(vertx, options));
    }

    @Override
    void awaitReady() {
      members.forEach(Twins::await);
    }

    @Override
    public void close() {
      Twins.await(vertx.close());
    }
  }
}
