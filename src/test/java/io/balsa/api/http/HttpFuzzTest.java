package io.balsa.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.fuzz.Fuzzer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Requests to a served API: each is answered with success or with a refusal, never with a fault of
 * the server, and nothing fails inside it.
 */
class HttpFuzzTest {
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([0-9]{3})");
  private static final Pattern INSIDE = Pattern.compile("Exception|\\bjava\\.|io\\.(vertx|netty)");
  private static final int UNKNOWN_VERSION = 501; // Vert.x says so before it asks anybody.
  private static final int SILENCE_MILLIS = 20;
  private static final int SOCKET_BYTES = 1 << 20; // What the client allocates.
  private static final List<String> ROUTES =
      List.of("/v1/txn", "/v1/leases", "/v1/compact", "/v1/members", "/v1/leader");
  private static final List<String> METHODS = List.of("GET", "PUT", "DELETE", "POST", "HEAD");

  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private ApiServer server;
  private RawClient client;

  @BeforeEach
  void start() {
    ApiServer.VERTX.exceptionHandler(failures::add);
    server = ApiServer.start(options -> options.withRequestLimits(100_000, 16, 7_000));
    client = server.client();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    ApiServer.VERTX.exceptionHandler(null);
    assertThat(failures).isEmpty();
  }

  /** The request was answered with a refusal. */
  private static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }

  @Test
  void bodies() {
    new Fuzzer<>(
            getClass(),
            "HTTP body",
            RefusedException.class,
            input -> {
              int route = kind(input, ROUTES.size());
              byte[] body = new byte[Math.max(0, input.length - 1)];
              System.arraycopy(input, Math.min(1, input.length), body, 0, body.length);
              return exchange("POST", ROUTES.get(route), body);
            })
        .samples(HttpFuzzTest::body)
        .words(
            "{",
            "}",
            "[",
            "]",
            "\"key\":",
            "Base64",
            "\"then\":",
            "\"txn\":",
            "null",
            "1.5",
            "9".repeat(40),
            "\\ud800",
            "\"value\":",
            "{\"txn\":{\"then\":[",
            "]}}",
            "\"prefix\":")
        .allocates(SOCKET_BYTES, 200)
        .inputs(4_000)
        .run();
  }

  @Test
  void targets() {
    new Fuzzer<>(
            getClass(),
            "HTTP target",
            RefusedException.class,
            input -> {
              int method = kind(input, METHODS.size());
              String target = "/v1/kv" + visible(input).substring(Math.min(1, input.length));
              return exchange(METHODS.get(method), target, new byte[0]);
            })
        .samples(
            random -> {
              String rest =
                  switch (random.nextInt(3)) {
                    case 0 -> "/a%2Fb?timeoutMs=" + random.nextInt(9_000);
                    case 1 -> "?prefix=a+b&limit=7&keysOnly=true&consistency=serializable";
                    default -> "/k?revision=" + random.nextInt(3) + "&lease=7f";
                  };
              return bytes(random.nextInt(METHODS.size()) + rest);
            })
        .words("%", "%00", "/../", "/./", "//", "?", "&", "=", "#", "+", "after=AQ", "revision=")
        .allocates(SOCKET_BYTES, 200)
        .inputs(4_000)
        .run();
  }

  @Test
  void headers() {
    List<String> names =
        List.of("If-Match", "If-None-Match", "Idempotency-Key", "Expect", "X-Any", "Cookie");
    new Fuzzer<>(
            getClass(),
            "HTTP header",
            RefusedException.class,
            input -> {
              int name = kind(input, names.size());
              String value = new String(input, StandardCharsets.ISO_8859_1);
              value = value.substring(Math.min(1, value.length())).replaceAll("[\r\n\0]", " ");
              return exchange("PUT", "/v1/kv/k", new byte[1], names.get(name) + ": " + value);
            })
        .samples(random -> bytes(random.nextInt(6) + "\"" + random.nextInt(30) + "\""))
        .words("\"", ",", "W/", "*", "7f-1", "100-continue", "\u000b", "\f", "\u0001", "=")
        .allocates(SOCKET_BYTES, 200)
        .inputs(4_000)
        .run();
  }

  /** Whatever comes over a connection; often it is no request, and then no answer is one. */
  @Test
  void connections() {
    new Fuzzer<>(getClass(), "HTTP connection", RefusedException.class, this::converse)
        .samples(HttpFuzzTest::request)
        .words(
            "\r\n",
            "\r\n\r\n",
            ":",
            "Content-Length: 5\r\n",
            "Transfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
            "ffffffff\r\n",
            "HTTP/1.1",
            "HTTP/2.0",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n",
            "Connection: close\r\n",
            "Expect: 100-continue\r\n",
            "CONNECT a:1 HTTP/1.1\r\n\r\n",
            "GET http://x/v1/status HTTP/1.1\r\n\r\n",
            "GET * HTTP/1.1\r\n\r\n")
        .allocates(SOCKET_BYTES, 200)
        .inputs(600)
        .run();
  }

  private int exchange(String method, String target, byte[] body, String... headers)
      throws RefusedException {
    RawClient.Answer answer;
    try {
      answer = client.send(method, target, body, headers);
      while (answer.status() == 100) {
        answer = client.read(false);
      }
    } catch (UncheckedIOException closed) {
      client.close();
      client = server.client();
      throw new RefusedException("closed");
    }
    if ("close".equals(answer.header("connection"))) {
      client.close();
      client = server.client();
    }
    return judged(answer.status(), answer.text());
  }

  private int converse(byte[] input) throws RefusedException {
    ByteArrayOutputStream answers = new ByteArrayOutputStream();
    try (Socket socket = new Socket("127.0.0.1", server.port)) {
      socket.setSoTimeout(SILENCE_MILLIS);
      socket.getOutputStream().write(input);
      byte[] part = new byte[4_096];
      for (int n = socket.getInputStream().read(part);
          n >= 0 && answers.size() < 64 << 10;
          n = socket.getInputStream().read(part)) {
        answers.write(part, 0, n);
      }
    } catch (SocketTimeoutException said) {
      // It waits for more, and so would a client: that is all it says.
    } catch (IOException closed) {
      // As good as a refusal.
    }
    Matcher status = STATUS.matcher(answers.toString(StandardCharsets.ISO_8859_1));
    int last = 0;
    while (status.find()) {
      last = judged(Integer.parseInt(status.group(1)), answers.toString(StandardCharsets.UTF_8));
    }
    if (last == 0) {
      throw new RefusedException("no answer");
    }
    return last;
  }

  private int judged(int status, String text) throws RefusedException {
    if (status == UNKNOWN_VERSION) {
      throw new RefusedException("another version of HTTP");
    }
    if (status >= 500 || INSIDE.matcher(text).find() || !failures.isEmpty()) {
      AssertionError fault = new AssertionError("answered " + status + " " + text);
      failures.forEach(fault::addSuppressed);
      failures.clear();
      throw fault;
    }
    if (status >= 400) {
      throw new RefusedException(status + " " + text);
    }
    return status;
  }

  private static byte[] body(Random random) {
    return bytes(
        switch (random.nextInt(5)) {
          case 0 -> "1{\"ttlSeconds\":" + (1 + random.nextInt(100)) + "}";
          case 1 -> "2{\"revision\":1}";
          case 2 -> "3{\"name\":\"n2\",\"peerUrls\":[\"http://127.0.0.1:1\"],\"learner\":true}";
          case 3 -> "4{\"member\":\"n1\"}";
          default ->
              "0{\"compare\":[{\"key\":\"a\",\"target\":\"version\",\"op\":\">\",\"value\":0}],"
                  + "\"then\":[{\"put\":{\"key\":\"a\",\"value\":\"b\"}},{\"get\":{\"prefix\":\"c\"}}],"
                  + "\"else\":[{\"txn\":{\"then\":[{\"delete\":{\"keyBase64\":\"AAE=\"}}]}}]}";
        });
  }

  private static byte[] request(Random random) {
    return bytes(
        switch (random.nextInt(4)) {
          case 0 -> "GET /v1/kv/a HTTP/1.1\r\nHost: x\r\n\r\n";
          case 1 -> "PUT /v1/kv/a?lease=0 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
          case 2 ->
              "PUT /v1/kv/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                  + "3\r\nabc\r\n0\r\n\r\nGET /version HTTP/1.1\r\n\r\n";
          default -> "GET /v1/watch?from=1 HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 3\r\n\r\n";
        });
  }

  /** What the first byte chooses: in samples it is a digit. */
  private static int kind(byte[] input, int kinds) {
    return input.length == 0 ? 0 : Math.floorMod(input[0] - '0', kinds);
  }

  /** Without what ends a request line. */
  private static String visible(byte[] input) {
    StringBuilder text = new StringBuilder();
    for (byte each : input) {
      char c = (char) (each & 0xff);
      text.append(c <= ' ' || c == 0x7f ? '.' : c);
    }
    return text.toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
