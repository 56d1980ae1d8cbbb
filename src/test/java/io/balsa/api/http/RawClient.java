package io.balsa.api.http;

import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.TreeMap;

/**
 * HTTP/1.1 over one blocking socket, nothing added and nothing normalised: what a test writes is
 * what is sent.
 */
final class RawClient implements Closeable {
  private static final int TIMEOUT_MILLIS = 20_000;

  private final Socket socket;
  private final InputStream in;

  RawClient(int port) {
    try {
      socket = new Socket("127.0.0.1", port);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A response; names of headers in lower case. */
  record Answer(int status, TreeMap<String, String> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    JsonObject json() {
      return new JsonObject(text());
    }

    String header(String name) {
      return headers.get(name.toLowerCase(Locale.ROOT));
    }
  }

  Answer send(String method, String target, String... headers) {
    return send(method, target, null, headers);
  }

  Answer send(String method, String target, byte[] body, String... headers) {
    write(method, target, body, headers);
    return read(method.equals("HEAD"));
  }

  void write(String method, String target, byte[] body, String... headers) {
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: test\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    if (body != null) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    if (body != null) {
      write(body);
    }
  }

  void write(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Answer read(boolean head) {
    try {
      Answer answer = readHead();
      if (head || answer.status() == 304 || answer.status() == 100) {
        return answer;
      }
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      if ("chunked".equals(answer.header("transfer-encoding"))) {
        for (byte[] chunk = readChunk(); chunk.length > 0; chunk = readChunk()) {
          body.writeBytes(chunk);
        }
      } else {
        body.writeBytes(readFully(Integer.parseInt(answer.header("content-length"))));
      }
      return new Answer(answer.status(), answer.headers(), body.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Answer readHead() throws IOException {
    String status = readLine();
    TreeMap<String, String> headers = new TreeMap<>();
    for (String line = readLine(); !line.isEmpty(); line = readLine()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return new Answer(Integer.parseInt(status.split(" ")[1]), headers, new byte[0]);
  }

  /** The next chunk of a chunked body; empty: the end. */
  byte[] readChunk() throws IOException {
    int size = Integer.parseInt(readLine(), 16);
    byte[] chunk = readFully(size);
    readLine();
    return chunk;
  }

  /** Whether the server has closed the connection, after reading what it still sent. */
  boolean isClosedByServer() {
    try {
      while (in.read() >= 0) {
        continue;
      }
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private String readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("connection closed in the middle of a line");
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  private byte[] readFully(int size) throws IOException {
    byte[] bytes = in.readNBytes(size);
    if (bytes.length < size) {
      throw new EOFException("connection closed in the middle of a body");
    }
    return Arrays.copyOf(bytes, size);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
