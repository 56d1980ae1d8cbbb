package io.balsa.client.link;

import io.balsa.client.BalsaClientOptions;
import io.balsa.client.DeleteOptions;
import io.balsa.client.DeleteResult;
import io.balsa.client.GetOptions;
import io.balsa.client.KeyValue;
import io.balsa.client.LeaseInfo;
import io.balsa.client.PutOptions;
import io.balsa.client.PutResult;
import io.balsa.client.RangeOptions;
import io.balsa.client.RangeResult;
import io.balsa.client.Txn;
import io.balsa.client.TxnResult;
import io.balsa.client.WatchOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;

/** To be written. */
public final class HttpLink implements Link {
  /** Connects when it is used. */
  public HttpLink(Vertx vertx, BalsaClientOptions options) {}

  @Override
  public Future<PutResult> put(Buffer key, Buffer value, PutOptions options, OnceKey once) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<KeyValue> get(Buffer key, GetOptions options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<DeleteResult> delete(Buffer key, DeleteOptions options, OnceKey once) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<DeleteResult> deletePrefix(Buffer prefix, OnceKey once) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<RangeResult> range(RangeOptions options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<TxnResult> txn(Txn txn, OnceKey once) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<LeaseInfo> grantLease(long ttlSeconds) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<LeaseInfo> keepAlive(String leaseId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Void> revokeLease(String leaseId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<OpenWatch> watch(WatchOptions options, WatchSink sink) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Void> close() {
    throw new UnsupportedOperationException();
  }
}
