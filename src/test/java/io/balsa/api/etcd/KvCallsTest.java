package io.balsa.api.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.balsa.Balsa;
import io.balsa.BalsaOptions;
import io.balsa.api.etcd.EtcdEndpoint.Json;
import io.balsa.api.etcd.proto.etcdserverpb.PutRequest;
import io.balsa.api.etcd.proto.etcdserverpb.PutResponse;
import io.balsa.api.etcd.proto.etcdserverpb.RangeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RangeResponse;
import io.balsa.cluster.Ports;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls as they are on the wire: gRPC frames, and the JSON of the gateway. */
class KvCallsTest {
  private static final int REQUEST_BYTES_MAX = 1_572_864;
  private static final String PUT = "/etcdserverpb.KV/Put";
  private static final String RANGE = "/etcdserverpb.KV/Range";

  private static final Vertx VERTX = Vertx.vertx();
  private static final int PORT = Ports.free();
  @TempDir private static Path directory;
  private static HttpClient http2;
  private static HttpClient http1;

  @BeforeAll
  static void start() throws Exception {
    await(
        Balsa.start(
            VERTX,
            new BalsaOptions()
                .setDataDir(directory.toString())
                .setListenClientUrls(List.of("http://127.0.0.1:" + PORT))
                .setListenPeerUrl("http://127.0.0.1:" + Ports.free())));
    http2 =
        VERTX.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    http1 = VERTX.createHttpClient();
  }

  @AfterAll
  static void stop() throws Exception {
    await(VERTX.close());
  }

  /** How a call ended. */
  private record Answer(int httpStatus, String status, String message, Buffer body) {
    byte[] only() {
      assertThat(status).as(message).isEqualTo("0");
      assertThat(body.getByte(0)).isZero();
      assertThat(body.getInt(1)).isEqualTo(body.length() - 5);
      return body.getBytes(5, body.length());
    }
  }

  private static Answer call(String path, Buffer... chunks) throws Exception {
    return await(
        http2
            .request(HttpMethod.POST, PORT, "127.0.0.1", path)
            .compose(request -> send(request, chunks)));
  }

  private static Future<Answer> send(HttpClientRequest request, Buffer... chunks) {
    request.putHeader(HttpHeaders.CONTENT_TYPE, "application/grpc").putHeader("te", "trailers");
    Future<HttpClientResponse> answered = request.response();
    request.setChunked(true);
    for (Buffer chunk : chunks) {
      request.write(chunk);
    }
    request.end();
    return answered.compose(response -> response.body().map(body -> answer(response, body)));
  }

  private static Answer answer(HttpClientResponse response, Buffer body) {
    String status = response.getHeader("grpc-status");
    return status == null
        ? new Answer(response.statusCode(), response.getTrailer("grpc-status"), null, body)
        : new Answer(response.statusCode(), status, response.getHeader("grpc-message"), body);
  }

  private static Buffer frame(byte[] message) {
    return Buffer.buffer().appendByte((byte) 0).appendInt(message.length).appendBytes(message);
  }

  private static byte[] put(String key, byte[] value) {
    return PutRequest.newBuilder()
        .setKey(ByteString.copyFromUtf8(key))
        .setValue(ByteString.copyFrom(value))
        .build()
        .toByteArray();
  }

  private static RangeResponse get(String key) throws Exception {
    byte[] request =
        RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build().toByteArray();
    return RangeResponse.parseFrom(call(RANGE, frame(request)).only());
  }

  @Test
  void aMessageMayComeInPieces() throws Exception {
    Buffer whole = frame(put("pieces", "value".getBytes()));
    Buffer[] bytes = new Buffer[whole.length()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = whole.slice(i, i + 1);
    }

    PutResponse response = PutResponse.parseFrom(call(PUT, bytes).only());

    assertThat(response.getHeader().getRevision()).isGreaterThan(1);
    assertThat(response.getHeader().getClusterId()).isNotZero();
    assertThat(response.getHeader().getMemberId()).isNotZero();
    assertThat(response.getHeader().getRaftTerm()).isPositive();
    assertThat(get("pieces").getKvs(0).getValue().toStringUtf8()).isEqualTo("value");
  }

  @Test
  void whatIsNotOneMessageIsRefused() throws Exception {
    byte[] message = put("k", "v".getBytes());
    Buffer compressed = frame(message).setByte(0, (byte) 1);
    Buffer tooLong = frame(message).appendByte((byte) 0);
    Buffer cut = frame(message).slice(0, 8);

    assertThat(call(PUT, compressed).status()).isEqualTo("12");
    assertThat(call(PUT, tooLong).status()).isEqualTo("13");
    assertThat(call(PUT, cut).status()).isEqualTo("13");
    assertThat(call(PUT).status()).isEqualTo("13");
    assertThat(call(PUT, frame(new byte[] {10, 100, 1})).status()).isEqualTo("13");
    assertThat(call("/etcdserverpb.KV/Nothing", frame(message)).status()).isEqualTo("12");
  }

  @Test
  void aRequestMayHaveJustItsLimit() throws Exception {
    int overhead = put("large", new byte[REQUEST_BYTES_MAX / 2]).length - REQUEST_BYTES_MAX / 2;
    byte[] largest = new byte[REQUEST_BYTES_MAX - overhead];

    call(PUT, frame(put("large", largest))).only();
    assertThat(get("large").getKvs(0).getValue().size()).isEqualTo(largest.length);

    Answer refused = call(PUT, frame(put("large", new byte[largest.length + 1])));
    assertThat(refused.status()).isEqualTo("3");
    assertThat(refused.message()).isEqualTo("etcdserver: request is too large");
    Answer beyond = call(PUT, frame(put("large", new byte[3_000_000])));
    assertThat(beyond.status()).isEqualTo("8");
    assertThat(beyond.message()).startsWith("grpc: received message larger than max (");
  }

  @Test
  void timeoutsAreReadAsGrpcWritesThem() {
    assertThat(GrpcCall.millis("2H")).isEqualTo(7_200_000);
    assertThat(GrpcCall.millis("3M")).isEqualTo(180_000);
    assertThat(GrpcCall.millis("99999999S")).isEqualTo(99_999_999_000L);
    assertThat(GrpcCall.millis("5m")).isEqualTo(5);
    assertThat(GrpcCall.millis("4999u")).isEqualTo(4);
    assertThat(GrpcCall.millis("1n")).isEqualTo(1);
    for (String bad : List.of("", "S", "5", "x5m", "123456789m", "5d")) {
      assertThat(GrpcCall.millis(bad)).as(bad).isZero();
    }
  }

  @Test
  void whatIsNoPrintableAsciiIsEscaped() {
    assertThat(GrpcCall.escape("a b%ü\n")).isEqualTo("a b%25%C3%BC%0A");
  }

  private static Json json(String path, String text) throws Exception {
    return EtcdEndpoint.json(http1, PORT, path, text);
  }

  @Test
  void theGatewaySaysTheSameInJson() throws Exception {
    Json put = json("/v3/kv/put", "{\"key\":\"anM=\",\"value\":\"dg==\",\"prevKv\":true}");
    assertThat(put.status()).isEqualTo(200);
    String revision = put.body().getJsonObject("header").getString("revision");
    json("/v3beta/kv/put", "{\"key\":\"anM=\",\"value\":\"dw==\",\"unknown\":1}");

    JsonObject range = json("/v3/kv/range", "{\"key\":\"anM=\",\"limit\":\"1\"}").body();

    JsonObject item = range.getJsonArray("kvs").getJsonObject(0);
    assertThat(range.getString("count")).isEqualTo("1");
    assertThat(range.containsKey("more")).isFalse();
    assertThat(item.getString("create_revision")).isEqualTo(revision);
    assertThat(item.getString("value")).isEqualTo("dw==");
    assertThat(item.getString("version")).isEqualTo("2");
    assertThat(item.containsKey("lease")).isFalse();
  }

  @Test
  void theGatewayRefusesAsEtcdDoes() throws Exception {
    Json empty = json("/v3/kv/range", "{}");
    assertThat(empty.status()).isEqualTo(400);
    assertThat(empty.body())
        .isEqualTo(
            new JsonObject()
                .put("error", "etcdserver: key is not provided")
                .put("message", "etcdserver: key is not provided")
                .put("code", 3));
    assertThat(json("/v3/kv/range", "{").status()).isEqualTo(400);
    assertThat(json("/v3/kv/put", "{\"key\":\"anM=\",\"lease\":\"77\"}").status()).isEqualTo(404);
    assertThat(json("/v3/kv/compaction", "{\"revision\":99999}").status()).isEqualTo(400);
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
