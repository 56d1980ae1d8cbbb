package io.balsa.api.etcd;

import static io.balsa.Held.held;
import static io.balsa.api.etcd.EtcdEndpoint.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import io.balsa.Balsa;
import io.balsa.BalsaOptions;
import io.balsa.api.etcd.EtcdEndpoint.Answer;
import io.balsa.api.etcd.proto.health.HealthCheckRequest;
import io.balsa.api.etcd.proto.health.HealthCheckResponse;
import io.balsa.api.etcd.proto.health.HealthCheckResponse.ServingStatus;
import io.balsa.api.etcd.proto.health.HealthGrpcClient;
import io.balsa.cluster.Ports;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.reflection.v1.ServerReflectionRequest;
import io.vertx.grpc.reflection.v1.ServerReflectionResponse;
import io.vertx.grpc.reflection.v1.ServiceResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What balancers and tools ask that know nothing of etcd. */
class HealthCallsTest {
  private static final ServiceMethod<ServerReflectionResponse, ServerReflectionRequest> INFO =
      ServiceMethod.client(
          ServiceName.create("grpc.reflection.v1", "ServerReflection"),
          "ServerReflectionInfo",
          GrpcMessageEncoder.encoder(),
          GrpcMessageDecoder.decoder(ServerReflectionResponse.newBuilder()));

  @TempDir private Path directory;
  private EtcdEndpoint etcd;

  @BeforeEach
  void start() throws Exception {
    etcd = new EtcdEndpoint(directory.resolve("n1"));
  }

  @AfterEach
  void stop() throws Exception {
    etcd.close();
  }

  private static HealthCheckRequest of(String service) {
    return HealthCheckRequest.newBuilder().setService(service).build();
  }

  private ServingStatus check(String service) throws Exception {
    return etcd.call(HealthGrpcClient.Check, of(service)).ok().getStatus();
  }

  @Test
  void aMemberWithALeaderServes() throws Exception {
    etcd.grant(1, 300);
    for (String service : List.of("", "readiness", "liveness")) {
      assertThat(check(service)).isEqualTo(ServingStatus.SERVING);
    }
    etcd.call(HealthGrpcClient.Check, of("nothing"))
        .refused(GrpcStatus.NOT_FOUND, "unknown service");
  }

  @Test
  void aWatchTellsTheStatusAtOnce() throws Exception {
    etcd.grant(1, 300);
    List<HealthCheckResponse> heard = new CopyOnWriteArrayList<>();
    etcd.listen(HealthGrpcClient.Watch, of(""), heard);
    EtcdEndpoint.until("a status", () -> heard.size() == 1);
    assertThat(heard.get(0).getStatus()).isEqualTo(ServingStatus.SERVING);

    etcd.listen(HealthGrpcClient.Watch, of("nothing"), heard);
    EtcdEndpoint.until("a status", () -> heard.size() == 2);
    assertThat(heard.get(1).getStatus()).isEqualTo(ServingStatus.SERVICE_UNKNOWN);
  }

  @Test
  void aMemberWithoutALeaderDoesNotServeButLives() throws Exception {
    int port = Ports.free();
    String peer = "http://127.0.0.1:" + Ports.free();
    await(
        Balsa.start(
            etcd.vertx,
            new BalsaOptions()
                .setName("a")
                .setDataDir(directory.resolve("a").toString())
                .setListenClientUrls(List.of("http://127.0.0.1:" + port))
                .setListenPeerUrl(peer)
                .setInitialCluster("a=" + peer + ",b=http://127.0.0.1:" + Ports.free())));
    HealthGrpcClient alone =
        HealthGrpcClient.create(
            held(GrpcClient.client(etcd.vertx)),
            SocketAddress.inetSocketAddress(port, "127.0.0.1"));

    assertThat(await(alone.check(of(""))).getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
    HealthCheckResponse lives = await(alone.check(of("liveness")));
    assertThat(lives.getStatus()).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void allServicesAreToldWithTheirMessages() throws Exception {
    List<String> names =
        reflect(ServerReflectionRequest.newBuilder().setListServices("").build())
            .getListServicesResponse()
            .getServiceList()
            .stream()
            .map(ServiceResponse::getName)
            .toList();
    assertThat(names)
        .contains(
            "etcdserverpb.KV",
            "etcdserverpb.Watch",
            "etcdserverpb.Lease",
            "etcdserverpb.Cluster",
            "etcdserverpb.Maintenance",
            "etcdserverpb.Auth",
            "v3lockpb.Lock",
            "v3electionpb.Election",
            "grpc.health.v1.Health");

    List<String> methods = new ArrayList<>();
    for (ByteString file :
        reflect(
                ServerReflectionRequest.newBuilder()
                    .setFileContainingSymbol("v3lockpb.Lock")
                    .build())
            .getFileDescriptorResponse()
            .getFileDescriptorProtoList()) {
      FileDescriptorProto.parseFrom(file).getServiceList().stream()
          .flatMap(service -> service.getMethodList().stream())
          .map(MethodDescriptorProto::getName)
          .forEach(methods::add);
    }
    assertThat(methods).contains("Lock", "Unlock");
  }

  private ServerReflectionResponse reflect(ServerReflectionRequest request) throws Exception {
    Answer<ServerReflectionResponse> answer = etcd.call(INFO, request);
    return answer.ok();
  }
}
