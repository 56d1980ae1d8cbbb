/**
 * etcd's v3 API, for unmodified etcd clients: gRPC, and the JSON of its gateway, on the client port
 * beside {@code /v1}.
 *
 * <p>Names, numbers, texts of errors and what a call does are etcd's; its protocol files stand in
 * {@code src/main/proto/etcd}. The calls of the KV service are read and written without the
 * generated classes ({@code KvRequest}, {@code KvResponse}), for they are the ones that must be
 * fast; all others use these.
 *
 * <p>A unary call is a {@code UnaryCall}, whether it came as gRPC ({@code GrpcCall}) or as JSON
 * ({@code JsonCall}); what is done for it is a {@code UnaryMethod} of one of the services. All
 * errors are made in {@code Errors}.
 *
 * <p>The services {@code Cluster} ({@code ClusterService}) and {@code Maintenance} ({@code
 * MaintenanceService}, {@code SnapshotCall}) differ from etcd's where there is nothing to do:
 * defragmenting succeeds and does nothing; the alarm NOSPACE is there while the store is over its
 * quota and goes by itself, so disarming it changes nothing, and none can be activated. A snapshot
 * has bytes of Balsa's own, for {@code balsa snapshot restore}.
 *
 * <p>Start with {@link io.balsa.api.etcd.EtcdApi}, then {@code KvService}.
 */
package io.balsa.api.etcd;
