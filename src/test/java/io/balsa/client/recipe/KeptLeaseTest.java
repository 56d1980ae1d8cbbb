package io.balsa.client.recipe;

import static io.balsa.client.recipe.TestMember.await;
import static io.balsa.client.recipe.TestMember.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.client.BalsaClient;
import io.balsa.client.BalsaException;
import io.balsa.client.Lease;
import io.balsa.client.OutcomeUnknownException;
import io.balsa.client.PutOptions;
import io.balsa.client.RefusedException;
import io.balsa.client.WatchOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptLeaseTest {
  @TempDir private static Path directory;
  private static TestMember member;

  @BeforeAll
  static void start() throws Exception {
    member = new TestMember(directory);
  }

  @AfterAll
  static void stop() throws Exception {
    member.close();
  }

  private static Future<Void> deletion(BalsaClient client, String key) throws Exception {
    Promise<Void> deleted = Promise.promise();
    await(client.watch(WatchOptions.ofKey(key)))
        .handler(
            event -> {
              if (event.changes().get(0).isDelete()) {
                deleted.tryComplete();
              }
            });
    return deleted.future();
  }

  @Test
  void livesLongerThanItsTimeToLive() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient client = member.client(link);
    Lease lease = await(client.lease(1));
    assertThat(lease.ttlSeconds()).isEqualTo(1);
    await(client.put("lives", Buffer.buffer(), new PutOptions().setLeaseId(lease.id())));

    while (link.renewed.get() < 4) { // One each third of a second.
      await(member.vertx.timer(10));
    }

    assertThat(await(client.get("lives"))).isNotNull();
    assertThat(lease.ended().isComplete()).isFalse();
    Future<Void> deleted = deletion(client, "lives");
    await(lease.revoke());
    await(deleted);
    await(lease.ended());
    await(lease.revoke());
    await(client.close());
  }

  @Test
  void isLostWhenNoRenewalIsAnsweredForItsWholeTime() throws Exception {
    List<FaultyLink.Fault> faults =
        List.of(FaultyLink.Fault.NO_ANSWER, FaultyLink.Fault.NOT_SENT, FaultyLink.Fault.REFUSED);
    List<FaultyLink> links = new ArrayList<>();
    List<Lease> leases = new ArrayList<>();
    long asked = System.nanoTime();
    for (FaultyLink.Fault fault : faults) {
      FaultyLink link = member.faultyLink();
      links.add(link);
      link.renewals = fault;
      leases.add(await(member.client(link).lease(1)));
    }

    for (Lease lease : leases) {
      Throwable failure = failure(lease.ended());

      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - asked);
      assertThat(millis).isGreaterThanOrEqualTo(990);
      assertThat(failure).isInstanceOf(OutcomeUnknownException.class);
      assertThat(((BalsaException) failure).kind()).isEqualTo("lease-lost");
      await(lease.revoke());
    }
    for (FaultyLink link : links) {
      assertThat(link.renewed.get()).as("attempts").isGreaterThan(4);
    }
  }

  @Test
  void countsFromWhenItWasAskedFor() throws Exception {
    FaultyLink link = member.faultyLink();
    link.grantMillis = 700;
    link.renewals = FaultyLink.Fault.NOT_SENT;
    BalsaClient client = member.client(link);
    Lease lease = await(client.lease(1));
    Future<?> itsTimeFromTheAnswer = member.vertx.timer(1_000);

    failure(lease.ended());

    assertThat(itsTimeFromTheAnswer.isComplete()).isFalse();
    await(client.close());
  }

  @Test
  void survivesRenewalsThatFailForLessThanItsTime() throws Exception {
    FaultyLink link = member.faultyLink();
    link.renewals = FaultyLink.Fault.REFUSED;
    BalsaClient client = member.client(link);
    Lease lease = await(client.lease(1));
    while (link.renewed.get() < 3) {
      await(member.vertx.timer(10));
    }

    link.renewals = FaultyLink.Fault.NONE;
    int failed = link.renewed.get();
    while (link.renewed.get() < failed + 4) { // More than its time in all.
      await(member.vertx.timer(10));
    }

    assertThat(lease.ended().isComplete()).isFalse();
    await(client.close());
  }

  @Test
  void endsAtOnceWhenTheClusterDoesNotKnowIt() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient client = member.client(link);
    Lease lease = await(client.lease(1));

    await(link.expire(lease.id()));
    int before = link.renewed.get();

    Throwable failure = failure(lease.ended());
    assertThat(((RefusedException) failure).kind()).isEqualTo("lease-not-found");
    assertThat(link.renewed.get()).isEqualTo(before + 1);
    await(client.close());
  }

  @Test
  void isRevokedThoughTheFirstAnswersAreLost() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient client = member.client(link);
    Lease lease = await(client.lease(10));
    link.nextWrites(
        FaultyLink.Fault.NOT_SENT, FaultyLink.Fault.REFUSED, FaultyLink.Fault.NO_ANSWER);

    await(lease.revoke());

    await(lease.ended());
    await(client.close());
  }

  @Test
  void isRevokedWhenTheClientIsClosedAlsoIfItIsGrantedMeanwhile() throws Exception {
    BalsaClient other = member.client();
    FaultyLink link = member.faultyLink();
    BalsaClient client = member.client(link);
    Lease lease = await(client.lease(1_000));
    await(client.put("closed", Buffer.buffer(), new PutOptions().setLeaseId(lease.id())));

    Future<Lease> late = client.lease(1_000);
    await(client.close());

    assertThat(await(other.get("closed"))).isNull();
    assertThat(((RefusedException) failure(late)).kind()).isEqualTo("client-closed");
    assertThat(link.memory().leases()).isEmpty();
    assertThat(((RefusedException) failure(client.lease(1))).kind()).isEqualTo("client-closed");
    await(other.close());
  }

  @Test
  void aTimeToLiveOfNoneIsRefused() throws Exception {
    BalsaClient client = member.client();

    assertThat(((RefusedException) failure(client.lease(0))).kind()).isEqualTo("invalid");

    await(client.close());
  }
}
