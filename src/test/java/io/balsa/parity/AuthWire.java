package io.balsa.parity;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.balsa.TestUsers;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrantRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberListRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberListResponse;
import io.balsa.api.etcd.proto.etcdserverpb.PutRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RangeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchResponse;
import io.balsa.api.etcd.proto.v3electionpb.LeaderRequest;
import io.balsa.api.etcd.proto.v3lockpb.LockRequest;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * An endpoint with users, asked as it comes over the wire: what was answered is a code and a text,
 * and {@code 0} where it was done.
 */
final class AuthWire {
  private static final String HOST = "127.0.0.1";
  private static final int PREFIX_BYTES = 5;
  private static final int NOT_FOUND = 404;
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();

  /** Every method of etcd's API by its full name. */
  static final Map<String, MethodDescriptor> METHODS = methods();

  private final int port;
  private final Context context;
  private final HttpClient grpc;
  private final HttpClient http;
  private final List<String> tokens = new ArrayList<>();
  private String peerUrl;

  /** What came back: the code as gRPC names it by number, the text, the first message. */
  private record Came(String code, String text, byte[] message) {}

  AuthWire(Vertx vertx, int port) {
    this.port = port;
    this.context = vertx.getOrCreateContext();
    this.grpc =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    this.http = vertx.createHttpClient();
  }

  private static Map<String, MethodDescriptor> methods() {
    Map<String, MethodDescriptor> all = new TreeMap<>();
    Stream.of(
            RangeRequest.getDescriptor(),
            LockRequest.getDescriptor(),
            LeaderRequest.getDescriptor())
        .flatMap(message -> message.getFile().getServices().stream())
        .map(ServiceDescriptor::getMethods)
        .flatMap(List::stream)
        .forEach(each -> all.put(each.getService().getFullName() + "/" + each.getName(), each));
    return all;
  }

  /** Makes the users of the rows, and what they ask for. */
  void prepare() throws Exception {
    TestUsers users = new TestUsers(url()).make();
    users.post(null, "auth/user/add", "{'name':'stranger','password':'strangerpw'}");
    users.post(null, "auth/user/add", "{'name':'gone','password':'gonepw'}");
    for (long lease :
        new long[] {
          AuthRows.SECRET_LEASE,
          AuthRows.REVOKED_SECRET_LEASE,
          AuthRows.OWN_LEASE,
          AuthRows.FREE_LEASE
        }) {
      done(
          "etcdserverpb.Lease/LeaseGrant",
          LeaseGrantRequest.newBuilder().setID(lease).setTTL(600).build());
    }
    put("x1", AuthRows.SECRET_LEASE);
    put("x3", AuthRows.REVOKED_SECRET_LEASE);
    put("k1", AuthRows.OWN_LEASE);
    MemberListResponse members =
        MemberListResponse.parseFrom(
            done("etcdserverpb.Cluster/MemberList", MemberListRequest.getDefaultInstance())
                .message());
    peerUrl = members.getMembers(0).getPeerURLs(0);
    users.post(null, "auth/enable", "{}");
    tokens.add(null);
    tokens.add("garbage");
    for (String name : List.of("gone", "stranger", "u", "root")) {
      tokens.add(users.token(name));
    }
    users.post(users.token("root"), "auth/user/delete", "{'name':'gone'}");
  }

  private void put(String key, long lease) throws Exception {
    ByteString bytes = ByteString.copyFromUtf8(key);
    done("etcdserverpb.KV/Put", PutRequest.newBuilder().setKey(bytes).setLease(lease).build());
  }

  private Came done(String method, Message request) throws Exception {
    Came came = await(ask(METHODS.get(method), request, null));
    assertThat(came.code()).as(came.text()).isEqualTo("0");
    return came;
  }

  /** Of those who ask, in the order of the answers; the first is null. */
  List<String> tokens() {
    return tokens;
  }

  String url() {
    return "http://" + HOST + ":" + port;
  }

  String peerUrl() {
    return peerUrl;
  }

  /** What the row is answered over gRPC, by who asks. */
  List<String> grpc(AuthRows.Row row) throws Exception {
    List<String> answers = new ArrayList<>();
    for (String token : tokens) {
      Came came = await(ask(METHODS.get(row.method()), row.request(), token));
      answers.add(text(row, came));
    }
    return answers;
  }

  private static String text(AuthRows.Row row, Came came) throws InvalidProtocolBufferException {
    if (came.code().equals("0") && row.method().endsWith("/Watch")) {
      WatchResponse response = WatchResponse.parseFrom(came.message());
      return response.getCanceled() ? "canceled: " + response.getCancelReason() : "0";
    }
    if (came.code().equals("0")) {
      return came.message() == null ? "0 without a word" : "0";
    }
    return came.code() + " " + came.text();
  }

  /** What the row is answered over JSON; not asked by root, so that nothing is done twice. */
  List<String> json(AuthRows.Row row) throws Exception {
    String body = PRINTER.print(row.request());
    List<String> answers = new ArrayList<>();
    for (String token : tokens.subList(0, tokens.size() - 1)) {
      answers.add(await(askJson(row.json(), body, token)));
    }
    return answers;
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private <T> Future<T> onLoop(Supplier<Future<T>> step) {
    Promise<T> done = Promise.promise();
    context.runOnContext(none -> step.get().onComplete(done));
    return done.future();
  }

  private Future<Came> ask(MethodDescriptor method, Message message, String token) {
    byte[] bytes = message.toByteArray();
    Buffer frame = Buffer.buffer().appendByte((byte) 0).appendInt(bytes.length).appendBytes(bytes);
    String path = "/" + method.getService().getFullName() + "/" + method.getName();
    return onLoop(
        () ->
            grpc.request(HttpMethod.POST, port, HOST, path)
                .compose(
                    request -> {
                      request.putHeader("content-type", "application/grpc");
                      request.putHeader("te", "trailers");
                      if (token != null) {
                        request.putHeader("token", token);
                      }
                      if (method.isClientStreaming()) {
                        request.setChunked(true).write(frame);
                      } else {
                        request.end(frame);
                      }
                      return request
                          .response()
                          .compose(response -> came(method, request, response));
                    }));
  }

  private static Future<Came> came(
      MethodDescriptor method, HttpClientRequest request, HttpClientResponse response) {
    Promise<Came> came = Promise.promise();
    Buffer body = Buffer.buffer();
    response.handler(
        chunk -> {
          body.appendBuffer(chunk);
          boolean isWhole =
              body.length() >= PREFIX_BYTES && body.length() >= PREFIX_BYTES + body.getInt(1);
          if (method.isServerStreaming() && isWhole) {
            came.tryComplete(new Came("0", "", message(body)));
            request.reset(8);
          }
        });
    response.exceptionHandler(came::tryFail);
    response.endHandler(
        none -> {
          String code = response.getHeader("grpc-status");
          came.tryComplete(
              code == null
                  ? new Came(
                      response.getTrailer("grpc-status"),
                      response.getTrailer("grpc-message"),
                      message(body))
                  : new Came(code, response.getHeader("grpc-message"), null));
        });
    return came.future();
  }

  private static byte[] message(Buffer body) {
    return body.length() < PREFIX_BYTES
        ? null
        : body.getBytes(PREFIX_BYTES, PREFIX_BYTES + body.getInt(1));
  }

  /** The first line of an answer says it all. */
  private Future<String> askJson(String path, String body, String token) {
    return onLoop(
        () ->
            http.request(HttpMethod.POST, port, HOST, "/v3/" + path)
                .compose(
                    request -> {
                      if (token != null) {
                        request.putHeader("authorization", token);
                      }
                      return request.send(body).compose(response -> line(request, response));
                    }));
  }

  private static Future<String> line(HttpClientRequest request, HttpClientResponse response) {
    if (response.statusCode() == NOT_FOUND) {
      return Future.succeededFuture("no such path");
    }
    Promise<String> line = Promise.promise();
    Buffer body = Buffer.buffer();
    response.handler(
        chunk -> {
          body.appendBuffer(chunk);
          if (chunk.getByte(chunk.length() - 1) == '\n' && line.tryComplete(text(body))) {
            request.reset();
          }
        });
    response.exceptionHandler(line::tryFail);
    response.endHandler(none -> line.tryComplete(text(body)));
    return line.future();
  }

  private static String text(Buffer body) {
    JsonObject json = new JsonObject(body.toString().lines().findFirst().orElse("{}"));
    if (json.getValue("error") instanceof String text) {
      return json.getInteger("code") + " " + text;
    }
    if (json.getValue("error") instanceof JsonObject error) {
      return error.getInteger("grpc_code") + " " + error.getString("message");
    }
    JsonObject result = json.getJsonObject("result", json);
    return result.getBoolean("canceled", false)
        ? "canceled: " + result.getString("cancel_reason")
        : "0";
  }
}
