package io.balsa.client.link;

import io.balsa.client.DeleteOptions;
import io.balsa.client.DeleteResult;
import io.balsa.client.GetOptions;
import io.balsa.client.KeyValue;
import io.balsa.client.LeaseInfo;
import io.balsa.client.PutOptions;
import io.balsa.client.PutResult;
import io.balsa.client.RangeOptions;
import io.balsa.client.RangeResult;
import io.balsa.client.RefusedException;
import io.balsa.client.Txn;
import io.balsa.client.TxnResult;
import io.balsa.client.WatchEvent;
import io.balsa.client.WatchOptions;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/**
 * One way to reach a cluster. Every request is answered within the link's request timeout; futures
 * fail with a {@link io.balsa.client.BalsaException} and complete on the context of the caller.
 *
 * <p>A link repeats what is safe to repeat: reads, writes that were refused before they reached a
 * log, writes with a {@link OnceKey}, renewals and grants of leases, of which one that nobody
 * learnt of expires. Where it repeats a write of which an attempt may have been done, a refusal
 * that tells only of the last attempt, such as one for want of a leader or of the session, is an
 * {@link io.balsa.client.OutcomeUnknownException}: refused means that none was or will be done. Any
 * thread, unless a method says otherwise.
 */
public interface Link {
  /**
   * Writes a key.
   *
   * @param once null for a write that may not be repeated
   */
  Future<PutResult> put(Buffer key, Buffer value, PutOptions options, OnceKey once);

  /** Reads a key; null if it does not exist. */
  Future<KeyValue> get(Buffer key, GetOptions options);

  /** Deletes a key. */
  Future<DeleteResult> delete(Buffer key, DeleteOptions options, OnceKey once);

  /** Deletes the keys with a prefix, which must not be empty. */
  Future<DeleteResult> deletePrefix(Buffer prefix, OnceKey once);

  /** Reads a page of keys. */
  Future<RangeResult> range(RangeOptions options);

  /** Does a transaction; the key is ignored where it cannot write. */
  Future<TxnResult> txn(Txn txn, OnceKey once);

  /** Makes a lease. */
  Future<LeaseInfo> grantLease(long ttlSeconds);

  /** Starts the time of a lease anew. */
  Future<LeaseInfo> keepAlive(String leaseId);

  /** Ends a lease. */
  Future<Void> revokeLease(String leaseId);

  /**
   * Opens a watch once: it ends with the connection or the member, and is not resumed here. Must be
   * called on a context, on which the sink is called and the watch must be used.
   *
   * @return completes when the watch is in place; no call of the sink comes before
   */
  Future<OpenWatch> watch(WatchOptions options, WatchSink sink);

  /** Lets go of connections. What is under way fails. */
  Future<Void> close();

  /** Takes what a watch delivers, in order. One of the last four is the last call. */
  interface WatchSink {
    /**
     * All changes of one revision.
     *
     * @param bytes what must be given back by {@link OpenWatch#credit} when the event is read
     */
    void changed(WatchEvent event, long bytes);

    /** Every change up to this revision has been delivered. */
    void progress(long revision);

    /** The revision from which the watch should begin is compacted. */
    void compacted(long compactRevision);

    /** The watch was cut off because it was not read. */
    void slow(long resumeFrom);

    /** Who asks may not see the keys, or not any more. */
    void denied(RefusedException why);

    /** The connection or the member is gone. */
    void ended(String reason);
  }

  /** A watch in place. */
  interface OpenWatch {
    /** Lets as many bytes of further events come. */
    void credit(long bytes);

    /** Ends it; the sink is not called any more. */
    void close();
  }
}
