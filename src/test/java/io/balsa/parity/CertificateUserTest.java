package io.balsa.parity;

import static io.balsa.Held.held;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.balsa.Balsa;
import io.balsa.BalsaOptions;
import io.balsa.TestKeys;
import io.balsa.api.etcd.proto.authpb.Permission;
import io.balsa.api.etcd.proto.etcdserverpb.AuthEnableRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleAddRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleGrantPermissionRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserAddRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserGrantRoleRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserListRequest;
import io.balsa.api.etcd.proto.etcdserverpb.KVGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.PutRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RangeRequest;
import io.balsa.cluster.Ports;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.common.ServiceMethod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users that are known by the common name of their certificates: the same on a real etcd. */
class CertificateUserTest {
  private static final String INVALID = "16";
  private static final String DENIED = "7";

  private final Vertx vertx = Vertx.vertx();
  private final int port = Ports.free();
  private final String url = "https://127.0.0.1:" + port;
  @TempDir private Path directory;

  @BeforeEach
  void makeKeys() throws Exception {
    StringBuilder trusted = new StringBuilder();
    for (String name : List.of("member", "root", "u", "stranger")) {
      TestKeys.makePem(directory, name);
      trusted.append(Files.readString(directory.resolve(name + ".pem")));
    }
    Files.writeString(directory.resolve("trusted.pem"), trusted);
  }

  @AfterEach
  void stop() {
    Twins.await(vertx.close());
  }

  private String file(String name) {
    return directory.resolve(name).toString();
  }

  @Test
  void balsaKnowsThem() throws Exception {
    Twins.await(
        Balsa.start(
            vertx,
            new BalsaOptions()
                .setDataDir(file("balsa"))
                .setListenClientUrls(List.of(url))
                .setListenPeerUrl("http://127.0.0.1:" + Ports.free())
                .setCertFile(file("member.pem"))
                .setKeyFile(file("member.key"))
                .setTrustedCaFile(file("trusted.pem"))));
    assertThatTheyAreKnown();
    // The gateway may be anybody's; etcd refuses there too, but in other words.
    assertThat(json("root")).contains("etcdserver: user name is empty");
  }

  @Test
  @Tag("slow")
  void etcdKnowsThem() throws Exception {
    assumeTrue(EtcdProcess.areInstalled("etcd"), "skipped: not installed: etcd");
    try (EtcdProcess etcd =
        new EtcdProcess(
            directory.resolve("etcd"),
            "n1",
            port,
            Ports.free(),
            List.of(
                "--bcrypt-cost=4",
                "--listen-client-urls=" + url,
                "--advertise-client-urls=" + url,
                "--cert-file=" + file("member.pem"),
                "--key-file=" + file("member.key"),
                "--trusted-ca-file=" + file("trusted.pem"),
                "--client-cert-auth"))) {
      etcd.awaitReady();
      assertThatTheyAreKnown();
    }
  }

  private void assertThatTheyAreKnown() throws Exception {
    GrpcClient root = client("root");
    makeUsers(root);

    GrpcClient user = client("u");
    assertThat(get(user, "k", null)).isEqualTo("0");
    assertThat(put(user, "k")).isEqualTo("0");
    assertThat(get(user, "x", null)).isEqualTo(DENIED);
    assertThat(put(user, "x")).isEqualTo(DENIED);
    assertThat(get(user, "k", "garbage")).isEqualTo(INVALID);
    assertThat(list(user)).isEqualTo(DENIED);
    assertThat(list(root)).isEqualTo("0");
    assertThat(get(client("stranger"), "k", null)).isEqualTo(DENIED);
  }

  private void makeUsers(GrpcClient root) {
    for (String name : List.of("root", "u")) {
      done(
          root,
          AuthGrpcClient.UserAdd,
          AuthUserAddRequest.newBuilder().setName(name).setPassword("x").build());
    }
    done(root, AuthGrpcClient.RoleAdd, AuthRoleAddRequest.newBuilder().setName("r").build());
    done(
        root,
        AuthGrpcClient.RoleGrantPermission,
        AuthRoleGrantPermissionRequest.newBuilder()
            .setName("r")
            .setPerm(
                Permission.newBuilder()
                    .setPermType(Permission.Type.READWRITE)
                    .setKey(ByteString.copyFromUtf8("k")))
            .build());
    done(
        root,
        AuthGrpcClient.UserGrantRole,
        AuthUserGrantRoleRequest.newBuilder().setUser("u").setRole("r").build());
    done(
        root,
        AuthGrpcClient.UserGrantRole,
        AuthUserGrantRoleRequest.newBuilder().setUser("root").setRole("root").build());
    done(root, AuthGrpcClient.AuthEnable, AuthEnableRequest.getDefaultInstance());
  }

  private HttpClientOptions http(String name) {
    return new HttpClientOptions()
        .setSsl(true)
        .setUseAlpn(true)
        .setTrustAll(true)
        .setVerifyHost(false)
        .setKeyCertOptions(
            new PemKeyCertOptions()
                .setCertPath(file(name + ".pem"))
                .setKeyPath(file(name + ".key")));
  }

  private GrpcClient client(String name) {
    return held(
        GrpcClient.builder(vertx).with(http(name).setProtocolVersion(HttpVersion.HTTP_2)).build());
  }

  private String get(GrpcClient client, String key, String token) {
    ByteString bytes = ByteString.copyFromUtf8(key);
    return ask(client, KVGrpcClient.Range, RangeRequest.newBuilder().setKey(bytes).build(), token);
  }

  private String put(GrpcClient client, String key) {
    ByteString bytes = ByteString.copyFromUtf8(key);
    return ask(client, KVGrpcClient.Put, PutRequest.newBuilder().setKey(bytes).build(), null);
  }

  private String list(GrpcClient client) {
    return ask(client, AuthGrpcClient.UserList, AuthUserListRequest.getDefaultInstance(), null);
  }

  private <Q, R> void done(GrpcClient client, ServiceMethod<R, Q> method, Q message) {
    assertThat(ask(client, method, message, null)).isEqualTo("0");
  }

  private <Q, R> String ask(
      GrpcClient client, ServiceMethod<R, Q> method, Q message, String token) {
    return Twins.await(
        client
            .request(SocketAddress.inetSocketAddress(port, "127.0.0.1"), method)
            .compose(
                request -> {
                  if (token != null) {
                    request.headers().set("token", token);
                  }
                  request.end(message);
                  return request.response();
                })
            .compose(
                response -> {
                  response.handler(none -> {}); // Of the answer only the end counts.
                  return response
                      .end()
                      .transform(none -> Future.succeededFuture("" + response.status().code));
                }));
  }

  private String json(String name) {
    return Twins.await(
        held(vertx.createHttpClient(http(name)))
            .request(HttpMethod.POST, port, "127.0.0.1", "/v3/auth/user/list")
            .compose(request -> request.send("{}").compose(response -> response.body()))
            .map(Buffer::toString));
  }
}
