package io.balsa.jetcd;

import static io.balsa.jetcd.Answers.LIMIT;
import static io.balsa.jetcd.Answers.answer;
import static io.balsa.jetcd.Answers.bytes;
import static io.balsa.jetcd.Answers.failure;
import static io.balsa.jetcd.Answers.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.cluster.Await;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Maintenance;
import io.etcd.jetcd.cluster.Member;
import io.etcd.jetcd.maintenance.AlarmMember;
import io.etcd.jetcd.maintenance.AlarmType;
import io.etcd.jetcd.maintenance.HashKVResponse;
import io.etcd.jetcd.maintenance.SnapshotResponse;
import io.etcd.jetcd.maintenance.StatusResponse;
import io.etcd.jetcd.options.CompactOption;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.support.Observers;
import java.io.ByteArrayOutputStream;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** An operator looks after the members. */
final class MaintenancePart {
  private static final int FILL_PUTS_MAX = 64;
  private static final int FILL_BYTES = 1_000_000;

  private final Client client;
  private final Recorder recorder;
  private final KV kv;
  private final Maintenance maintenance;
  private final List<String> endpoints;

  MaintenancePart(Client client, Deployment deployment, Recorder recorder) {
    this.client = client;
    this.recorder = recorder;
    this.kv = client.getKVClient();
    this.maintenance = client.getMaintenanceClient();
    this.endpoints = deployment.endpoints().stream().map(Object::toString).toList();
  }

  void run() {
    statuses();
    hashes();
    snapshots();
    leaderMoves();
    full();
  }

  private StatusResponse status(String endpoint) {
    return answer(maintenance.statusMember(endpoint));
  }

  private Set<Long> ids() {
    return answer(client.getClusterClient().listMember()).getMembers().stream()
        .map(Member::getId)
        .collect(Collectors.toSet());
  }

  private void statuses() {
    Set<Long> ids = ids();
    for (String endpoint : endpoints) {
      StatusResponse status = status(endpoint);
      assertThat(status.getVersion()).startsWith("3.4.");
      assertThat(status.getDbSize()).isPositive();
      assertThat(status.getDbSizeInUse()).isBetween(1L, status.getDbSize());
      assertThat(status.getRaftTerm()).isPositive();
      assertThat(status.getRaftIndex()).isPositive();
      assertThat(status.getRaftAppliedIndex()).isPositive();
      assertThat(status.getErrorList()).isEmpty();
      assertThat(status.isLearner()).isFalse();
      assertThat(ids).contains(status.getLeader(), status.getHeader().getMemberId());
      answer(maintenance.defragmentMember(endpoint));
    }
  }

  private void hashes() {
    long revision = answer(kv.put(bytes("hash"), bytes("1"))).getHeader().getRevision();
    Set<Integer> hashes =
        endpoints.stream()
            .map(
                endpoint -> Await.value("applied", LIMIT, () -> hash(endpoint, revision)).getHash())
            .collect(Collectors.toSet());
    assertThat(hashes).hasSize(1);
    answer(kv.put(bytes("hash"), bytes("2")));
    HashKVResponse before = answer(maintenance.hashKV(endpoints.get(0), revision));
    assertThat(before.getHash()).isEqualTo(hashes.iterator().next());
    assertThat(before.getCompacted()).isPositive().isLessThan(revision);
    assertThat(answer(maintenance.hashKV(endpoints.get(0), 0)).getHash())
        .isNotEqualTo(before.getHash());
    assertThat(refusal(maintenance.hashKV(endpoints.get(0), revision + 1_000)))
        .isEqualTo("OUT_OF_RANGE etcdserver: mvcc: required revision is a future revision");
  }

  /** Empty while that member has not come to this revision. */
  private Optional<HashKVResponse> hash(String endpoint, long revision) {
    return status(endpoint).getHeader().getRevision() < revision
        ? Optional.empty()
        : Optional.of(answer(maintenance.hashKV(endpoint, revision)));
  }

  private void snapshots() {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    assertThat(answer(maintenance.snapshot(file))).isEqualTo(file.size()).isPositive();
    List<SnapshotResponse> parts = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> end = new CompletableFuture<>();
    maintenance.snapshot(
        Observers.<SnapshotResponse>builder()
            .onNext(parts::add)
            .onError(end::completeExceptionally)
            .onCompleted(() -> end.complete(null))
            .build());
    answer(end);
    assertThat(parts.stream().mapToInt(part -> part.getBlob().size()).sum()).isPositive();
    List<Long> remaining = parts.stream().map(SnapshotResponse::getRemainingBytes).toList();
    assertThat(remaining).isSortedAccordingTo(Comparator.reverseOrder()).endsWith(0L);
  }

  private void leaderMoves() {
    long leader = status(endpoints.get(0)).getLeader();
    String at =
        endpoints.stream()
            .filter(endpoint -> status(endpoint).getHeader().getMemberId() == leader)
            .findFirst()
            .orElseThrow();
    String other = endpoints.stream().filter(each -> !each.equals(at)).findFirst().orElseThrow();
    long target = status(other).getHeader().getMemberId();
    try (Client follower = recorder.record(Client.builder().endpoints(other).build());
        Client alone = recorder.record(Client.builder().endpoints(at).build())) {
      assertThat(refusal(follower.getMaintenanceClient().moveLeader(target)))
          .isEqualTo("FAILED_PRECONDITION etcdserver: not leader");
      assertThat(refusal(alone.getMaintenanceClient().moveLeader(1234)))
          .isEqualTo("FAILED_PRECONDITION etcdserver: bad leader transferee");
      answer(alone.getMaintenanceClient().moveLeader(target));
    }
    for (String endpoint : endpoints) {
      Await.until("all follow the new leader", LIMIT, () -> status(endpoint).getLeader() == target);
    }
  }

  /** Fills the quota; then there is an alarm, until there is space and it is disarmed. */
  private void full() {
    assertThat(answer(maintenance.listAlarms()).getAlarms()).isEmpty();
    Optional<Throwable> refused = Optional.empty();
    for (int i = 0; i < FILL_PUTS_MAX && refused.isEmpty(); i++) {
      refused = failure(kv.put(bytes("fill/" + i), ByteSequence.from(new byte[FILL_BYTES])));
    }
    assertThat(refused.map(Answers::describe))
        .contains("RESOURCE_EXHAUSTED etcdserver: mvcc: database space exceeded");
    Await.until("an alarm", LIMIT, () -> !answer(maintenance.listAlarms()).getAlarms().isEmpty());
    List<AlarmMember> alarms = answer(maintenance.listAlarms()).getAlarms();
    assertThat(alarms).allMatch(alarm -> alarm.getAlarmType() == AlarmType.NOSPACE);
    assertThat(ids()).containsAll(alarms.stream().map(AlarmMember::getMemberId).toList());
    List<AlarmMember> disarmed = answer(maintenance.alarmDisarm(alarms.get(0))).getAlarms();
    assertThat(disarmed).isNotEmpty().allMatch(alarm -> alarm.getAlarmType() == AlarmType.NOSPACE);

    long revision =
        answer(kv.delete(bytes("fill/"), DeleteOption.builder().isPrefix(true).build()))
            .getHeader()
            .getRevision();
    answer(kv.compact(revision, CompactOption.builder().withCompactPhysical(true).build()));
    for (String endpoint : endpoints) {
      answer(maintenance.defragmentMember(endpoint));
    }
    for (AlarmMember alarm : answer(maintenance.listAlarms()).getAlarms()) {
      answer(maintenance.alarmDisarm(alarm));
    }
    assertThat(answer(maintenance.listAlarms()).getAlarms()).isEmpty();
    answer(kv.put(bytes("fill/last"), bytes("1")));
  }
}
