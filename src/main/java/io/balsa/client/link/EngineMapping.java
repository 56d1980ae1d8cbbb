package io.balsa.client.link;

import io.balsa.api.HexId;
import io.balsa.api.Keys;
import io.balsa.api.PageToken;
import io.balsa.api.Problem;
import io.balsa.api.ProblemException;
import io.balsa.api.RangePage;
import io.balsa.client.Change;
import io.balsa.client.Condition;
import io.balsa.client.Consistency;
import io.balsa.client.DeleteOptions;
import io.balsa.client.KeyValue;
import io.balsa.client.LeaseInfo;
import io.balsa.client.Operation;
import io.balsa.client.OperationResult;
import io.balsa.client.PutOptions;
import io.balsa.client.RangeOptions;
import io.balsa.client.RangeResult;
import io.balsa.client.Txn;
import io.balsa.client.TxnResult;
import io.balsa.client.WatchEvent;
import io.balsa.client.WatchOptions;
import io.balsa.data.Bytes;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.Compare;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Once;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import io.balsa.mvcc.command.Ops;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * From what a client says to what the engine is asked, and back. Refuses with a {@link
 * ProblemException} what breaks a rule that the engine leaves to its callers.
 */
final class EngineMapping {
  private EngineMapping() {}

  // ---- Requests

  static Op put(Buffer key, Buffer value, PutOptions options) {
    Bytes name = key(key);
    List<Compare> conditions = new ArrayList<>();
    if (options.getIfExists() != null) {
      conditions.add(
          Compare.number(
              name,
              Compare.Target.VERSION,
              options.getIfExists() ? Compare.Operator.GREATER : Compare.Operator.EQUAL,
              0));
    }
    addRevision(conditions, name, options.getIfModRevision());
    return guard(name, conditions, Op.Put.of(name, bytes(value), lease(options.getLeaseId())));
  }

  static Op delete(Buffer key, DeleteOptions options) {
    Bytes name = key(key);
    List<Compare> conditions = new ArrayList<>();
    addRevision(conditions, name, options.getIfModRevision());
    return guard(name, conditions, new Op.DeleteRange(KeyRange.of(name), false));
  }

  static Op deletePrefix(Buffer prefix) {
    return new Op.DeleteRange(KeyRange.prefix(writablePrefix(prefix)), false);
  }

  private static void addRevision(List<Compare> conditions, Bytes key, Long revision) {
    if (revision != null) {
      if (revision < 0) {
        throw ProblemException.invalid("ifModRevision: found " + revision + ", expected 0 or more");
      }
      conditions.add(
          Compare.number(key, Compare.Target.MOD_REVISION, Compare.Operator.EQUAL, revision));
    }
  }

  private static Op guard(Bytes key, List<Compare> conditions, Op write) {
    return conditions.isEmpty()
        ? write
        : new Op.Txn(
            conditions, List.of(write), List.of(Op.Range.of(KeyRange.of(key), 0, 1, true)));
  }

  /**
   * The result of a write that may have been guarded.
   *
   * @throws ProblemException if its conditions did not hold, or if its name was that of a write of
   *     another kind before
   */
  static <R extends OpResult> R written(Class<R> kind, OpResult result) {
    OpResult inner = result;
    if (result instanceof OpResult.Txn txn && kind != OpResult.Txn.class) {
      inner = txn.results().size() == 1 ? txn.results().get(0) : txn;
      if (!txn.succeeded() && inner instanceof OpResult.Ranged found) {
        throw new ProblemException(
            Problem.preconditionFailed(
                found.items().isEmpty()
                    ? "the key does not exist"
                    : "the key exists, its mod revision is " + found.items().get(0).modRevision()));
      }
    }
    if (!kind.isInstance(inner)) {
      throw new ProblemException(
          Problem.idempotencyKeyReused(
              "session and sequence: found those of another request before, expected a new"
                  + " sequence"));
    }
    return kind.cast(inner);
  }

  static Request.Read read(Buffer key, Consistency consistency, long revision) {
    return new Request.Read(
        Op.Range.of(KeyRange.of(key(key)), revision(revision), 1, false),
        consistency == Consistency.SERIALIZABLE);
  }

  static RangePage page(RangeOptions options) {
    return RangePage.of(
        Keys.prefix(bytes(options.getPrefix()), "prefix"),
        options.getAfter(),
        revision(options.getRevision()));
  }

  static Request.Read read(RangeOptions options, RangePage page) {
    return new Request.Read(
        page.read(limit(options.getLimit()), options.isKeysOnly()),
        options.getConsistency() == Consistency.SERIALIZABLE);
  }

  static Op.Txn txn(Txn txn) {
    if (txn.getConditions().isEmpty() && txn.getThen().isEmpty() && txn.getOtherwise().isEmpty()) {
      throw ProblemException.invalid("txn: no condition and no operation: nothing to do");
    }
    Op.Txn op = nested(txn);
    // The replica checks by etcd's rule, which is not as strict.
    Ops.checkStrictly(op, Integer.MAX_VALUE)
        .filter(violation -> violation.rule() == Ops.Rule.DUPLICATE_KEY)
        .ifPresent(
            violation -> {
              throw new ProblemException(
                  Problem.of(new Reply.Refused(Refusal.DUPLICATE_KEY, false, violation.detail())));
            });
    return op;
  }

  private static Op.Txn nested(Txn txn) {
    return new Op.Txn(
        txn.getConditions().stream().map(EngineMapping::compare).toList(),
        txn.getThen().stream().map(EngineMapping::operation).toList(),
        txn.getOtherwise().stream().map(EngineMapping::operation).toList());
  }

  private static Compare compare(Condition condition) {
    Bytes key = key(condition.key());
    Compare.Operator operator =
        switch (condition.op()) {
          case "=" -> Compare.Operator.EQUAL;
          case "!=" -> Compare.Operator.NOT_EQUAL;
          case "<" -> Compare.Operator.LESS;
          case ">" -> Compare.Operator.GREATER;
          default ->
              throw ProblemException.invalid(
                  "compare: found op " + Problem.quote(condition.op()) + ", expected = != < >");
        };
    return switch (condition.target()) {
      case "value" -> Compare.value(key, operator, value(condition));
      case "version" -> number(condition, key, Compare.Target.VERSION, operator);
      case "createRevision" -> number(condition, key, Compare.Target.CREATE_REVISION, operator);
      case "modRevision" -> number(condition, key, Compare.Target.MOD_REVISION, operator);
      case "lease" ->
          Compare.number(
              key,
              Compare.Target.LEASE,
              operator,
              "0".equals(condition.operand()) ? 0 : lease(String.valueOf(condition.operand())));
      default ->
          throw ProblemException.invalid(
              "compare: found target "
                  + Problem.quote(condition.target())
                  + ", expected value version createRevision modRevision lease");
    };
  }

  private static Bytes value(Condition condition) {
    if (condition.operand() instanceof Buffer value) {
      return bytes(value);
    }
    throw ProblemException.invalid(
        "compare: found value " + condition.operand() + ", expected bytes");
  }

  private static Compare number(
      Condition condition, Bytes key, Compare.Target target, Compare.Operator operator) {
    if (condition.operand() instanceof Long number && number >= 0) {
      return Compare.number(key, target, operator, number);
    }
    throw ProblemException.invalid(
        "compare: found %s %s, expected a whole number from 0"
            .formatted(condition.target(), condition.operand()));
  }

  private static Op operation(Operation operation) {
    return switch (operation.kind()) {
      case "put" ->
          Op.Put.of(key(operation.key()), bytes(operation.value()), lease(operation.leaseId()));
      case "delete" -> new Op.DeleteRange(keysOf(operation, true), false);
      case "get" -> Op.Range.of(keysOf(operation, false), 0, limit(operation.limit()), false);
      case "txn" -> nested(operation.txn());
      default ->
          throw ProblemException.invalid(
              "operation: found "
                  + Problem.quote(operation.kind())
                  + ", expected put, delete, get or txn");
    };
  }

  private static KeyRange keysOf(Operation operation, boolean writes) {
    if ((operation.key() == null) == (operation.prefix() == null)) {
      throw ProblemException.invalid(operation.kind() + ": key and prefix: expected one of them");
    }
    if (operation.key() != null) {
      return KeyRange.of(key(operation.key()));
    }
    return KeyRange.prefix(
        writes
            ? writablePrefix(operation.prefix())
            : Keys.prefix(bytes(operation.prefix()), "prefix"));
  }

  private static Bytes writablePrefix(Buffer prefix) {
    if (prefix.length() == 0) {
      throw ProblemException.invalid("prefix: empty, expected one of at least a byte");
    }
    return Keys.prefix(bytes(prefix), "prefix");
  }

  static KeyRange watched(WatchOptions options) {
    if (options.getKey() != null && options.getPrefix() != null) {
      throw ProblemException.invalid("prefix and key: both given, expected one of them or none");
    }
    if (options.getKey() != null) {
      return KeyRange.of(key(options.getKey()));
    }
    return options.getPrefix() == null
        ? KeyRange.ALL
        : KeyRange.prefix(Keys.prefix(bytes(options.getPrefix()), "prefix"));
  }

  static long revision(long revision) {
    if (revision < 0) {
      throw ProblemException.invalid("revision: found " + revision + ", expected 0 or more");
    }
    return revision;
  }

  private static int limit(int limit) {
    if (limit < 1 || limit > RangeOptions.LIMIT_MAX) {
      throw ProblemException.invalid(
          "limit: found " + limit + ", expected 1 to " + RangeOptions.LIMIT_MAX);
    }
    return limit;
  }

  /** The bytes of all values that a write brings. */
  static long valueBytes(Op op) {
    if (op instanceof Op.Put put) {
      return put.value().length();
    }
    if (op instanceof Op.Txn txn) {
      return txn.then().stream().mapToLong(EngineMapping::valueBytes).sum()
          + txn.otherwise().stream().mapToLong(EngineMapping::valueBytes).sum();
    }
    return 0;
  }

  /** The id of a lease; 0 for null, which is none. */
  static long lease(String id) {
    return id == null ? 0 : HexId.parse(id, "lease");
  }

  /** The name of a write; null for none. */
  static Once once(OnceKey key) {
    return key == null ? null : new Once(HexId.parse(key.session(), "session"), key.sequence());
  }

  private static Bytes key(Buffer key) {
    return Keys.key(bytes(key), "key");
  }

  private static Bytes bytes(Buffer buffer) {
    return Bytes.wrap(buffer.getBytes());
  }

  // ---- Replies

  static RangeResult result(RangePage page, Reply.Read read) {
    OpResult.Ranged found = (OpResult.Ranged) read.result();
    PageToken end = page.end(read);
    return new RangeResult(
        end.revision(), end.count(), items(found), found.more() ? end.encode() : null);
  }

  /** The item of a read of one key, or null. */
  static KeyValue item(Reply.Read read) {
    OpResult.Ranged found = (OpResult.Ranged) read.result();
    return found.items().isEmpty() ? null : item(found.items().get(0));
  }

  static TxnResult txn(long revision, OpResult result) {
    OpResult.Txn txn = written(OpResult.Txn.class, result);
    return new TxnResult(revision, txn.succeeded(), results(txn));
  }

  private static List<OperationResult> results(OpResult.Txn txn) {
    return txn.results().stream().map(EngineMapping::result).toList();
  }

  private static OperationResult result(OpResult result) {
    if (result instanceof OpResult.Put put) {
      return OperationResult.put(put.revision());
    }
    if (result instanceof OpResult.Deleted deleted) {
      return OperationResult.delete(deleted.deleted());
    }
    if (result instanceof OpResult.Ranged ranged) {
      return OperationResult.get(ranged.count(), items(ranged));
    }
    OpResult.Txn txn = (OpResult.Txn) result;
    return OperationResult.txn(txn.succeeded(), results(txn));
  }

  private static List<KeyValue> items(OpResult.Ranged ranged) {
    return ranged.items().stream().map(EngineMapping::item).toList();
  }

  private static KeyValue item(io.balsa.mvcc.command.KeyValue item) {
    return new KeyValue(
        Buffer.buffer(item.key().toArray()),
        Buffer.buffer(item.value().toArray()),
        item.createRevision(),
        item.modRevision(),
        item.version(),
        item.lease() == 0 ? null : HexId.format(item.lease()));
  }

  static LeaseInfo lease(Reply.Lease reply) {
    return new LeaseInfo(
        HexId.format(reply.lease().id()),
        reply.lease().ttlSeconds(),
        reply.lease().remainingSeconds());
  }

  static WatchEvent event(long revision, List<io.balsa.mvcc.command.Change> changes) {
    return new WatchEvent(
        revision,
        changes.stream()
            .map(
                change ->
                    new Change(
                        change.deletion(),
                        item(change.item()),
                        change.previous() == null ? null : item(change.previous())))
            .toList());
  }
}
