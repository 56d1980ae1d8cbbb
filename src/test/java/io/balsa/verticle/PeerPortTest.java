package io.balsa.verticle;

import static io.balsa.verticle.TestPeer.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.engine.entry.EntryGrants;
import io.balsa.storage.DataDir;
import io.balsa.storage.NoteFile;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.verticle.peer.PeerOptions;
import io.balsa.verticle.peer.PeerPort;
import io.balsa.wire.proto.EnterRequest;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerPortTest {
  private static final EntryGrants.Callee CALLEE = new EntryGrants.Callee(0xc, 1, Set.of(1L, 2L));
  private static final PeerOptions OPTIONS = options();
  private static final Buffer QUESTION = question();

  // One thread of each kind, so that what was begun first is over first.
  private final Vertx vertx =
      Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() {
    await(vertx.close());
  }

  @Test
  void whoAsksToEnterMayGoBeforeTheAnswer() throws Exception {
    vertx.exceptionHandler(failures::add);
    EntryGrants grants = EntryGrants.open(note());
    await(PeerPort.open(vertx, OPTIONS, grants, CALLEE));
    HttpClientRequest impatient = ask();
    synchronized (grants) { // Nothing is granted meanwhile.
      impatient.end(QUESTION);
      await(impatient.connection().ping(Buffer.buffer("has come")));
      await(impatient.connection().shutdown(0, TimeUnit.SECONDS));
      await(ask().connection().ping(Buffer.buffer("has gone")));
    }

    HttpClientRequest patient = ask();
    patient.end(QUESTION);

    assertThat(await(patient.response()).statusCode()).isEqualTo(200);
    assertThat(failures).isEmpty();
  }

  private HttpClientRequest ask() {
    return RawCall.request(vertx, OPTIONS.port(), "Enter");
  }

  private static Buffer question() {
    byte[] message =
        EnterRequest.newBuilder()
            .setClusterId(CALLEE.clusterId())
            .setMemberId(2)
            .setName("n2")
            .build()
            .toByteArray();
    return Buffer.buffer().appendByte((byte) 0).appendInt(message.length).appendBytes(message);
  }

  private static NoteFile note() throws StorageException {
    try (DataDir directory =
        DataDir.open(new SimulatedFileSystem(new Random(1)), Path.of("/data"))) {
      return directory.note("entry");
    }
  }

  private static PeerOptions options() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return PeerOptions.of(
          CALLEE.memberId(),
          "n1",
          CALLEE.clusterId(),
          "127.0.0.1",
          socket.getLocalPort(),
          1 << 20,
          new Random(1));
    } catch (IOException e) {
      throw new AssertionError("finding a port", e);
    }
  }
}
