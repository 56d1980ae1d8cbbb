package io.balsa.api.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.balsa.api.etcd.proto.etcdserverpb.Compare;
import io.balsa.api.etcd.proto.etcdserverpb.DeleteRangeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RequestOp;
import io.balsa.api.etcd.proto.etcdserverpb.TxnRequest;
import io.balsa.mvcc.command.Ops;
import java.util.Collections;
import org.junit.jupiter.api.Test;

/** What etcd refuses a request for, and which of several reasons it names. */
class KvRequestTest {
  private static final RequestOp NOTHING = RequestOp.getDefaultInstance();
  private static final RequestOp NO_KEY =
      RequestOp.newBuilder()
          .setRequestDeleteRange(
              DeleteRangeRequest.newBuilder().setRangeEnd(ByteString.copyFromUtf8("b")))
          .build();

  @Test
  void anOperationOfNoKindIsAKeyNotFound() throws Exception {
    assertThat(refusal(TxnRequest.newBuilder().addSuccess(NOTHING)))
        .isEqualTo("etcdserver: key not found");
  }

  @Test
  void aRangeWithoutItsFirstKeyHasNoKey() throws Exception {
    assertThat(refusal(TxnRequest.newBuilder().addFailure(NO_KEY)))
        .isEqualTo("etcdserver: key is not provided");
  }

  @Test
  void theFirstReasonOfSeveralIsNamed() throws Exception {
    assertThat(refusal(TxnRequest.newBuilder().addSuccess(NOTHING).addFailure(NO_KEY)))
        .isEqualTo("etcdserver: key not found");
    assertThat(refusal(TxnRequest.newBuilder().addSuccess(NO_KEY).addFailure(NOTHING)))
        .isEqualTo("etcdserver: key is not provided");
    assertThat(
            refusal(
                TxnRequest.newBuilder()
                    .addCompare(Compare.getDefaultInstance())
                    .addSuccess(NOTHING)))
        .isEqualTo("etcdserver: key is not provided");
  }

  @Test
  void tooManyOperationsAreNamedBeforeWhatIsWrongWithThem() throws Exception {
    assertThat(refusal(TxnRequest.newBuilder().addAllSuccess(Collections.nCopies(129, NOTHING))))
        .isEqualTo("etcdserver: too many operations in txn request");
  }

  private static String refusal(TxnRequest.Builder txn) throws Exception {
    KvRequest.Read read = KvRequest.txn(txn.build().toByteArray());
    return Errors.of(Ops.check(read.op(), 128).orElseThrow()).getMessage();
  }
}
