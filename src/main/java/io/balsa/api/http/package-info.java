/**
 * The HTTP {@code /v1} API: resources, each of which checks a request, maps it to one call of the
 * replica and maps the reply.
 *
 * <p>The caller hands every request of one event loop to {@link io.balsa.api.http.HttpApi}, before
 * anything else has read its body, and stops it before the server.
 *
 * <p>Bounded on purpose: bodies ({@code Exchange}), requests in flight ({@code Admission}), long
 * answers ({@code JsonReply}) and watches ({@code WatchStream}) cost a fixed amount of memory each,
 * however slow or hostile the client is. One that never says what it wants is not waited for
 * ({@code Patience}), and those that are slow leave half of the room to those that are not.
 *
 * <p>A write of keys may carry an {@code Idempotency-Key}: then it is applied once, however often
 * and to whichever member it is sent, and each answer has the status, headers and body of the
 * first.
 *
 * <p>Where users are enforced (etcd's {@code auth enable}), a request needs a token: the whole of
 * the header {@code Authorization}, as {@code POST /v3/auth/authenticate} answered it. The
 * permissions are those of etcd's API: 401 for no token or one that is not known, 403 for one whose
 * user may not; members are changed by root only; probes, metrics, status and what belongs to no
 * key ask for none. A watch that its user may not see, or not any more, ends with the event {@code
 * denied} ({@code {"status","kind","detail"}}).
 *
 * <p>{@code /metrics} has what etcd has too under etcd's names, beside our own, for dashboards and
 * alerts that were made for etcd ({@code MemberMetrics}):
 *
 * <table>
 *   <caption>etcd's metrics, and what they are here</caption>
 *   <tr><td>{@code etcd_server_has_leader}</td><td>{@code balsa_has_leader}</td></tr>
 *   <tr><td>{@code etcd_server_is_leader}</td><td>{@code balsa_is_leader}</td></tr>
 *   <tr><td>{@code etcd_server_is_learner}</td><td>{@code balsa_is_learner}</td></tr>
 *   <tr><td>{@code etcd_server_id}, {@code etcd_server_version}, {@code etcd_cluster_version}</td>
 *       <td>in their labels</td></tr>
 *   <tr><td>{@code etcd_server_leader_changes_seen_total}</td>
 *       <td>{@code balsa_leader_changes_total}</td></tr>
 *   <tr><td>{@code etcd_server_proposals_committed_total}</td>
 *       <td>{@code balsa_commit_index}</td></tr>
 *   <tr><td>{@code etcd_server_proposals_applied_total}</td>
 *       <td>{@code balsa_applied_index}</td></tr>
 *   <tr><td>{@code etcd_server_proposals_pending}</td>
 *       <td>{@code balsa_proposals_pending}</td></tr>
 *   <tr><td>{@code etcd_server_proposals_failed_total}</td>
 *       <td>{@code balsa_proposals_failed_total}</td></tr>
 *   <tr><td>{@code etcd_server_quota_backend_bytes}</td>
 *       <td>{@code balsa_store_quota_bytes}</td></tr>
 *   <tr><td>{@code etcd_mvcc_db_total_size_in_bytes}</td><td>{@code balsa_store_bytes}</td></tr>
 *   <tr><td>{@code etcd_mvcc_db_total_size_in_use_in_bytes}</td>
 *       <td>the same without what is there only for the past</td></tr>
 *   <tr><td>{@code etcd_debugging_mvcc_keys_total}</td><td>{@code balsa_store_keys}</td></tr>
 *   <tr><td>{@code etcd_debugging_mvcc_current_revision}</td><td>{@code balsa_revision}</td></tr>
 *   <tr><td>{@code etcd_debugging_mvcc_compact_revision}</td>
 *       <td>{@code balsa_compact_revision}</td></tr>
 *   <tr><td>{@code etcd_debugging_mvcc_watcher_total}</td><td>{@code balsa_watches}</td></tr>
 *   <tr><td>{@code etcd_debugging_server_lease_expired_total}</td>
 *       <td>{@code balsa_leases_expired_total}</td></tr>
 *   <tr><td>{@code etcd_disk_wal_fsync_duration_seconds}</td>
 *       <td>a histogram of the syncs of the log since start</td></tr>
 *   <tr><td>{@code process_resident_memory_bytes}</td>
 *       <td>memory that the process holds, on Linux</td></tr>
 *   <tr><td>{@code grpc_server_handled_total}</td><td>gRPC calls answered</td></tr>
 * </table>
 *
 * <p>Start with {@link io.balsa.api.http.HttpApi}, then {@code Exchange} and {@code KeyResource}.
 */
package io.balsa.api.http;
