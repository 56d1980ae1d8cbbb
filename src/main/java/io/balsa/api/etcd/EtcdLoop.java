package io.balsa.api.etcd;

import io.balsa.api.Admission;
import io.balsa.api.ApiOptions;
import io.balsa.api.Patience;
import io.balsa.bus.ReplicaClient;
import io.balsa.mvcc.auth.Credentials;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** What the calls of one event loop share. */
record EtcdLoop(
    Vertx vertx,
    ApiOptions options,
    ReplicaClient replica,
    Admission admission,
    Patience patience,
    GrpcMetrics metrics,
    CertificateUsers certificates) {
  private static final CharSequence TOKEN = HttpHeaders.createOptimized("token");

  /**
   * Who sends a request: gRPC has the token in its metadata, JSON in Authorization. Who has none is
   * known over gRPC by a certificate, where clients must have one.
   */
  Credentials credentials(HttpServerRequest request) {
    String token = request.getHeader(TOKEN);
    if (token == null) {
      token = request.getHeader(HttpHeaders.AUTHORIZATION);
    }
    return token == null && request.isSSL() && EtcdApi.isGrpc(request) && mustHaveCertificate()
        ? certificates.of(request.connection())
        : options.credentials(token);
  }

  private boolean mustHaveCertificate() {
    return options.tls().getClientAuth() == ClientAuth.REQUIRED;
  }

  /** The longest message that is taken: the largest request, and what gRPC allows beside it. */
  int messageBytesMax() {
    return options.maxRequestBytes() + (512 << 10);
  }
}
