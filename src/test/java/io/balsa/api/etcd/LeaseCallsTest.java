package io.balsa.api.etcd;

import static io.balsa.api.etcd.EtcdEndpoint.bytes;
import static io.balsa.api.etcd.EtcdEndpoint.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.api.etcd.proto.etcdserverpb.KVGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrantRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrantResponse;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseLeasesRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseRevokeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseStatus;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseTimeToLiveRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseTimeToLiveResponse;
import io.balsa.api.etcd.proto.etcdserverpb.PutRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.grpc.common.GrpcStatus;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is expected here was seen of etcd 3.4.23. */
class LeaseCallsTest {
  @TempDir private static Path directory;
  private static EtcdEndpoint etcd;

  @BeforeAll
  static void start() throws Exception {
    etcd = new EtcdEndpoint(directory);
  }

  @AfterAll
  static void stop() throws Exception {
    etcd.close();
  }

  private static EtcdEndpoint.Answer<LeaseGrantResponse> grant(long id, long ttlSeconds)
      throws Exception {
    return etcd.call(
        LeaseGrpcClient.LeaseGrant,
        LeaseGrantRequest.newBuilder().setID(id).setTTL(ttlSeconds).build());
  }

  private static LeaseTimeToLiveResponse timeToLive(long id, boolean keys) throws Exception {
    return etcd.call(
            LeaseGrpcClient.LeaseTimeToLive,
            LeaseTimeToLiveRequest.newBuilder().setID(id).setKeys(keys).build())
        .ok();
  }

  private static long put(String key, long lease) throws Exception {
    return etcd.call(
            KVGrpcClient.Put,
            PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes("v")).setLease(lease).build())
        .ok()
        .getHeader()
        .getRevision();
  }

  @Test
  void aLeaseHasTheIdThatIsAskedForOrOneOfTheServers() throws Exception {
    LeaseGrantResponse given = grant(11, 100).ok();
    assertThat(given.getID()).isEqualTo(11);
    assertThat(given.getTTL()).isEqualTo(100);
    assertThat(given.getHeader().getClusterId()).isNotZero();
    assertThat(given.getHeader().getMemberId()).isNotZero();
    assertThat(given.getHeader().getRaftTerm()).isPositive();
    assertThat(given.getHeader().getRevision()).isPositive();

    assertThat(grant(0, 100).ok().getID()).isPositive();
    assertThat(grant(-3, 100).ok().getID()).isEqualTo(-3);
    grant(11, 100).refused(GrpcStatus.FAILED_PRECONDITION, "etcdserver: lease already exists");
  }

  @Test
  void aShortLeaseIsAsLongAsTheShortestAndOneTooLongIsRefused() throws Exception {
    for (long ttlSeconds : new long[] {1, 0, -5, Long.MIN_VALUE}) {
      assertThat(grant(0, ttlSeconds).ok().getTTL()).isEqualTo(2);
    }
    assertThat(grant(0, 9_000_000_000L).ok().getTTL()).isEqualTo(9_000_000_000L);
    for (long ttlSeconds : new long[] {9_000_000_001L, Long.MAX_VALUE}) {
      grant(0, ttlSeconds).refused(GrpcStatus.OUT_OF_RANGE, "etcdserver: too large lease TTL");
    }
  }

  @Test
  void aRevokedLeaseTakesItsKeysAlongUnderOneRevision() throws Exception {
    grant(21, 100).ok();
    put("revoked/a", 21);
    long last = put("revoked/b", 21);
    LeaseRevokeRequest revoke = LeaseRevokeRequest.newBuilder().setID(21).build();

    long revision = etcd.call(LeaseGrpcClient.LeaseRevoke, revoke).ok().getHeader().getRevision();

    assertThat(revision).isEqualTo(last + 1);
    assertThat(etcd.keys("revoked/")).isEmpty();
    etcd.call(LeaseGrpcClient.LeaseRevoke, revoke)
        .refused(GrpcStatus.NOT_FOUND, "etcdserver: requested lease not found");
    etcd.call(LeaseGrpcClient.LeaseRevoke, LeaseRevokeRequest.getDefaultInstance())
        .refused(GrpcStatus.NOT_FOUND, "etcdserver: requested lease not found");
  }

  @Test
  void theTimeToLiveIsToldWithKeysIfAskedAndMinusOneForNone() throws Exception {
    grant(31, 100).ok();
    put("alive/b", 31);
    put("alive/a", 31);

    LeaseTimeToLiveResponse bare = timeToLive(31, false);
    assertThat(bare.getID()).isEqualTo(31);
    assertThat(bare.getGrantedTTL()).isEqualTo(100);
    assertThat(bare.getTTL()).isBetween(60L, 100L);
    assertThat(bare.getKeysList()).isEmpty();
    assertThat(timeToLive(31, true).getKeysList())
        .containsExactly(bytes("alive/a"), bytes("alive/b"));

    LeaseTimeToLiveResponse none = timeToLive(32, true);
    assertThat(none.getID()).isEqualTo(32);
    assertThat(none.getTTL()).isEqualTo(-1);
    assertThat(none.getGrantedTTL()).isZero();
    assertThat(none.getHeader().getRevision()).isPositive();
  }

  @Test
  void aLeaseEndsWithItsKeysWhenItsTimeIsOver() throws Exception {
    grant(41, 2).ok();
    put("short/a", 41);
    until("the end of the lease", () -> etcd.keys("short/").isEmpty());
    assertThat(timeToLive(41, false).getTTL()).isEqualTo(-1);
  }

  @Test
  void leasesAreListedThoseThatEndFirstInFront() throws Exception {
    grant(53, 3_000).ok();
    grant(52, 5_000).ok();
    grant(51, 4_000).ok();

    List<Long> listed =
        etcd
            .call(LeaseGrpcClient.LeaseLeases, LeaseLeasesRequest.getDefaultInstance())
            .ok()
            .getLeasesList()
            .stream()
            .map(LeaseStatus::getID)
            .toList();

    assertThat(listed).containsSubsequence(53L, 51L, 52L);
  }

  @Test
  void theGatewayHasAllOfItAtBothPaths() throws Exception {
    assertThat(etcd.json("/v3/lease/grant", "{\"TTL\":\"500\",\"ID\":61}").body().getString("TTL"))
        .isEqualTo("500");
    EtcdEndpoint.Json again = etcd.json("/v3beta/lease/grant", "{\"TTL\":1,\"ID\":\"61\"}");
    assertThat(again.status()).isEqualTo(412);
    assertThat(again.body().getString("error")).isEqualTo("etcdserver: lease already exists");
    EtcdEndpoint.Json tooLong = etcd.json("/v3/lease/grant", "{\"TTL\":9000000001}");
    assertThat(tooLong.status()).isEqualTo(400);
    assertThat(tooLong.body().getInteger("code")).isEqualTo(11);
    put("json/a", 61);
    for (String path : List.of("/v3/lease/", "/v3/kv/lease/", "/v3beta/kv/lease/")) {
      EtcdEndpoint.Json found = etcd.json(path + "timetolive", "{\"ID\":61,\"keys\":true}");
      assertThat(found.body().getString("grantedTTL")).isEqualTo("500");
      assertThat(found.body().getJsonArray("keys")).isEqualTo(JsonArray.of("anNvbi9h"));
      assertThat(etcd.json(path + "timetolive", "{\"ID\":62}").body().getString("TTL"))
          .isEqualTo("-1");
      assertThat(etcd.json(path + "leases", "{}").body().getJsonArray("leases").encode())
          .contains("{\"ID\":\"61\"}");
      assertThat(etcd.json(path + "revoke", "{\"ID\":62}").status()).isEqualTo(404);
    }
    assertThat(etcd.json("/v3/kv/lease/revoke", "{\"ID\":61}").status()).isEqualTo(200);
    assertThat(etcd.keys("json/")).isEmpty();
  }
}
