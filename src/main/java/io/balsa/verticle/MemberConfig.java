package io.balsa.verticle;

import io.balsa.api.SignedTokens;
import io.balsa.data.Endpoint;
import io.balsa.discovery.Discovery;
import io.balsa.engine.MemberInfo;
import io.balsa.engine.ReplicaOptions;
import io.balsa.verticle.peer.PeerOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Everything that one member is started with.
 *
 * @param name unique in the cluster
 * @param dataDir is made if it is not there
 * @param listenClients where clients are served; port 0 picks a free one
 * @param clientUrls by which clients find this member; told to the whole cluster
 * @param listenPeers where the other members are served
 * @param peerUrls by which the other members find this one
 * @param cluster how the cluster begins; counts only while the data directory is empty
 * @param discovery where the others may be found
 * @param timing how long things take
 * @param limits how large things grow
 * @param autoCompaction what is compacted without being asked
 * @param preVote whether members ask whether they would win before they raise their term
 * @param eventBus who may ask this member over the event bus
 * @param clientTls null exactly where no client address is https
 * @param peerTls empty for cleartext
 * @param signedTokens null for tokens that the members remember
 */
public record MemberConfig(
    String name,
    Path dataDir,
    List<Endpoint> listenClients,
    List<String> clientUrls,
    Endpoint listenPeers,
    List<String> peerUrls,
    Cluster cluster,
    Discovery discovery,
    Timing timing,
    Limits limits,
    ReplicaOptions.AutoCompaction autoCompaction,
    boolean preVote,
    EventBus eventBus,
    ServerSSLOptions clientTls,
    Optional<PeerOptions.Tls> peerTls,
    SignedTokens signedTokens) {
  /** With tokens that the members remember. */
  public MemberConfig(
      String name,
      Path dataDir,
      List<Endpoint> listenClients,
      List<String> clientUrls,
      Endpoint listenPeers,
      List<String> peerUrls,
      Cluster cluster,
      Discovery discovery,
      Timing timing,
      Limits limits,
      ReplicaOptions.AutoCompaction autoCompaction,
      boolean preVote,
      EventBus eventBus,
      ServerSSLOptions clientTls,
      Optional<PeerOptions.Tls> peerTls) {
    this(
        name,
        dataDir,
        listenClients,
        clientUrls,
        listenPeers,
        peerUrls,
        cluster,
        discovery,
        timing,
        limits,
        autoCompaction,
        preVote,
        eventBus,
        clientTls,
        peerTls,
        null);
  }

  public MemberConfig {
    listenClients = List.copyOf(listenClients);
    clientUrls = List.copyOf(clientUrls);
    peerUrls = List.copyOf(peerUrls);
  }

  /**
   * How the cluster begins.
   *
   * @param id of the cluster that {@code members} would found
   * @param members the founders with their peer URLs, the same on each; or members by which a
   *     joining one finds its cluster
   */
  public record Cluster(long id, List<MemberInfo> members, Entry entry) {
    public Cluster {
      members = List.copyOf(members);
    }

    /** How a member enters whose data directory is empty. */
    public enum Entry {
      /** It is one of the founders, whose addresses it knows. */
      FOUND,
      /** The cluster exists, and this member was added to it. */
      JOIN,
      /**
       * It founds if its name is among the founders', who are known by name alone; else it adds
       * itself to the cluster that they founded.
       */
      DISCOVER
    }
  }

  /** Who may ask a member over the event bus, see {@link io.balsa.api.eventbus}. */
  public enum EventBus {
    /** Nobody. */
    OFF,
    /** The code of the same Vert.x. */
    LOCAL,
    /** Every node of the clustered event bus, which the Vert.x then must have. */
    CLUSTERED
  }

  /** How long things take. */
  public record Timing(long heartbeatMillis, long electionMillis, long requestMillis) {}

  /** How large things grow. */
  public record Limits(
      long snapshotEntries,
      long quotaBytes,
      int requestBytesMax,
      int txnOpsMax,
      long historyBytes) {}
}
