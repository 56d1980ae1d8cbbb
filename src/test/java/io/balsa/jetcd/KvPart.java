package io.balsa.jetcd;

import static io.balsa.jetcd.Answers.answer;
import static io.balsa.jetcd.Answers.bytes;
import static io.balsa.jetcd.Answers.keys;
import static io.balsa.jetcd.Answers.pairs;
import static io.balsa.jetcd.Answers.refusal;
import static io.balsa.jetcd.Answers.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Response;
import io.etcd.jetcd.kv.DeleteResponse;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.PutResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.CompactOption;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.GetOption.SortOrder;
import io.etcd.jetcd.options.GetOption.SortTarget;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.TxnOption;
import java.util.List;

/** Keys are put, read, deleted, compared and compacted. */
final class KvPart {
  private static final String COMPACTED =
      "OUT_OF_RANGE etcdserver: mvcc: required revision has been compacted";
  private static final String FUTURE =
      "OUT_OF_RANGE etcdserver: mvcc: required revision is a future revision";

  private final Client client;
  private final KV kv;

  KvPart(Client client) {
    this.client = client;
    this.kv = client.getKVClient();
  }

  void run() {
    puts();
    gets();
    deletes();
    transactions();
    compactions();
  }

  private KeyValue one(String key) {
    List<KeyValue> kvs = answer(kv.get(bytes(key))).getKvs();
    assertThat(kvs).hasSize(1);
    return kvs.get(0);
  }

  private void puts() {
    PutResponse first = answer(kv.put(bytes("put/a"), bytes("1")));
    Response.Header header = first.getHeader();
    assertThat(header.getClusterId()).isNotZero();
    assertThat(header.getMemberId()).isNotZero();
    assertThat(header.getRaftTerm()).isPositive();
    assertThat(first.hasPrevKv()).isFalse();

    PutOption previous = PutOption.builder().withPrevKV().withAutoRetry().build();
    PutResponse second = answer(kv.put(bytes("put/a"), bytes("2"), previous));
    assertThat(second.hasPrevKv()).isTrue();
    assertThat(text(second.getPrevKv().getValue())).isEqualTo("1");
    assertThat(second.getHeader().getRevision()).isEqualTo(header.getRevision() + 1);
    assertThat(second.getHeader().getClusterId()).isEqualTo(header.getClusterId());
    KeyValue stored = one("put/a");
    assertThat(stored.getCreateRevision()).isEqualTo(header.getRevision());
    assertThat(stored.getModRevision()).isEqualTo(header.getRevision() + 1);
    assertThat(stored.getVersion()).isEqualTo(2);
    assertThat(stored.getLease()).isZero();

    long lease = answer(client.getLeaseClient().grant(60)).getID();
    PutOption leased = PutOption.builder().withLeaseId(lease).build();
    answer(kv.put(bytes("put/a"), bytes("3"), leased));
    assertThat(one("put/a").getLease()).isEqualTo(lease);
    answer(kv.put(bytes("put/a"), bytes("4")));
    assertThat(one("put/a").getLease()).isZero();
    answer(client.getLeaseClient().revoke(lease));
    assertThat(text(one("put/a").getValue())).isEqualTo("4");

    ByteSequence binary = ByteSequence.from(new byte[] {0, (byte) 0xff, 'a'});
    answer(kv.put(binary, binary));
    assertThat(answer(kv.get(binary)).getKvs().get(0).getValue()).isEqualTo(binary);
    answer(kv.put(bytes("put/empty"), ByteSequence.EMPTY));
    assertThat(one("put/empty").getValue()).isEqualTo(ByteSequence.EMPTY);

    assertThat(refusal(kv.put(bytes("put/a"), bytes("5"), leased)))
        .isEqualTo("NOT_FOUND etcdserver: requested lease not found");
    assertThat(refusal(kv.put(ByteSequence.EMPTY, bytes("5"))))
        .isEqualTo("INVALID_ARGUMENT etcdserver: key is not provided");
    assertThat(refusal(kv.put(bytes("put/large"), ByteSequence.from(new byte[1_600_000]))))
        .isEqualTo("INVALID_ARGUMENT etcdserver: request is too large");
  }

  private static GetOption.Builder prefix() {
    return GetOption.builder().isPrefix(true);
  }

  private GetResponse get(String key, GetOption.Builder options) {
    return answer(kv.get(bytes(key), options.build()));
  }

  private List<String> found(GetOption.Builder options) {
    return pairs(get("get/", options).getKvs());
  }

  private List<String> sorted(SortTarget target, SortOrder order) {
    return keys(get("get/", prefix().withSortField(target).withSortOrder(order)).getKvs());
  }

  private void gets() {
    long a = answer(kv.put(bytes("get/a"), bytes("3"))).getHeader().getRevision();
    long c = answer(kv.put(bytes("get/c"), bytes("2"))).getHeader().getRevision();
    long b = answer(kv.put(bytes("get/b"), bytes("1"))).getHeader().getRevision();
    long again = answer(kv.put(bytes("get/a"), bytes("4"))).getHeader().getRevision();

    GetResponse all = get("get/", prefix());
    assertThat(pairs(all.getKvs())).containsExactly("get/a=4", "get/b=1", "get/c=2");
    assertThat(all.getCount()).isEqualTo(3);
    assertThat(all.isMore()).isFalse();
    assertThat(all.getHeader().getRevision()).isEqualTo(again);
    assertThat(answer(kv.get(bytes("get/none"))).getKvs()).isEmpty();

    GetResponse limited = get("get/", prefix().withLimit(2));
    assertThat(pairs(limited.getKvs())).containsExactly("get/a=4", "get/b=1");
    assertThat(limited.isMore()).isTrue();
    assertThat(limited.getCount()).isEqualTo(3);

    assertThat(found(prefix().withRevision(c))).containsExactly("get/a=3", "get/c=2");
    assertThat(found(prefix().withSerializable(true).withRevision(b))).hasSize(3);
    assertThat(found(prefix().withKeysOnly(true))).containsExactly("get/a=", "get/b=", "get/c=");
    GetResponse counted = get("get/", prefix().withCountOnly(true));
    assertThat(counted.getCount()).isEqualTo(3);
    assertThat(counted.getKvs()).isEmpty();
    assertThat(found(GetOption.builder().withRange(bytes("get/c"))))
        .containsExactly("get/a=4", "get/b=1");

    assertThat(found(prefix().withMinModRevision(b))).containsExactly("get/a=4", "get/b=1");
    assertThat(found(prefix().withMaxModRevision(b))).containsExactly("get/b=1", "get/c=2");
    assertThat(found(prefix().withMinCreateRevision(c))).containsExactly("get/b=1", "get/c=2");
    assertThat(found(prefix().withMaxCreateRevision(a))).containsExactly("get/a=4");

    assertThat(sorted(SortTarget.KEY, SortOrder.NONE)).containsExactly("get/a", "get/b", "get/c");
    assertThat(sorted(SortTarget.KEY, SortOrder.ASCEND)).containsExactly("get/a", "get/b", "get/c");
    assertThat(sorted(SortTarget.KEY, SortOrder.DESCEND))
        .containsExactly("get/c", "get/b", "get/a");
    assertThat(sorted(SortTarget.VERSION, SortOrder.DESCEND)).startsWith("get/a");
    assertThat(sorted(SortTarget.CREATE, SortOrder.ASCEND))
        .containsExactly("get/a", "get/c", "get/b");
    assertThat(sorted(SortTarget.MOD, SortOrder.NONE)).containsExactly("get/c", "get/b", "get/a");
    assertThat(sorted(SortTarget.VALUE, SortOrder.DESCEND))
        .containsExactly("get/a", "get/c", "get/b");

    assertThat(refusal(kv.get(bytes("get/"), prefix().withRevision(again + 1_000).build())))
        .isEqualTo(FUTURE);
  }

  private DeleteResponse delete(String key, DeleteOption.Builder options) {
    return answer(kv.delete(bytes(key), options.build()));
  }

  private void deletes() {
    for (String name : List.of("a", "b", "c", "d", "e", "f")) {
      answer(kv.put(bytes("delete/" + name), bytes(name)));
    }
    DeleteResponse one = answer(kv.delete(bytes("delete/a")));
    assertThat(one.getDeleted()).isEqualTo(1);
    assertThat(one.getPrevKvs()).isEmpty();
    DeleteResponse nothing = answer(kv.delete(bytes("delete/a")));
    assertThat(nothing.getDeleted()).isZero();
    assertThat(nothing.getHeader().getRevision()).isEqualTo(one.getHeader().getRevision());

    DeleteResponse range =
        delete(
            "delete/b",
            DeleteOption.builder().withRange(bytes("delete/d")).withPrevKV(true).withAutoRetry());
    assertThat(range.getDeleted()).isEqualTo(2);
    assertThat(pairs(range.getPrevKvs())).containsExactly("delete/b=b", "delete/c=c");
    DeleteResponse rest = delete("delete/", DeleteOption.builder().isPrefix(true));
    assertThat(rest.getDeleted()).isEqualTo(3);
    assertThat(rest.getHeader().getRevision()).isEqualTo(one.getHeader().getRevision() + 2);
    assertThat(refusal(kv.delete(ByteSequence.EMPTY)))
        .isEqualTo("INVALID_ARGUMENT etcdserver: key is not provided");
  }

  private boolean holds(Cmp.Op operator, CmpTarget<?> target) {
    return holds("txn/a", operator, target);
  }

  private boolean holds(String key, Cmp.Op operator, CmpTarget<?> target) {
    return answer(kv.txn().If(new Cmp(bytes(key), operator, target)).commit()).isSucceeded();
  }

  private void compares() {
    answer(kv.put(bytes("txn/a"), bytes("m")));
    long revision = one("txn/a").getModRevision();
    for (CmpTarget<?> equal :
        List.of(
            CmpTarget.version(1),
            CmpTarget.createRevision(revision),
            CmpTarget.modRevision(revision),
            CmpTarget.value(bytes("m")))) {
      assertThat(holds(Cmp.Op.EQUAL, equal)).isTrue();
      assertThat(holds(Cmp.Op.NOT_EQUAL, equal)).isFalse();
      assertThat(holds(Cmp.Op.GREATER, equal)).isFalse();
      assertThat(holds(Cmp.Op.LESS, equal)).isFalse();
    }
    for (CmpTarget<?> smaller :
        List.of(
            CmpTarget.version(0),
            CmpTarget.createRevision(revision - 1),
            CmpTarget.modRevision(revision - 1),
            CmpTarget.value(bytes("l")))) {
      assertThat(holds(Cmp.Op.EQUAL, smaller)).isFalse();
      assertThat(holds(Cmp.Op.NOT_EQUAL, smaller)).isTrue();
      assertThat(holds(Cmp.Op.GREATER, smaller)).isTrue();
      assertThat(holds(Cmp.Op.LESS, smaller)).isFalse();
    }
    assertThat(holds(Cmp.Op.LESS, CmpTarget.value(bytes("n")))).isTrue();
    assertThat(holds("txn/none", Cmp.Op.EQUAL, CmpTarget.version(0))).isTrue();
    assertThat(holds("txn/none", Cmp.Op.EQUAL, CmpTarget.createRevision(0))).isTrue();
    assertThat(holds("txn/none", Cmp.Op.NOT_EQUAL, CmpTarget.value(bytes("x")))).isFalse();
  }

  private static Op put(String key, String value) {
    return Op.put(bytes(key), bytes(value), PutOption.builder().withPrevKV().build());
  }

  private static Op get(String key) {
    return Op.get(bytes(key), prefix().build());
  }

  private static Op delete(String key) {
    return Op.delete(bytes(key), DeleteOption.builder().isPrefix(true).withPrevKV(true).build());
  }

  private void transactions() {
    compares();
    Cmp exists = new Cmp(bytes("txn/a"), Cmp.Op.GREATER, CmpTarget.version(0));
    Cmp missing = new Cmp(bytes("txn/a"), Cmp.Op.EQUAL, CmpTarget.version(0));
    Op nested =
        Op.txn(
            new Cmp[] {missing},
            new Op[] {put("txn/wrong", "1")},
            new Op[] {put("txn/inner", "1"), get("txn/inner")});

    TxnResponse then =
        answer(
            kv.txn(TxnOption.builder().withAutoRetry().build())
                .If(exists, new Cmp(bytes("txn/a"), Cmp.Op.EQUAL, CmpTarget.value(bytes("m"))))
                .Then(put("txn/b", "1"), get("txn/"), nested, delete("put/"))
                .Else(put("txn/wrong", "1"))
                .commit());
    assertThat(then.isSucceeded()).isTrue();
    assertThat(then.getPutResponses()).hasSize(1);
    assertThat(pairs(then.getGetResponses().get(0).getKvs())).containsExactly("txn/a=m", "txn/b=1");
    TxnResponse inner = then.getTxnResponses().get(0);
    assertThat(inner.isSucceeded()).isFalse();
    assertThat(pairs(inner.getGetResponses().get(0).getKvs())).containsExactly("txn/inner=1");
    assertThat(then.getDeleteResponses().get(0).getDeleted()).isEqualTo(2);
    assertThat(pairs(then.getDeleteResponses().get(0).getPrevKvs()))
        .containsExactly("put/a=4", "put/empty=");
    assertThat(one("txn/b").getModRevision()).isEqualTo(then.getHeader().getRevision());
    assertThat(one("txn/inner").getModRevision()).isEqualTo(then.getHeader().getRevision());

    TxnResponse otherwise =
        answer(
            kv.txn()
                .If(exists, missing)
                .Then(put("txn/wrong", "1"))
                .Else(put("txn/b", "2"))
                .commit());
    assertThat(otherwise.isSucceeded()).isFalse();
    assertThat(text(otherwise.getPutResponses().get(0).getPrevKv().getValue())).isEqualTo("1");
    assertThat(answer(kv.get(bytes("txn/wrong"))).getCount()).isZero();

    assertThat(refusal(kv.txn().Then(put("txn/b", "3"), put("txn/b", "4")).commit()))
        .isEqualTo("INVALID_ARGUMENT etcdserver: duplicate key given in txn request");
    assertThat(text(one("txn/b").getValue())).isEqualTo("2");
  }

  private void compactions() {
    long old = answer(kv.put(bytes("compact/a"), bytes("1"))).getHeader().getRevision();
    long middle = answer(kv.put(bytes("compact/a"), bytes("2"))).getHeader().getRevision();
    long now = answer(kv.put(bytes("compact/a"), bytes("3"))).getHeader().getRevision();

    assertThat(answer(kv.compact(middle)).getHeader().getRevision()).isEqualTo(now);
    assertThat(refusal(kv.get(bytes("compact/a"), GetOption.builder().withRevision(old).build())))
        .isEqualTo(COMPACTED);
    assertThat(pairs(get("compact/a", GetOption.builder().withRevision(middle)).getKvs()))
        .containsExactly("compact/a=2");
    CompactOption physical = CompactOption.builder().withCompactPhysical(true).build();
    answer(kv.compact(now, physical));
    assertThat(refusal(kv.compact(now))).isEqualTo(COMPACTED);
    assertThat(refusal(kv.compact(now + 1_000, physical))).isEqualTo(FUTURE);
    assertThat(text(one("compact/a").getValue())).isEqualTo("3");
  }
}
