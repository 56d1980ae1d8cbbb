package io.balsa.jetcd;

import static io.balsa.jetcd.Answers.LIMIT;
import static io.balsa.jetcd.Answers.answer;
import static io.balsa.jetcd.Answers.failure;
import static io.balsa.jetcd.Answers.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.cluster.Await;
import io.balsa.jetcd.Deployment.Node;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Cluster;
import io.etcd.jetcd.cluster.Member;
import io.etcd.jetcd.cluster.MemberAddResponse;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A fourth member joins as a learner, is promoted, moved and removed. */
final class ClusterPart {
  private static final String BEHIND =
      "FAILED_PRECONDITION etcdserver: can only promote a learner member which is in sync with"
          + " leader";
  private static final String TOO_FEW =
      "UNKNOWN etcdserver: re-configuration failed due to not enough started members";
  private static final String NOT_FOUND = "NOT_FOUND etcdserver: member not found";

  private final Cluster cluster;
  private final Deployment deployment;

  ClusterPart(Client client, Deployment deployment) {
    this.cluster = client.getClusterClient();
    this.deployment = deployment;
  }

  private List<Member> members() {
    return answer(cluster.listMember()).getMembers();
  }

  /** Asks until all members know each other, or the learner has caught up. */
  private static <T> T done(Supplier<CompletableFuture<T>> call) {
    return Await.value(
        "the members are ready for it",
        LIMIT,
        () -> {
          CompletableFuture<T> future = call.get();
          if (failure(future).isEmpty()) {
            return Optional.of(answer(future));
          }
          assertThat(refusal(future)).matches("UNAVAILABLE .*|" + TOO_FEW + "|" + BEHIND);
          return Optional.empty();
        });
  }

  /** How it was refused, by a cluster that has a leader. */
  private static String refused(Supplier<CompletableFuture<?>> call) {
    return Await.value(
        "a leader refuses it",
        LIMIT,
        () -> Optional.of(refusal(call.get())).filter(text -> !text.startsWith("UNAVAILABLE ")));
  }

  void run() {
    for (Node node : deployment.members()) {
      Await.until(
          node.name() + " is listed",
          LIMIT,
          () ->
              members().stream()
                  .anyMatch(
                      member ->
                          member.getName().equals(node.name())
                              && member.getPeerURIs().equals(List.of(node.peerUrl()))
                              && member.getClientURIs().equals(List.of(node.clientUrl()))
                              && !member.isLearner()));
    }
    assertThat(members()).hasSize(3);

    Node fourth = deployment.fourth();
    List<URI> urls = List.of(fourth.peerUrl());
    List<URI> elsewhere = List.of(URI.create("http://127.0.0.1:1"));
    MemberAddResponse added = done(() -> cluster.addMember(urls, true));
    long id = added.getMember().getId();
    assertThat(added.getMembers()).hasSize(4);
    assertThat(added.getMember().isLearner()).isTrue();
    assertThat(added.getMember().getName()).isEmpty();
    assertThat(refused(() -> cluster.addMember(elsewhere, true)))
        .isEqualTo("FAILED_PRECONDITION etcdserver: too many learner members in cluster");
    assertThat(refused(() -> cluster.promoteMember(id))).isEqualTo(BEHIND);

    fourth.start();
    assertThat(done(() -> cluster.promoteMember(id)).getMembers()).hasSize(4);
    assertThat(refused(() -> cluster.promoteMember(id)))
        .isEqualTo("FAILED_PRECONDITION etcdserver: can only promote a learner member");
    assertThat(members()).noneMatch(Member::isLearner).hasSize(4);

    assertThat(done(() -> cluster.updateMember(id, elsewhere)).getMembers())
        .filteredOn(member -> member.getId() == id)
        .singleElement()
        .satisfies(member -> assertThat(member.getPeerURIs()).isEqualTo(elsewhere));
    done(() -> cluster.updateMember(id, urls));
    assertThat(done(() -> cluster.removeMember(id)).getMembers())
        .hasSize(3)
        .noneMatch(member -> member.getId() == id);
    fourth.kill();

    assertThat(refused(() -> cluster.removeMember(id))).isEqualTo(NOT_FOUND);
    assertThat(refused(() -> cluster.updateMember(id, urls))).isEqualTo(NOT_FOUND);
    assertThat(refused(() -> cluster.promoteMember(id))).isEqualTo(NOT_FOUND);
    long voter = done(() -> cluster.addMember(elsewhere)).getMember().getId();
    assertThat(members()).hasSize(4).noneMatch(Member::isLearner);
    done(() -> cluster.removeMember(voter));
    assertThat(members()).hasSize(3);
  }
}
