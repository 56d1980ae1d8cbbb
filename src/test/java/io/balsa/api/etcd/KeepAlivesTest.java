package io.balsa.api.etcd;

import static io.balsa.api.http.ApiServer.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseKeepAliveRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseKeepAliveResponse;
import io.balsa.api.http.ApiServer;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.vertx.core.Promise;
import io.vertx.grpc.client.GrpcClientRequest;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** LeaseKeepAlive over gRPC. */
class KeepAlivesTest {
  private final BlockingQueue<LeaseKeepAliveResponse> responses = new LinkedBlockingQueue<>();
  private final Promise<String> end = Promise.promise();
  private ApiServer server;
  private EtcdClient client;
  private GrpcClientRequest<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call;

  @BeforeEach
  void start() {
    server = ApiServer.start();
    client = new EtcdClient(server.port);
    call = await(client.grpc.request(client.server, LeaseGrpcClient.LeaseKeepAlive));
    call.response()
        .onSuccess(
            response -> {
              response.handler(responses::add);
              response.endHandler(
                  none ->
                      end.complete(
                          response.status().name()
                              + " "
                              + (response.trailers().contains("grpc-message")
                                  ? response.trailers().get("grpc-message")
                                  : response.headers().get("grpc-message"))));
            });
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private void keepAlive(long id) {
    call.write(LeaseKeepAliveRequest.newBuilder().setID(id).build());
  }

  private LeaseKeepAliveResponse next() throws InterruptedException {
    LeaseKeepAliveResponse next = responses.poll(20, TimeUnit.SECONDS);
    assertThat(next).isNotNull();
    return next;
  }

  @Test
  void eachLeaseIsAnsweredInItsTurnAndAnUnknownOneHasNoTimeLeft() throws Exception {
    server.replica.override =
        request ->
            request instanceof Request.LeaseKeepAlive alive && alive.id() != 77
                ? new Reply.Lease(
                    new Reply.LeaseState(alive.id(), alive.id() * 10, 1), java.util.List.of())
                : null;
    for (long id : new long[] {1, 77, 2, 3, 77}) {
      keepAlive(id);
    }
    call.end();

    for (long id : new long[] {1, 77, 2, 3, 77}) {
      LeaseKeepAliveResponse answer = next();
      assertThat(answer.getID()).isEqualTo(id);
      assertThat(answer.getTTL()).isEqualTo(id == 77 ? 0 : id * 10);
      assertThat(answer.getHeader().getRevision()).isEqualTo(1);
      assertThat(answer.getHeader().getClusterId()).isEqualTo(0xba15a);
    }
    assertThat(await(end.future())).isEqualTo("OK null");
  }

  @Test
  void withoutALeaderTheCallEnds() {
    server.replica.override =
        request ->
            request instanceof Request.LeaseKeepAlive
                ? new Reply.Refused(Refusal.NO_LEADER, false, "none")
                : null;
    keepAlive(1);
    assertThat(await(end.future())).isEqualTo("UNAVAILABLE etcdserver: no leader");
  }

  @Test
  void aMemberThatStopsEndsTheCall() throws Exception {
    keepAlive(1);
    next();
    await(server.undeploy());
    assertThat(await(end.future())).isEqualTo("UNAVAILABLE etcdserver: server stopped");
  }
}
