package io.balsa.jetcd;

import static io.balsa.jetcd.Answers.LIMIT;
import static io.balsa.jetcd.Answers.answer;
import static io.balsa.jetcd.Answers.bytes;
import static io.balsa.jetcd.Answers.refusal;
import static io.balsa.jetcd.Answers.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.cluster.Await;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.election.CampaignResponse;
import io.etcd.jetcd.election.LeaderKey;
import io.etcd.jetcd.election.LeaderResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Two candidates lead one after the other; an observer sees it. */
final class ElectionPart {
  private static final ByteSequence NAME = bytes("election/e");

  private final Lease lease;
  private final Election election;
  private final List<String> observed = new CopyOnWriteArrayList<>();
  private final List<Throwable> errors = new CopyOnWriteArrayList<>();

  ElectionPart(Client client) {
    this.lease = client.getLeaseClient();
    this.election = client.getElectionClient();
  }

  private void awaitObserved(String... values) {
    Await.until("observed: " + List.of(values), LIMIT, () -> observed.size() >= values.length);
    assertThat(observed).containsExactly(values);
  }

  void run() {
    assertThat(refusal(election.leader(NAME))).isEqualTo("NoLeaderException null");
    long first = answer(lease.grant(60)).getID();
    long second = answer(lease.grant(60)).getID();
    LeaderKey leader = answer(election.campaign(NAME, first, bytes("one"))).getLeader();
    assertThat(leader.getName()).isEqualTo(NAME);
    assertThat(text(leader.getKey())).isEqualTo("election/e/" + Long.toHexString(first));
    assertThat(leader.getLease()).isEqualTo(first);
    LeaderResponse known = answer(election.leader(NAME));
    assertThat(text(known.getKv().getValue())).isEqualTo("one");
    assertThat(known.getKv().getCreateRevision()).isEqualTo(leader.getRevision());

    election.observe(
        NAME,
        new Election.Listener() {
          @Override
          public void onNext(LeaderResponse response) {
            observed.add(text(response.getKv().getValue()));
          }

          @Override
          public void onError(Throwable failure) {
            errors.add(failure);
          }

          @Override
          public void onCompleted() {
            observed.add("completed");
          }
        });
    awaitObserved("one");
    answer(election.proclaim(leader, bytes("one again")));
    awaitObserved("one", "one again");

    CompletableFuture<CampaignResponse> campaign = election.campaign(NAME, second, bytes("two"));
    assertThat(text(answer(election.leader(NAME)).getKv().getValue())).isEqualTo("one again");
    assertThat(campaign).isNotDone();
    answer(election.resign(leader));
    LeaderKey next = answer(campaign).getLeader();
    assertThat(next.getLease()).isEqualTo(second);
    awaitObserved("one", "one again", "two");
    assertThat(refusal(election.proclaim(leader, bytes("three"))))
        .isEqualTo("NotLeaderException null");
    answer(election.resign(leader));
    assertThat(text(answer(election.leader(NAME)).getKv().getValue())).isEqualTo("two");
    answer(lease.revoke(second));
    assertThat(refusal(election.leader(NAME))).isEqualTo("NoLeaderException null");
    assertThat(refusal(election.campaign(NAME, second, bytes("two"))))
        .isEqualTo("UNKNOWN etcdserver: requested lease not found");
    assertThat(errors).isEmpty();
  }
}
