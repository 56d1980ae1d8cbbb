package io.balsa.cluster;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Sends bytes that no HTTP library would send. */
final class RawHttp {
  private static final int CONNECT_MILLIS = 2_000;
  private static final int SILENCE_MILLIS = 15_000;

  private RawHttp() {}

  /**
   * One request on a connection of its own.
   *
   * @param target as it stands in the request line
   * @param body null for none
   * @param headers whole lines, beside host, length and connection
   */
  static Answer send(
      ClientPort endpoint, String method, String target, byte[] body, String... headers)
      throws IOException {
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
    head.append("Host: ").append(endpoint.base().getAuthority()).append("\r\n");
    head.append("Connection: close\r\n");
    if (body != null) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    head.append("\r\n");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    if (body != null) {
      bytes.writeBytes(body);
    }
    return exchange(endpoint, bytes.toByteArray());
  }

  /** Sends {@code bytes} and reads one answer. */
  static Answer exchange(ClientPort endpoint, byte[] bytes) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(SILENCE_MILLIS);
      socket.connect(
          new InetSocketAddress(endpoint.base().getHost(), endpoint.base().getPort()),
          CONNECT_MILLIS);
      IOException cutOff = null;
      try {
        socket.getOutputStream().write(bytes);
      } catch (IOException refusedBeforeAllWasSent) {
        cutOff = refusedBeforeAllWasSent;
      }
      try {
        return answer(new BufferedInputStream(socket.getInputStream()));
      } catch (IOException e) {
        if (cutOff != null) {
          e.addSuppressed(cutOff);
        }
        throw e;
      }
    }
  }

  private static Answer answer(InputStream in) throws IOException {
    int status = Integer.parseInt(ServerSentEvents.headerLine(in).split(" ")[1]);
    Map<String, List<String>> headers = new TreeMap<>();
    String line;
    while (!(line = ServerSentEvents.headerLine(in)).isEmpty()) {
      int colon = line.indexOf(':');
      headers
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    byte[] body;
    if (headers.containsKey("transfer-encoding")) {
      body = new ServerSentEvents.Chunks(in).readAllBytes();
    } else {
      int length = Integer.parseInt(headers.getOrDefault("content-length", List.of("0")).get(0));
      body = in.readNBytes(length);
      if (body.length < length) {
        throw new EOFException("the body ended after " + body.length + " of " + length + " bytes");
      }
    }
    return Answer.of(status, HttpHeaders.of(headers, (name, value) -> true), body);
  }
}
