package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Counters kept by blind writes that are sent until they are answered: without {@code
 * Idempotency-Key} each write of unknown outcome could count twice. The version of a key counts the
 * writes that were applied.
 */
class ExactlyOnceTest {
  private static final int CLIENTS = 8;
  private static final int WRITES_EACH = 60;
  private static final int WRITES = CLIENTS * WRITES_EACH;
  private static final int CONNECT_MILLIS = 2_000;

  @RegisterExtension final Servers servers = new Servers();

  private final Random random = Seed.random(getClass());
  private final AtomicInteger done = new AtomicInteger();
  private final AtomicInteger cut = new AtomicInteger();
  private final AtomicInteger unknown = new AtomicInteger();

  @Test
  void everyWriteCountsOnceThoughConnectionsAreCutAndTheLeaderIsKilled() throws Exception {
    TestCluster cluster = servers.cluster(3);
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    servers.closeLater(threads::shutdownNow);
    List<Future<?>> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      Client client = new Client(cluster, "client" + i, i, new Random(random.nextLong()));
      clients.add(threads.submit(client::run));
    }
    Await.until(
        "half of the writes are done", Duration.ofSeconds(60), () -> done.get() >= WRITES / 2);
    ServerProcess leader = cluster.leader();
    leader.kill();
    for (Future<?> client : clients) {
      client.get(90, TimeUnit.SECONDS);
    }
    leader.start();
    leader.awaitReady();
    cluster.awaitAgreement();

    for (ServerProcess member : cluster.members()) {
      assertThat(member.endpoint().get(ClientPort.kv("all")).version())
          .as("writes counted at %s", member)
          .isEqualTo(WRITES);
      for (int i = 0; i < CLIENTS; i++) {
        assertThat(member.endpoint().get(ClientPort.kv("client" + i)).version())
            .as("writes of client %d counted at %s", i, member)
            .isEqualTo(WRITES_EACH);
      }
      assertThat(member.alarms()).as("log of %s", member).isEmpty();
    }
    assertThat(cut.get()).as("connections cut").isGreaterThan(WRITES / 4);
    System.out.printf(
        "%d writes, %d cut, %d of unknown outcome%n", WRITES, cut.get(), unknown.get());
  }

  /** One session. */
  private final class Client {
    private final TestCluster cluster;
    private final String name;
    private final FailoverClient http;
    private final Random random;
    private final String session;

    Client(TestCluster cluster, String name, int first, Random random) {
      this.cluster = cluster;
      this.name = name;
      this.http = cluster.client(first);
      this.random = random;
      this.session =
          http.write("POST", "/v1/leases", "{\"ttlSeconds\":600}".getBytes(StandardCharsets.UTF_8))
              .json()
              .getString("id");
    }

    void run() {
      for (int sequence = 1; sequence <= WRITES_EACH; sequence++) {
        String key = '"' + session + '-' + sequence + '"';
        byte[] txn =
            ("{\"then\":[{\"put\":{\"key\":\"all\",\"value\":\"%s\"}},"
                    + "{\"put\":{\"key\":\"%s\",\"value\":\"%d\"}}]}")
                .formatted(name, name, sequence)
                .getBytes(StandardCharsets.UTF_8);
        if (random.nextBoolean()) {
          sendAndCut(txn, key);
        }
        Answer answer = untilAnswered(txn, key);
        done.incrementAndGet();
        assertThat(answer.isApplied()).as("%s", answer).isTrue();
        Answer again =
            cluster.client(random.nextInt(3)).write("POST", "/v1/txn", txn, "Idempotency-Key", key);
        if (again.outcome() != Outcome.UNKNOWN) {
          assertThat(again.status()).isEqualTo(answer.status());
          assertThat(again.text()).isEqualTo(answer.text());
        }
      }
    }

    private Answer untilAnswered(byte[] txn, String key) {
      while (true) {
        Answer answer = http.write("POST", "/v1/txn", txn, "Idempotency-Key", key);
        if (answer.outcome() != Outcome.UNKNOWN) {
          return answer;
        }
        unknown.incrementAndGet();
      }
    }

    /** Sends the request to a member, and is gone before the answer. */
    private void sendAndCut(byte[] txn, String key) {
      List<ClientPort> endpoints = cluster.endpoints();
      ClientPort endpoint = endpoints.get(random.nextInt(endpoints.size()));
      String head =
          "POST /v1/txn HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\nIdempotency-Key: %s\r\n\r\n"
              .formatted(endpoint.base().getAuthority(), txn.length, key);
      try (Socket socket = new Socket()) {
        socket.connect(
            new InetSocketAddress(endpoint.base().getHost(), endpoint.base().getPort()),
            CONNECT_MILLIS);
        socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().write(txn);
        cut.incrementAndGet();
      } catch (ConnectException | SocketTimeoutException notRunning) {
        return; // The member that was killed.
      } catch (IOException killedMeanwhile) {
        cut.incrementAndGet();
      }
    }
  }
}
