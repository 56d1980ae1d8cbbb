package io.balsa.api.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.balsa.api.etcd.proto.etcdserverpb.RangeResponse;
import io.balsa.api.etcd.proto.etcdserverpb.ResponseHeader;
import io.balsa.api.etcd.proto.etcdserverpb.ResponseOp;
import io.balsa.api.etcd.proto.etcdserverpb.TxnResponse;
import io.balsa.api.etcd.proto.mvccpb.KeyValue;
import io.balsa.data.Bytes;
import io.balsa.engine.request.Answers;
import io.balsa.mvcc.command.OpResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is written without the generated classes is what they would write. */
class BackwardWriterTest {
  private static final long SEED = Long.getLong("seed", System.nanoTime());

  private final Random random = new Random(SEED);

  BackwardWriterTest() {
    System.out.println("BackwardWriterTest: -Dseed=" + SEED);
  }

  @Test
  void writesNumbersOfAnySize() throws Exception {
    for (int bits = 0; bits <= 64; bits++) {
      long value = bits == 0 ? 0 : random.nextLong() >>> (64 - bits);
      BackwardWriter out =
          new BackwardWriter(random.nextInt(4))
              .number(4, value)
              .number(3, -value)
              .number(2, value)
              .number(1, value);

      ResponseHeader header = ResponseHeader.parseFrom(out.toArray());

      assertThat(header.getClusterId()).isEqualTo(value);
      assertThat(header.getRevision()).isEqualTo(-value);
      assertThat(out.toArray()).isEqualTo(header.toByteArray());
    }
  }

  @Test
  void writesRangesAsTheGeneratedClassesDo() throws Exception {
    List<io.balsa.mvcc.command.KeyValue> items = new ArrayList<>();
    RangeResponse.Builder expected = RangeResponse.newBuilder();
    expected.setHeader(
        ResponseHeader.newBuilder()
            .setClusterId(-5)
            .setMemberId(7)
            .setRevision(300)
            .setRaftTerm(2));
    for (int i = 0; i < 100; i++) {
      byte[] key = new byte[1 + random.nextInt(20)];
      byte[] value = new byte[random.nextInt(3) * random.nextInt(1_000)];
      random.nextBytes(key);
      random.nextBytes(value);
      long lease = random.nextBoolean() ? 0 : random.nextLong();
      items.add(
          new io.balsa.mvcc.command.KeyValue(
              Bytes.copyOf(key), Bytes.copyOf(value), i, 1_000 + i, 1, lease));
      expected.addKvs(
          KeyValue.newBuilder()
              .setKey(ByteString.copyFrom(key))
              .setValue(ByteString.copyFrom(value))
              .setCreateRevision(i)
              .setModRevision(1_000 + i)
              .setVersion(1)
              .setLease(lease));
    }
    expected.setMore(true).setCount(500);

    BackwardWriter out =
        KvResponse.of(
            new Answers.Header(-5, 7, 400, 2), 300, new OpResult.Ranged(items, 500, true));

    assertThat(out.toArray()).isEqualTo(expected.build().toByteArray());
  }

  /** Revisions of the parts: etcd counts a change in for what stands behind it. */
  @Test
  void partsOfATransactionCarryTheRevisionThatTheySaw() throws Exception {
    OpResult.Ranged nothing = new OpResult.Ranged(List.of(), 0, false);
    OpResult.Txn txn =
        new OpResult.Txn(
            true,
            List.of(
                nothing,
                new OpResult.Deleted(0, List.of()),
                new OpResult.Put(8, 1, null),
                nothing,
                new OpResult.Txn(false, List.of(nothing)),
                new OpResult.Deleted(0, List.of())));

    TxnResponse response =
        TxnResponse.parseFrom(KvResponse.of(new Answers.Header(1, 1, 8, 1), 8, txn).toArray());

    assertThat(response.getHeader().getRevision()).isEqualTo(8);
    assertThat(response.getSucceeded()).isTrue();
    assertThat(response.getResponsesList())
        .extracting(ResponseOp::getResponseCase)
        .containsExactly(
            ResponseOp.ResponseCase.RESPONSE_RANGE,
            ResponseOp.ResponseCase.RESPONSE_DELETE_RANGE,
            ResponseOp.ResponseCase.RESPONSE_PUT,
            ResponseOp.ResponseCase.RESPONSE_RANGE,
            ResponseOp.ResponseCase.RESPONSE_TXN,
            ResponseOp.ResponseCase.RESPONSE_DELETE_RANGE);
    assertThat(response.getResponses(0).getResponseRange().getHeader().getRevision()).isEqualTo(7);
    assertThat(response.getResponses(1).getResponseDeleteRange().getHeader().getRevision())
        .isEqualTo(7);
    assertThat(response.getResponses(2).getResponsePut().getHeader().getRevision()).isEqualTo(8);
    assertThat(response.getResponses(3).getResponseRange().getHeader().getRevision()).isEqualTo(8);
    assertThat(
            response
                .getResponses(4)
                .getResponseTxn()
                .getResponses(0)
                .getResponseRange()
                .getHeader()
                .getRevision())
        .isEqualTo(8);
  }
}
