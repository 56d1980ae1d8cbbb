package io.balsa.api.etcd;

import io.balsa.engine.request.Answers;
import io.balsa.mvcc.command.KeyValue;
import io.balsa.mvcc.command.OpResult;
import java.util.List;

/**
 * Writes the answers of the KV service straight from the store's own results. The numbers are those
 * of {@code rpc.proto}.
 */
final class KvResponse {
  private static final int HEADER_BYTES = 48;
  private static final int ITEM_BYTES = 64; // Without key and value.

  private final BackwardWriter out;
  private long revision; // Of the store at the part of a transaction that is looked at.
  private long[] revisions; // Of each part that is no transaction itself, in their order.
  private int parts;

  private KvResponse(int capacity) {
    this.out = new BackwardWriter(capacity);
  }

  /**
   * A response to one operation.
   *
   * @param revision of the store after it
   */
  static BackwardWriter of(Answers.Header header, long revision, OpResult result) {
    KvResponse response = new KvResponse(HEADER_BYTES + capacity(result));
    if (result instanceof OpResult.Txn txn) {
      response.revision = changes(txn) ? revision - 1 : revision;
      response.revisions = new long[parts(txn)];
      response.follow(txn, revision);
      response.txn(txn);
    } else {
      response.body(result);
    }
    header(response.out, header, revision);
    return response.out;
  }

  /** Writes the header that stands at the beginning of every response. */
  static void header(BackwardWriter out, Answers.Header header, long revision) {
    int before = out.length();
    out.number(4, header.term())
        .number(3, revision)
        .number(2, header.memberId())
        .number(1, header.clusterId())
        .message(1, before);
  }

  private void body(OpResult result) {
    if (result instanceof OpResult.Ranged ranged) {
      out.number(4, ranged.count()).flag(3, ranged.more());
      items(2, ranged.items());
    } else if (result instanceof OpResult.Put put) {
      if (put.previous() != null) {
        item(2, put.previous());
      }
    } else {
      OpResult.Deleted deleted = (OpResult.Deleted) result;
      items(3, deleted.previous());
      out.number(2, deleted.deleted());
    }
  }

  /** The parts of a transaction carry the revision that each of them saw, as etcd's do. */
  private void follow(OpResult.Txn txn, long after) {
    for (OpResult result : txn.results()) {
      if (result instanceof OpResult.Txn nested) {
        follow(nested, after);
      } else {
        if (changes(result)) {
          revision = after;
        }
        revisions[parts++] = revision;
      }
    }
  }

  private void txn(OpResult.Txn txn) {
    for (int i = txn.results().size() - 1; i >= 0; i--) {
      OpResult result = txn.results().get(i);
      int beforeOp = out.length();
      int beforeBody = out.length();
      if (result instanceof OpResult.Txn nested) {
        txn(nested);
        emptyHeader();
        out.message(4, beforeBody);
      } else {
        body(result);
        int beforeHeader = out.length();
        out.number(3, revisions[--parts]).message(1, beforeHeader);
        out.message(kind(result), beforeBody);
      }
      out.message(3, beforeOp);
    }
    out.flag(2, txn.succeeded());
  }

  private void emptyHeader() {
    out.message(1, out.length());
  }

  private static int parts(OpResult.Txn txn) {
    int parts = 0;
    for (OpResult result : txn.results()) {
      parts += result instanceof OpResult.Txn nested ? parts(nested) : 1;
    }
    return parts;
  }

  private static int kind(OpResult result) {
    if (result instanceof OpResult.Ranged) {
      return 1;
    }
    return result instanceof OpResult.Put ? 2 : 3;
  }

  private static boolean changes(OpResult result) {
    if (result instanceof OpResult.Txn txn) {
      return txn.results().stream().anyMatch(KvResponse::changes);
    }
    return result instanceof OpResult.Put
        || (result instanceof OpResult.Deleted deleted && deleted.deleted() > 0);
  }

  private void items(int field, List<KeyValue> items) {
    for (int i = items.size() - 1; i >= 0; i--) {
      item(field, items.get(i));
    }
  }

  private void item(int field, KeyValue item) {
    item(out, field, item);
  }

  /** Writes a pair as a message in a field. */
  static void item(BackwardWriter out, int field, KeyValue item) {
    int before = out.length();
    out.number(6, item.lease())
        .bytes(5, item.value())
        .number(4, item.version())
        .number(3, item.modRevision())
        .number(2, item.createRevision())
        .bytes(1, item.key())
        .message(field, before);
  }

  private static int capacity(OpResult result) {
    if (result instanceof OpResult.Ranged ranged) {
      return capacity(ranged.items());
    }
    if (result instanceof OpResult.Deleted deleted) {
      return capacity(deleted.previous());
    }
    if (result instanceof OpResult.Put put) {
      return put.previous() == null ? ITEM_BYTES : capacity(List.of(put.previous()));
    }
    int bytes = ITEM_BYTES;
    for (OpResult each : ((OpResult.Txn) result).results()) {
      bytes += HEADER_BYTES + capacity(each);
    }
    return bytes;
  }

  private static int capacity(List<KeyValue> items) {
    int bytes = ITEM_BYTES;
    for (KeyValue item : items) {
      bytes += ITEM_BYTES + item.key().length() + item.value().length();
    }
    return bytes;
  }
}
