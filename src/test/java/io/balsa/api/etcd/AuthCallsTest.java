package io.balsa.api.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.balsa.Balsa;
import io.balsa.BalsaOptions;
import io.balsa.api.SignedTokens;
import io.balsa.api.etcd.proto.authpb.Permission;
import io.balsa.api.etcd.proto.etcdserverpb.AuthEnableRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleAddRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleGrantPermissionRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthStatusRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthStatusResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserAddRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserGrantRoleRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserListRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthenticateRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthenticateResponse;
import io.balsa.api.etcd.proto.etcdserverpb.PutRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RangeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RangeResponse;
import io.balsa.api.etcd.proto.v3lockpb.LockRequest;
import io.balsa.api.etcd.proto.v3lockpb.LockResponse;
import io.balsa.api.etcd.proto.v3lockpb.UnlockRequest;
import io.balsa.client.GetOptions;
import io.balsa.client.PutOptions;
import io.balsa.cluster.Await;
import io.balsa.cluster.Ports;
import io.balsa.mvcc.auth.Credentials;
import io.balsa.verticle.Member;
import io.balsa.verticle.MemberConfig;
import io.balsa.verticle.TestConfigs;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users, roles and permissions over every way in, as etcd has them. */
class AuthCallsTest {
  private static final String AUTH = "/etcdserverpb.Auth/";
  private static final String KV = "/etcdserverpb.KV/";

  private final Vertx vertx = Vertx.vertx();
  private int port = Ports.free();
  @TempDir private Path directory;
  private Balsa balsa;
  private HttpClient http2;

  @BeforeEach
  void start() throws Exception {
    balsa =
        await(
            Balsa.start(
                vertx,
                new BalsaOptions()
                    .setDataDir(directory.resolve("balsa").toString())
                    .setListenClientUrls(List.of("http://127.0.0.1:" + port))
                    .setListenPeerUrl("http://127.0.0.1:" + Ports.free())));
    http2 =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  @Test
  void answersTheTableAsItIsWritten() throws Exception {
    assertThat(new AuthTable(port).run()).isGreaterThan(200);
  }

  @Test
  @Tag("slow")
  void theTableIsWhatEtcdAnswers() throws Exception {
    assumeTrue(find("etcd") != null, "etcd is not installed");
    int client = Ports.free();
    int peer = Ports.free();
    Process etcd =
        new ProcessBuilder(
                find("etcd"),
                "--data-dir=" + directory.resolve("etcd"),
                "--listen-client-urls=http://127.0.0.1:" + client,
                "--advertise-client-urls=http://127.0.0.1:" + client,
                "--listen-peer-urls=http://127.0.0.1:" + peer,
                "--initial-advertise-peer-urls=http://127.0.0.1:" + peer,
                "--initial-cluster=default=http://127.0.0.1:" + peer)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("etcd.log").toFile())
            .start();
    try {
      Await.until("etcd serves", Duration.ofSeconds(30), () -> isHealthy(client));
      new AuthTable(client).run();
    } finally {
      etcd.destroyForcibly().waitFor();
    }
  }

  private static boolean isHealthy(int port) {
    try {
      return get(port, "/health", null).body().contains("true");
    } catch (IOException | InterruptedException notYet) {
      return false;
    }
  }

  private static HttpResponse<String> get(int port, String path, String token)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    if (token != null) {
      request.header("Authorization", token);
    }
    return java.net.http.HttpClient.newHttpClient()
        .send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String find(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(folder -> new File(folder, program))
        .filter(File::canExecute)
        .map(File::getPath)
        .findFirst()
        .orElse(null);
  }

  // ---- gRPC

  private record Answer(int code, String text, byte[] body) {}

  private Answer call(String method, Message message, String token) throws Exception {
    return await(send(method, message, token));
  }

  private Future<Answer> send(String method, Message message, String token) {
    byte[] bytes = message.toByteArray();
    Buffer frame = Buffer.buffer().appendByte((byte) 0).appendInt(bytes.length).appendBytes(bytes);
    return http2
        .request(HttpMethod.POST, port, "127.0.0.1", method)
        .compose(
            request -> {
              request.putHeader("content-type", "application/grpc").putHeader("te", "trailers");
              if (token != null) {
                request.putHeader("token", token);
              }
              // The body is asked for on the event loop, before any of it can come.
              return request
                  .send(frame)
                  .compose(response -> response.body().map(body -> answer(response, body)));
            });
  }

  private static Answer answer(HttpClientResponse response, Buffer body) {
    String status = response.getHeader("grpc-status");
    return status == null
        ? new Answer(
            Integer.parseInt(response.getTrailer("grpc-status")),
            "",
            body.getBytes(5, body.length()))
        : new Answer(Integer.parseInt(status), response.getHeader("grpc-message"), new byte[0]);
  }

  private void ok(String method, Message message) throws Exception {
    Answer answer = call(AUTH + method, message, null);
    assertThat(answer.code()).as("%s: %s", method, answer.text()).isZero();
  }

  /** Users root and u, who may read and write k. */
  private void enable() throws Exception {
    for (String name : List.of("root", "u")) {
      ok("UserAdd", AuthUserAddRequest.newBuilder().setName(name).setPassword(name + "pw").build());
    }
    ok("RoleAdd", AuthRoleAddRequest.newBuilder().setName("r").build());
    ok(
        "RoleGrantPermission",
        AuthRoleGrantPermissionRequest.newBuilder()
            .setName("r")
            .setPerm(
                Permission.newBuilder()
                    .setPermType(Permission.Type.READWRITE)
                    .setKey(ByteString.copyFromUtf8("k")))
            .build());
    ok("UserGrantRole", AuthUserGrantRoleRequest.newBuilder().setUser("u").setRole("r").build());
    ok(
        "UserGrantRole",
        AuthUserGrantRoleRequest.newBuilder().setUser("root").setRole("root").build());
    ok("AuthEnable", AuthEnableRequest.getDefaultInstance());
  }

  private String login(String name) throws Exception {
    Answer answer =
        call(
            AUTH + "Authenticate",
            AuthenticateRequest.newBuilder().setName(name).setPassword(name + "pw").build(),
            null);
    assertThat(answer.code()).as(answer.text()).isZero();
    return AuthenticateResponse.parseFrom(answer.body()).getToken();
  }

  private static PutRequest put(String key) {
    return PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
  }

  private static RangeRequest range(String key) {
    return RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
  }

  private void assertRefused(String method, Message message, String token, int code, String text)
      throws Exception {
    Answer answer = call(method, message, token);
    assertThat(answer.code() + " " + answer.text())
        .as("%s by %s", method, token)
        .isEqualTo(code + " etcdserver: " + text);
  }

  @Test
  void grpcTakesTheTokenFromItsMetadata() throws Exception {
    enable();
    String user = login("u");
    for (String method : List.of("Put", "Range")) {
      Message k = method.equals("Put") ? put("k") : range("k");
      Message x = method.equals("Put") ? put("x") : range("x");
      assertThat(call(KV + method, k, user).code()).isZero();
      assertThat(call(KV + method, x, login("root")).code()).isZero();
      assertRefused(KV + method, k, null, 3, "user name is empty");
      assertRefused(KV + method, k, "garbage", 16, "invalid auth token");
      assertRefused(KV + method, x, user, 7, "permission denied");
    }
    Message list = AuthUserListRequest.getDefaultInstance();
    assertRefused(AUTH + "UserList", list, user, 7, "permission denied");
    assertRefused(
        AUTH + "RoleGrantPermission",
        AuthRoleGrantPermissionRequest.newBuilder().setName("r").build(),
        login("root"),
        3,
        "permission not given");
    Answer status = call(AUTH + "AuthStatus", AuthStatusRequest.getDefaultInstance(), null);
    AuthStatusResponse found = AuthStatusResponse.parseFrom(status.body());
    assertThat(found.getEnabled()).isTrue();
    assertThat(found.getAuthRevision()).isEqualTo(7);
    assertThat(found.getHeader().getRaftTerm()).isPositive();
  }

  private long count(RangeRequest keys, String token) {
    try {
      return RangeResponse.parseFrom(call(KV + "Range", keys, token).body()).getCount();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** What waits for a lock watches and reads on behalf of who asked for it. */
  @Test
  void aLockIsWaitedForByWhoAskedForIt() throws Exception {
    enable();
    String root = login("root");
    LockRequest lock = LockRequest.newBuilder().setName(ByteString.copyFromUtf8("l")).build();
    Answer first = call("/v3lockpb.Lock/Lock", lock, root);
    assertThat(first.code()).as(first.text()).isZero();
    Future<Answer> second = send("/v3lockpb.Lock/Lock", lock, root);
    RangeRequest queue =
        RangeRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8("l/"))
            .setRangeEnd(ByteString.copyFromUtf8("l0"))
            .build();
    Await.until("both stand in the queue", Duration.ofSeconds(30), () -> count(queue, root) == 2);

    ByteString held = LockResponse.parseFrom(first.body()).getKey();
    Message unlock = UnlockRequest.newBuilder().setKey(held).build();
    assertThat(call("/v3lockpb.Lock/Unlock", unlock, root).code()).isZero();

    Answer waited = await(second);
    assertThat(waited.code()).as(waited.text()).isZero();
  }

  @Test
  void usersAndTheirPermissionsOutliveARestart() throws Exception {
    enable();
    await(balsa.stop());
    start();
    assertRefused(KV + "Put", put("k"), null, 3, "user name is empty");
    String user = login("u");
    assertThat(call(KV + "Put", put("k"), user).code()).isZero();
    assertRefused(KV + "Put", put("x"), user, 7, "permission denied");
  }

  @Test
  void signedTokensAreGoodUntilAnythingIsChanged() throws Exception {
    MemberConfig simple = TestConfigs.solo(directory.resolve("jwt"), MemberConfig.EventBus.OFF);
    SignedTokens tokens = new SignedTokens("HS256", null, new byte[32], 60, () -> 1_000_000);
    Member member = await(Member.start(vertx, withTokens(simple, tokens)));
    port = member.clientPorts().get(0);
    enable();
    String user = login("u");
    assertThat(tokens.read(user)).isEqualTo(new Credentials(Credentials.Kind.CLAIM, "u", 7));
    assertThat(call(KV + "Put", put("k"), user).code()).isZero();
    assertThat(call(KV + "Range", range("k"), user).code()).isZero();
    assertRefused(KV + "Put", put("x"), user, 7, "permission denied");
    assertRefused(KV + "Put", put("k"), user + "x", 16, "invalid auth token");

    Answer changed =
        call(
            AUTH + "RoleAdd",
            AuthRoleAddRequest.newBuilder().setName("other").build(),
            login("root"));
    assertThat(changed.code()).isZero();
    assertRefused(KV + "Put", put("k"), user, 3, "revision of auth store is old");
    assertRefused(KV + "Range", range("k"), user, 3, "revision of auth store is old");
    assertThat(call(KV + "Put", put("k"), login("u")).code()).isZero();
  }

  private static MemberConfig withTokens(MemberConfig of, SignedTokens tokens) {
    return new MemberConfig(
        of.name(),
        of.dataDir(),
        of.listenClients(),
        of.clientUrls(),
        of.listenPeers(),
        of.peerUrls(),
        of.cluster(),
        of.discovery(),
        of.timing(),
        of.limits(),
        of.autoCompaction(),
        of.preVote(),
        of.eventBus(),
        of.clientTls(),
        of.peerTls(),
        tokens);
  }

  // ---- The other ways in

  @Test
  void plainHttpTakesTheTokenFromAuthorization() throws Exception {
    enable();
    String user = login("u");
    assertThat(call(KV + "Put", put("k"), user).code()).isZero();
    assertThat(get(port, "/v1/kv/k", user).statusCode()).isEqualTo(200);
    assertThat(get(port, "/v1/kv/k", null).statusCode()).isEqualTo(401);
    assertThat(get(port, "/v1/kv/k", "garbage").statusCode()).isEqualTo(401);
    assertThat(get(port, "/v1/kv/x", user).statusCode()).isEqualTo(403);
    assertThat(get(port, "/v1/kv?prefix=", user).statusCode()).isEqualTo(403);
    assertThat(get(port, "/v1/kv/k", user).headers().firstValue("ETag")).isPresent();
    assertThat(get(port, "/v1/watch?key=x", user).body())
        .isEqualTo(
            "event: denied\n"
                + "data: {\"status\":403,\"kind\":\"permission-denied\","
                + "\"detail\":\"permission denied\"}\n\n");
    assertThat(get(port, "/readyz", null).statusCode()).isEqualTo(200);
  }

  @Test
  void theEventBusTakesTheTokenFromAHeader() throws Exception {
    enable();
    String user = login("u");
    assertThat(busPut("k", user)).isZero();
    assertThat(busPut("x", user)).isEqualTo(403);
    assertThat(busPut("k", null)).isEqualTo(401);
    assertThat(busPut("k", "garbage")).isEqualTo(401);
  }

  private int busPut(String key, String token) throws Exception {
    DeliveryOptions options = new DeliveryOptions().addHeader("op", "put");
    if (token != null) {
      options.addHeader("token", token);
    }
    try {
      await(
          vertx
              .eventBus()
              .request("balsa.kv", new JsonObject().put("key", key).put("value", "v"), options));
      return 0;
    } catch (ExecutionException e) {
      return ((ReplyException) e.getCause()).failureCode();
    }
  }

  @Test
  void codeInTheProcessOfTheMemberIsTrusted() throws Exception {
    enable();
    await(balsa.client().put(Buffer.buffer("x"), Buffer.buffer("v"), new PutOptions()));
    assertThat(await(balsa.client().get(Buffer.buffer("x"), new GetOptions())).text())
        .isEqualTo("v");
  }

  // ---- etcd's own client

  @Test
  void etcdctlGoesThroughLifeWithUsers() throws Exception {
    assumeTrue(find("etcdctl") != null, "etcdctl is not installed");
    assertThat(etcdctl("user", "add", "root:rootpw")).isEqualTo("0 User root created");
    assertThat(etcdctl("user", "add", "u:upw")).isEqualTo("0 User u created");
    assertThat(etcdctl("role", "add", "r")).isEqualTo("0 Role r created");
    assertThat(etcdctl("role", "grant-permission", "r", "readwrite", "k", "l"))
        .isEqualTo("0 Role r updated");
    assertThat(etcdctl("user", "grant-role", "u", "r")).isEqualTo("0 Role r is granted to user u");
    assertThat(etcdctl("auth", "enable")).isEqualTo("0 Authentication Enabled");

    assertThat(etcdctl("--user", "u:upw", "put", "k1", "v")).isEqualTo("0 OK");
    assertThat(etcdctl("--user", "u:upw", "get", "k1")).isEqualTo("0 k1\nv");
    assertThat(etcdctl("--user", "u:upw", "put", "x", "v"))
        .startsWith("1 ")
        .contains("etcdserver: permission denied");
    assertThat(etcdctl("put", "k1", "v")).startsWith("1 ").contains("user name is empty");
    assertThat(etcdctl("--user", "u:wrong", "get", "k1"))
        .startsWith("2 ")
        .contains("etcdserver: authentication failed, invalid user ID or password");
    assertThat(etcdctl("--user", "root:rootpw", "user", "get", "u"))
        .isEqualTo("0 User: u\nRoles: r");
    assertThat(etcdctl("--user", "root:rootpw", "role", "get", "r"))
        .isEqualTo("0 Role r\nKV Read:\n\t[k, l) (prefix k)\nKV Write:\n\t[k, l) (prefix k)");
    assertThat(etcdctl("--user", "u:upw", "user", "list"))
        .startsWith("1 ")
        .contains("etcdserver: permission denied");
    assertThat(etcdctl("--user", "root:rootpw", "user", "delete", "u"))
        .isEqualTo("0 User u deleted");
    assertThat(etcdctl("--user", "root:rootpw", "auth", "disable"))
        .isEqualTo("0 Authentication Disabled");
    assertThat(etcdctl("get", "k1")).isEqualTo("0 k1\nv");
  }

  private String etcdctl(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(find("etcdctl")));
    command.add("--endpoints=127.0.0.1:" + port);
    command.addAll(List.of(arguments));
    Path said = directory.resolve("etcdctl.err");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(said.toFile());
    builder.environment().put("ETCDCTL_API", "3");
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    return code + " " + (code == 0 ? text : Files.readString(said)).strip();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
