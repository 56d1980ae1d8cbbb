package io.balsa.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.api.etcd.proto.etcdserverpb.CompactionRequest;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import io.balsa.mvcc.command.Ops;
import java.util.Map;

/** The service {@code etcdserverpb.KV}. */
final class KvService {
  private static final String NAME = "/etcdserverpb.KV/";

  private final EtcdLoop loop;

  KvService(EtcdLoop loop) {
    this.loop = loop;
  }

  void register(Map<String, UnaryMethod> methods) {
    methods.put(NAME + "Range", this::range);
    methods.put(NAME + "Put", this::put);
    methods.put(NAME + "DeleteRange", this::deleteRange);
    methods.put(NAME + "Txn", this::txn);
    methods.put(NAME + "Compact", UnaryMethod.of(CompactionRequest.parser(), this::compact));
  }

  private void range(UnaryCall call, byte[] message) throws InvalidProtocolBufferException {
    read(call, KvRequest.range(message));
  }

  private void put(UnaryCall call, byte[] message) throws InvalidProtocolBufferException {
    write(call, KvRequest.put(message), message.length);
  }

  private void deleteRange(UnaryCall call, byte[] message) throws InvalidProtocolBufferException {
    write(call, KvRequest.deleteRange(message), message.length);
  }

  private void txn(UnaryCall call, byte[] message) throws InvalidProtocolBufferException {
    KvRequest.Read txn = KvRequest.txn(message);
    if (Ops.isReadOnly(txn.op())) {
      read(call, txn);
    } else {
      write(call, txn.op(), message.length);
    }
  }

  private void read(UnaryCall call, KvRequest.Read read) {
    check(read.op());
    call.ask(
        new Request.Read(read.op(), read.serializable()),
        Reply.Read.class,
        reply -> reply(call, reply.revision(), reply.result()));
  }

  private void write(UnaryCall call, Op op, int bytes) {
    check(op);
    if (bytes > loop.options().maxRequestBytes()) {
      throw Errors.tooLarge();
    }
    call.ask(
        new Request.Write(op),
        Reply.Written.class,
        reply -> reply(call, reply.revision(), reply.result()));
  }

  private void check(Op op) {
    Ops.check(op, loop.options().maxTxnOps())
        .ifPresent(
            violation -> {
              throw Errors.of(violation);
            });
  }

  private static void reply(UnaryCall call, long revision, OpResult result) {
    call.reply(KvResponse.of(call.header(), revision, result));
  }

  private void compact(UnaryCall call, CompactionRequest request) {
    call.ask(
        new Request.Compact(request.getRevision()),
        Reply.Compacted.class,
        reply -> {
          BackwardWriter out = new BackwardWriter(64);
          KvResponse.header(out, call.header(), reply.revision());
          call.reply(out);
        });
  }
}
