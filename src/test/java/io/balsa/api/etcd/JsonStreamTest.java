package io.balsa.api.etcd;

import static io.balsa.api.http.ApiServer.VERTX;
import static io.balsa.api.http.ApiServer.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.api.ApiOptions;
import io.balsa.api.http.ApiServer;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.parsetools.RecordParser;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Watch and keep-alive as JSON: lines that etcd's gateway would write. */
class JsonStreamTest {
  private static final String HEADER =
      "{\"result\":{\"header\":{\"cluster_id\":\"762202\",\"member_id\":\"1\",\"revision\":\"%d\",\"raft_term\":\"1\"}";
  private static final String END = "end";

  private ApiServer server;
  private EtcdClient grpc;
  private HttpClientAgent http;

  @BeforeEach
  void start() {
    server = ApiServer.start(JsonStreamTest::impatient);
    grpc = new EtcdClient(server.port);
    http = VERTX.createHttpClient();
  }

  private static ApiOptions impatient(ApiOptions o) {
    return new ApiOptions(
        o.listen(),
        o.tls(),
        o.maxRequestBytes(),
        o.maxTxnOps(),
        300,
        1_500,
        o.drainMillis(),
        o.maxRequests(),
        o.maxHeldBytes(),
        o.maxWatches(),
        o.watchWindowBytes(),
        o.signedTokens(),
        o.version(),
        o.registry());
  }

  @AfterEach
  void stop() {
    await(http.close());
    grpc.close();
    server.close();
  }

  /** One call. */
  private final class Call {
    final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    final HttpClientRequest request;
    private final Future<HttpClientResponse> answer;
    HttpClientResponse response;

    Call(String path) {
      request =
          await(
              http.request(
                  new RequestOptions()
                      .setMethod(HttpMethod.POST)
                      .setHost("127.0.0.1")
                      .setPort(server.port)
                      .setURI(path)));
      answer = request.response().map(this::read); // Before any of it can come.
    }

    Call send(String... parts) {
      request.setChunked(true);
      for (String part : parts) {
        await(request.write(Buffer.buffer(part)));
      }
      return this;
    }

    Call end() {
      request.end();
      return this;
    }

    String next() {
      if (response == null) {
        response = await(answer);
      }
      try {
        String line = lines.poll(20, TimeUnit.SECONDS);
        assertThat(line).as("a line").isNotNull();
        return line;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    private HttpClientResponse read(HttpClientResponse come) {
      come.handler(RecordParser.newDelimited("\n", line -> lines.add(line.toString())));
      come.exceptionHandler(failure -> lines.add(failure.toString()));
      come.endHandler(none -> lines.add(END));
      return come;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v3/watch", "/v3beta/watch"})
  void eachMessageIsALineAtOnce(String path) {
    Call call = new Call(path).send("{\"create_request\":{\"key\":\"YQ==\",\"prev_kv\":true}}");
    assertThat(call.next()).isEqualTo(HEADER.formatted(1) + ",\"created\":true}}");
    assertThat(call.response.statusCode()).isEqualTo(200);
    assertThat(call.response.getHeader("content-type")).isEqualTo("application/json");
    assertThat(call.response.getHeader("transfer-encoding")).isEqualTo("chunked");

    grpc.put("a", "1");
    assertThat(call.next())
        .isEqualTo(
            HEADER.formatted(2)
                + ",\"events\":[{\"kv\":{\"key\":\"YQ==\",\"create_revision\":\"2\","
                + "\"mod_revision\":\"2\",\"version\":\"1\",\"value\":\"MQ==\"}}]}}");
    grpc.delete("a");
    assertThat(call.next())
        .startsWith(
            HEADER.formatted(3)
                + ",\"events\":[{\"type\":\"DELETE\",\"kv\":{\"key\":\"YQ==\",\"mod_revision\":\"3\"},\"prev_kv\":{");
  }

  @Test
  void objectsFollowOneAnotherHoweverTheyAreCut() {
    Call call =
        new Call("/v3/watch")
            .send(
                " {\"create_request\":{\"key\":\"e",
                "30=\",\"x\\\"}\":1,\"watch_id\":5}}\n{\"create_request\":{\"key\":\"YQ==\",\"watch_",
                "id\":\"5\"}}{\"cancelRequest\":{\"watchId\":5}}")
            .end();
    assertThat(call.next()).endsWith("\"watch_id\":\"5\",\"created\":true}}");
    assertThat(call.next())
        .endsWith(
            "\"watch_id\":\"-1\",\"created\":true,\"canceled\":true,"
                + "\"cancel_reason\":\"mvcc: duplicate watch ID provided on the WatchStream\"}}");
    assertThat(call.next()).endsWith("\"watch_id\":\"5\",\"canceled\":true}}");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '|',
      value = {
        "hello,invalid character 'h' looking for beginning of value",
        "{bad,unexpected EOF",
      })
  void whatIsNoJsonIsRefused(String body, String text) {
    Call call = new Call("/v3/watch");
    Future<Buffer> answer = call.request.response().compose(HttpClientResponse::body);
    call.send(body).end();
    assertThat(await(answer).toString())
        .isEqualTo("{\"error\":\"%s\",\"message\":\"%s\",\"code\":2}".formatted(text, text));
    assertThat(await(call.request.response()).statusCode()).isEqualTo(500);
  }

  @Test
  void keepAlivesAreAnsweredAndTheCallEnds() {
    Call call = new Call("/v3/lease/keepalive").send("{\"ID\":\"77\"}{\"ID\":78}").end();
    assertThat(call.next()).isEqualTo(HEADER.formatted(1) + ",\"ID\":\"77\"}}");
    assertThat(call.next()).isEqualTo(HEADER.formatted(1) + ",\"ID\":\"78\"}}");
    assertThat(call.next()).isEqualTo(END);
  }

  @Test
  void anErrorIsALineOfItsOwn() {
    Call call = new Call("/v3/watch").send("{\"create_request\":{\"key\":\"YQ==\"}}").end();
    call.next();
    await(server.undeploy());
    assertThat(call.next())
        .isEqualTo(
            "{\"error\":{\"grpc_code\":14,\"http_code\":503,"
                + "\"message\":\"etcdserver: server stopped\",\"http_status\":\"Service Unavailable\"}}");
    assertThat(call.next()).isEqualTo(END);
  }

  @Test
  void anErrorBeforeTheFirstMessageIsTheStatus() {
    server.replica.override =
        request ->
            request instanceof Request.MemberList ? new Reply.Members(1, 0, 0, List.of()) : null;
    Call call = new Call("/v3/watch");
    call.request.putHeader("Grpc-Metadata-hasleader", "true");
    call.send("{\"create_request\":{\"key\":\"YQ==\"}}").end();
    assertThat(call.next()).contains("\"grpc_code\":14", "etcdserver: no leader");
    assertThat(call.response.statusCode()).isEqualTo(503);
  }

  /** There are no pings: it is told how far it is, as etcd does where nothing happens for long. */
  @Test
  void aQuietWatchIsKeptOpen() {
    Call call = new Call("/v3/watch").send("{\"create_request\":{\"key\":\"YQ==\"}}").end();
    call.next();
    long timer = VERTX.setPeriodic(100, none -> server.replica.tellProgress());
    for (int i = 0; i < 4; i++) { // Each after half an idle timeout at least.
      assertThat(call.next()).isEqualTo(HEADER.formatted(1) + "}}");
    }
    VERTX.cancelTimer(timer);
    grpc.put("a", "1");
    assertThat(call.next()).startsWith(HEADER.formatted(2) + ",\"events\"");
  }
}
