package io.balsa.api.http;

import io.balsa.api.EtcdVersion;
import io.balsa.api.HexId;
import io.balsa.engine.request.Reply.Counters;
import io.balsa.engine.request.Reply.MemberStatus;
import io.balsa.engine.request.Reply.Wal;

/**
 * The state of a member in the text format of Prometheus. Written out of one status at the time of
 * the scrape, so that all figures belong together.
 */
final class MemberMetrics {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final double MICROS_PER_SECOND = 1e6;
  private static final double MILLIS_PER_SECOND = 1e3;

  private final StringBuilder text = new StringBuilder();

  private MemberMetrics() {}

  /**
   * The metrics of a member.
   *
   * @param status null if it did not answer
   */
  static String text(MemberStatus status, String version) {
    MemberMetrics metrics = new MemberMetrics();
    metrics.gauge("balsa_answers", "Whether the replica answered this scrape", status != null);
    if (status != null) {
      metrics.consensus(status, version);
      metrics.store(status);
      metrics.wal(status.wal());
      metrics.counters(status.counters());
      metrics.etcd(status);
    }
    return metrics.text.toString();
  }

  private void consensus(MemberStatus status, String version) {
    head("balsa_info", "The member, its cluster and its version", "gauge");
    text.append("balsa_info{cluster=\"")
        .append(HexId.format(status.clusterId()))
        .append("\",member=\"")
        .append(HexId.format(status.self().id()))
        .append("\",name=\"")
        .append(escaped(status.self().name()))
        .append("\",version=\"")
        .append(escaped(version))
        .append("\"} 1\n");
    boolean leads = status.leader() != null && status.leader().id() == status.self().id();
    gauge("balsa_has_leader", "Whether a leader is known", status.leader() != null);
    gauge("balsa_is_leader", "Whether this member leads", leads);
    gauge("balsa_is_learner", "Whether this member has no vote", status.self().learner());
    gauge("balsa_live", "Whether /livez is good", status.live().isEmpty());
    gauge("balsa_ready", "Whether /readyz is good", status.ready().isEmpty());
    gauge("balsa_term", "The term", status.term());
    gauge("balsa_commit_index", "The last index known to be committed", status.commitIndex());
    gauge("balsa_applied_index", "The last index applied", status.appliedIndex());
  }

  private void store(MemberStatus status) {
    gauge("balsa_revision", "The store's revision", status.revision());
    gauge(
        "balsa_compact_revision", "The lowest revision that can be read", status.compactRevision());
    gauge("balsa_store_keys", "Keys", status.store().keys());
    gauge("balsa_store_revisions", "Versions of keys held", status.store().revisions());
    gauge("balsa_store_bytes", "Estimated bytes of keys and values", status.store().bytes());
  }

  private void wal(Wal wal) {
    counter("balsa_wal_fsyncs_total", "Times that the log was forced to disk", wal.fsyncs());
    counter("balsa_wal_entries_total", "Entries written to the log", wal.entries());
    counter("balsa_wal_bytes_total", "Bytes written to the log", wal.bytes());
    head("balsa_wal_fsync_seconds", "Time to force the log to disk, lately", "gauge");
    quantile("0.5", wal.fsyncMicrosP50());
    quantile("0.99", wal.fsyncMicrosP99());
    quantile("1", wal.fsyncMicrosMax());
  }

  private void counters(Counters counters) {
    counter("balsa_leader_changes_total", "Leaders seen", counters.leaderChanges());
    gauge("balsa_proposals_pending", "Proposals not decided yet", counters.proposalsPending());
    counter(
        "balsa_proposals_applied_total",
        "Proposals of this member applied",
        counters.proposalsApplied());
    counter(
        "balsa_proposals_failed_total",
        "Proposals of this member refused",
        counters.proposalsFailed());
    counter("balsa_reads_total", "Reads served", counters.readsServed());
    gauge("balsa_watches", "Open watches", counters.watches());
    counter("balsa_watches_cut_off_total", "Watches ended because slow", counters.watchesCutOff());
    gauge("balsa_leases", "Leases", counters.leases());
    counter("balsa_leases_expired_total", "Leases expired", counters.leasesExpired());
    counter("balsa_snapshots_taken_total", "Snapshots taken", counters.snapshotsTaken());
    counter(
        "balsa_snapshots_installed_total",
        "Snapshots received from a leader",
        counters.snapshotsInstalled());
  }

  /** What etcd has too, under its names, for dashboards and alerts that were made for it. */
  private void etcd(MemberStatus status) {
    boolean leads = status.leader() != null && status.leader().id() == status.self().id();
    gauge("etcd_server_has_leader", "As balsa_has_leader", status.leader() != null);
    gauge("etcd_server_is_leader", "As balsa_is_leader", leads);
    gauge("etcd_server_is_learner", "As balsa_is_learner", status.self().learner());
    labelled("etcd_server_id", "server_id", HexId.format(status.self().id()));
    labelled("etcd_server_version", "server_version", EtcdVersion.SERVER);
    labelled("etcd_cluster_version", "cluster_version", EtcdVersion.CLUSTER);
    Counters counters = status.counters();
    counter(
        "etcd_server_leader_changes_seen_total",
        "As balsa_leader_changes_total",
        counters.leaderChanges());
    gauge("etcd_server_proposals_committed_total", "As balsa_commit_index", status.commitIndex());
    gauge("etcd_server_proposals_applied_total", "As balsa_applied_index", status.appliedIndex());
    gauge(
        "etcd_server_proposals_pending", "As balsa_proposals_pending", counters.proposalsPending());
    counter(
        "etcd_server_proposals_failed_total",
        "As balsa_proposals_failed_total",
        counters.proposalsFailed());
    gauge(
        "etcd_server_quota_backend_bytes",
        "As balsa_store_quota_bytes",
        status.store().quotaBytes());
    gauge("etcd_mvcc_db_total_size_in_bytes", "As balsa_store_bytes", status.store().bytes());
    gauge(
        "etcd_mvcc_db_total_size_in_use_in_bytes",
        "Estimated bytes of what is not only there for the past",
        status.store().liveBytes());
    gauge("etcd_debugging_mvcc_keys_total", "As balsa_store_keys", status.store().keys());
    gauge("etcd_debugging_mvcc_current_revision", "As balsa_revision", status.revision());
    gauge(
        "etcd_debugging_mvcc_compact_revision",
        "As balsa_compact_revision",
        status.compactRevision());
    gauge("etcd_debugging_mvcc_watcher_total", "As balsa_watches", counters.watches());
    counter(
        "etcd_debugging_server_lease_expired_total",
        "As balsa_leases_expired_total",
        counters.leasesExpired());
    ResidentMemory.bytes()
        .ifPresent(
            bytes ->
                gauge("process_resident_memory_bytes", "Memory that the process holds", bytes));
    fsyncs(status.wal());
  }

  private void fsyncs(Wal wal) {
    String name = "etcd_disk_wal_fsync_duration_seconds";
    head(name, "Time to force the log to disk", "histogram");
    long millis = 1;
    for (long within : wal.fsyncsWithin()) {
      bucket(name, Double.toString(millis / MILLIS_PER_SECOND), within);
      millis *= 2;
    }
    bucket(name, "+Inf", wal.fsyncs());
    text.append(name).append("_sum ").append(wal.fsyncMicrosSum() / MICROS_PER_SECOND);
    text.append('\n').append(name).append("_count ").append(wal.fsyncs()).append('\n');
  }

  private void bucket(String name, String limit, long count) {
    text.append(name).append("_bucket{le=\"").append(limit).append("\"} ");
    text.append(count).append('\n');
  }

  private void labelled(String name, String label, String value) {
    head(name, "Says it in its label", "gauge");
    text.append(name).append('{').append(label).append("=\"").append(escaped(value));
    text.append("\"} 1\n");
  }

  private void quantile(String quantile, long micros) {
    text.append("balsa_wal_fsync_seconds{quantile=\"")
        .append(quantile)
        .append("\"} ")
        .append(micros / MICROS_PER_SECOND)
        .append('\n');
  }

  private void gauge(String name, String help, boolean value) {
    gauge(name, help, value ? 1 : 0);
  }

  private void gauge(String name, String help, long value) {
    head(name, help, "gauge");
    text.append(name).append(' ').append(value).append('\n');
  }

  private void counter(String name, String help, long value) {
    head(name, help, "counter");
    text.append(name).append(' ').append(value).append('\n');
  }

  private void head(String name, String help, String type) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private static String escaped(String label) {
    return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}
