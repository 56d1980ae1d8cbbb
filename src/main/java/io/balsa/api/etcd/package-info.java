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
 * <p>A streaming call is a {@code StreamCall} ({@code GrpcStream}, {@code JsonStream}); what is
 * done for it is a {@code StreamMethod}. It does not go through Vert.x's gRPC server, for the
 * reason that unary calls do not, and because both ways then share how they wait for slow clients.
 * While a call lasts it is one of {@code OpenStreams}, which keeps its connection alive. A watch
 * whose client does not read holds up a little memory for some seconds, then none: it is resumed
 * from the history when the client reads again, or told that this is compacted. A call that takes
 * nothing for ten seconds is broken off where others could send nothing at all for it.
 *
 * <p>Who calls is said by a token ({@code UnaryCall.credentials}), which goes with each call to the
 * replica: there it is decided what it may do. {@code AuthService} gives tokens out. As in later
 * versions than 3.4 a token is ignored while users are not enforced, and a lease's keys are only
 * told to who may read them.
 *
 * <p>A watch of the past gets a response for each revision, under that revision; etcd puts many
 * into one, under the newest. What a learner is asked it asks the leader; etcd's refuses.
 *
 * <p>A lock or an election is a queue of keys; a call that waits there is a {@code Place}.
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
