package io.balsa.api.etcd;

import io.balsa.api.etcd.proto.etcdserverpb.ResponseHeader;
import io.balsa.engine.request.Answers;

/** The header of responses that are of the generated classes. */
final class ResponseHeaders {
  private ResponseHeaders() {}

  /** With the revision of the store when the member answered. */
  static ResponseHeader of(Answers.Header header) {
    return of(header, header.revision());
  }

  /** With a revision of its own. */
  static ResponseHeader of(Answers.Header header, long revision) {
    return withoutRevision(header).toBuilder().setRevision(revision).build();
  }

  /** As etcd's Cluster service has it, which does not look at the store. */
  static ResponseHeader withoutRevision(Answers.Header header) {
    return ResponseHeader.newBuilder()
        .setClusterId(header.clusterId())
        .setMemberId(header.memberId())
        .setRaftTerm(header.term())
        .build();
  }
}
