package io.balsa.api.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.api.etcd.proto.etcdserverpb.ResponseHeader;
import io.balsa.api.etcd.proto.etcdserverpb.ResponseOp;
import io.balsa.api.etcd.proto.etcdserverpb.TxnResponse;
import io.balsa.engine.request.Answers;
import io.balsa.mvcc.command.OpResult;
import java.util.List;
import org.junit.jupiter.api.Test;

class KvResponseTest {
  private static final OpResult READ = new OpResult.Ranged(List.of(), 0, false);
  private static final OpResult PUT = new OpResult.Put(8, 1, null);
  private static final OpResult NOTHING_DELETED = new OpResult.Deleted(0, List.of());

  @Test
  void eachPartOfATransactionCarriesTheRevisionThatItSaw() throws Exception {
    TxnResponse response = txn(READ, txnOf(NOTHING_DELETED, PUT, READ), READ);

    assertThat(response.getHeader())
        .isEqualTo(
            ResponseHeader.newBuilder()
                .setClusterId(1)
                .setMemberId(2)
                .setRevision(8)
                .setRaftTerm(3)
                .build());
    assertThat(revision(response.getResponses(0))).isEqualTo(7);
    TxnResponse nested = response.getResponses(1).getResponseTxn();
    assertThat(nested.getHeader()).isEqualTo(ResponseHeader.getDefaultInstance());
    assertThat(nested.getResponsesList())
        .extracting(KvResponseTest::revision)
        .containsExactly(7L, 8L, 8L);
    assertThat(revision(response.getResponses(2))).isEqualTo(8);
  }

  @Test
  void aTransactionThatChangesNothingHasOneRevision() throws Exception {
    TxnResponse response = txn(READ, txnOf(READ), NOTHING_DELETED);

    assertThat(revision(response.getResponses(0))).isEqualTo(8);
    assertThat(revision(response.getResponses(1).getResponseTxn().getResponses(0))).isEqualTo(8);
    assertThat(revision(response.getResponses(2))).isEqualTo(8);
  }

  private static TxnResponse txn(OpResult... parts) throws Exception {
    Answers.Header header = new Answers.Header(1, 2, 8, 3);
    return TxnResponse.parseFrom(KvResponse.of(header, 8, txnOf(parts)).toArray());
  }

  private static OpResult.Txn txnOf(OpResult... parts) {
    return new OpResult.Txn(true, List.of(parts));
  }

  private static long revision(ResponseOp part) {
    return switch (part.getResponseCase()) {
      case RESPONSE_RANGE -> part.getResponseRange().getHeader().getRevision();
      case RESPONSE_PUT -> part.getResponsePut().getHeader().getRevision();
      case RESPONSE_DELETE_RANGE -> part.getResponseDeleteRange().getHeader().getRevision();
      case RESPONSE_TXN, RESPONSE_NOT_SET -> throw new AssertionError(part);
    };
  }
}
