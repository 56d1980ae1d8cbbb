package io.balsa.cluster;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The client port of one member. */
record ClientPort(URI base) {
  // HTTP/1.1: this client would otherwise ask for an upgrade, and share one connection for all.
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  /** Longer than any member lets a request wait. */
  private static final Duration LIMIT = Duration.ofSeconds(15);

  static ClientPort ofPort(int port) {
    return new ClientPort(URI.create("http://127.0.0.1:" + port));
  }

  /** The path of a key; slashes and plus signs stand for themselves. */
  static String kv(String key) {
    StringBuilder path = new StringBuilder("/v1/kv/");
    for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (c < 0x80 && (Character.isLetterOrDigit(c) || "-._~/+".indexOf(c) >= 0)) {
        path.append(c);
      } else {
        path.append('%').append(String.format("%02X", (int) c));
      }
    }
    return path.toString();
  }

  Answer get(String path, String... headers) {
    return send("GET", path, null, headers);
  }

  Answer put(String key, String value, String... headers) {
    return send("PUT", kv(key), value.getBytes(StandardCharsets.UTF_8), headers);
  }

  Answer post(String path, String json) {
    return send("POST", path, json.getBytes(StandardCharsets.UTF_8));
  }

  Answer delete(String path) {
    return send("DELETE", path, null);
  }

  /**
   * Sends one request once.
   *
   * @param body null for none
   * @param headers names and values in turn
   */
  Answer send(String method, String path, byte[] body, String... headers) {
    return send(LIMIT, method, path, body, headers);
  }

  /**
   * Sends one request once.
   *
   * @param limit how long to wait for the answer
   * @param body null for none
   * @param headers names and values in turn
   */
  Answer send(Duration limit, String method, String path, byte[] body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(limit)
            .method(
                method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return Answer.of(CLIENT.send(request.build(), BodyHandlers.ofByteArray()));
    } catch (ConnectException | HttpConnectTimeoutException notSent) {
      return Answer.none(Outcome.REFUSED, notSent);
    } catch (IOException broken) {
      return Answer.none(Outcome.UNKNOWN, broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }
}
