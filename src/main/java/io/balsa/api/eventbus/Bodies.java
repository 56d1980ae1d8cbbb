package io.balsa.api.eventbus;

import io.balsa.api.Fields;
import io.balsa.api.HexId;
import io.balsa.api.Problem;
import io.balsa.api.ProblemException;
import io.balsa.client.Condition;
import io.balsa.client.Consistency;
import io.balsa.client.DeleteOptions;
import io.balsa.client.GetOptions;
import io.balsa.client.Operation;
import io.balsa.client.PutOptions;
import io.balsa.client.RangeOptions;
import io.balsa.client.Txn;
import io.balsa.client.WatchOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads bodies of requests, as strictly as HTTP does: a field that is not known, missing or of
 * another kind is refused. The rules for what the fields say are left to the link.
 */
final class Bodies {
  private static final int DEPTH_MAX = 200;
  private static final List<String> CONSISTENCIES = List.of("linearizable", "serializable");
  private static final List<String> TARGETS =
      List.of("value", "version", "createRevision", "modRevision", "lease");
  private static final List<String> OPERATORS = List.of("=", "!=", "<", ">");

  private Bodies() {}

  static Fields fields(Object body) {
    if (body instanceof JsonObject json) {
      return Fields.of(json);
    }
    throw ProblemException.invalid(
        body == null
            ? "body: missing, expected a JsonObject"
            : "body: found a " + body.getClass().getSimpleName() + ", expected a JsonObject");
  }

  /**
   * About as many bytes as the texts of the body take, which are all of it that can be large.
   *
   * @throws ProblemException if the body is nested deeper than one over HTTP may be
   */
  static long size(Object body) {
    return size(body, 0);
  }

  private static long size(Object value, int depth) {
    if (depth > DEPTH_MAX) {
      throw ProblemException.invalid("body: nested deeper than " + DEPTH_MAX);
    }
    if (value instanceof String text) {
      return text.length();
    }
    if (value instanceof JsonObject json) {
      return size(json.getMap(), depth);
    }
    if (value instanceof JsonArray json) {
      return size(json.getList(), depth);
    }
    Collection<?> inner = List.of();
    if (value instanceof Map<?, ?> map) {
      inner = map.values();
    } else if (value instanceof List<?> list) {
      inner = list;
    }
    long bytes = 0;
    for (Object each : inner) {
      bytes += size(each, depth + 1);
    }
    return bytes;
  }

  static Buffer bytes(Fields fields, String name) {
    return Buffer.buffer(fields.bytes(name).toArray());
  }

  static PutOptions put(Fields fields) {
    PutOptions options = new PutOptions();
    if (fields.has("lease")) {
      options.setLeaseId(lease(fields, "lease"));
    }
    if (fields.has("ifModRevision")) {
      options.setIfModRevision(modRevision(fields));
    }
    if (fields.has("ifExists")) {
      options.setIfExists(fields.flag("ifExists"));
    }
    return options;
  }

  static DeleteOptions delete(Fields fields) {
    DeleteOptions options = new DeleteOptions();
    if (fields.has("ifModRevision")) {
      options.setIfModRevision(modRevision(fields));
    }
    return options;
  }

  static GetOptions get(Fields fields) {
    return new GetOptions().setConsistency(consistency(fields)).setRevision(revision(fields));
  }

  static RangeOptions range(Fields fields) {
    RangeOptions options =
        new RangeOptions().setConsistency(consistency(fields)).setRevision(revision(fields));
    if (fields.hasBytes("prefix")) {
      options.setPrefix(bytes(fields, "prefix"));
    }
    if (fields.has("limit")) {
      options.setLimit(limit(fields));
    }
    if (fields.has("after")) {
      options.setAfter(fields.text("after"));
    }
    if (fields.has("keysOnly")) {
      options.setKeysOnly(fields.flag("keysOnly"));
    }
    return options;
  }

  static WatchOptions watch(Fields fields) {
    WatchOptions options = new WatchOptions();
    if (fields.hasBytes("key")) {
      options.setKey(bytes(fields, "key"));
    }
    if (fields.hasBytes("prefix")) {
      options.setPrefix(bytes(fields, "prefix"));
    }
    if (fields.has("from")) {
      options.setFrom(fields.number("from", 0, Long.MAX_VALUE));
    }
    if (fields.has("previous")) {
      options.setPrevious(fields.flag("previous"));
    }
    return options;
  }

  static String lease(Fields fields, String name) {
    return HexId.format(fields.id(name));
  }

  private static long modRevision(Fields fields) {
    return fields.number("ifModRevision", 1, Long.MAX_VALUE);
  }

  private static long revision(Fields fields) {
    return fields.has("revision") ? fields.number("revision", 0, Long.MAX_VALUE) : 0;
  }

  private static int limit(Fields fields) {
    return (int) fields.number("limit", 1, RangeOptions.LIMIT_MAX);
  }

  private static Consistency consistency(Fields fields) {
    return fields.has("consistency")
        ? Consistency.valueOf(fields.choice("consistency", CONSISTENCIES).toUpperCase(Locale.ROOT))
        : Consistency.LINEARIZABLE;
  }

  static Txn txn(Fields fields) {
    Txn txn = new Txn();
    for (Fields compare : fields.objects("compare")) {
      txn.when(condition(compare));
    }
    for (Fields operation : fields.objects("then")) {
      txn.then(operation(operation));
    }
    for (Fields operation : fields.objects("else")) {
      txn.otherwise(operation(operation));
    }
    fields.end();
    return txn;
  }

  private static Condition condition(Fields fields) {
    Buffer key = bytes(fields, "key");
    String target = fields.choice("target", TARGETS);
    String op = fields.choice("op", OPERATORS);
    Object operand =
        switch (target) {
          case "value" -> bytes(fields, "value");
          case "lease" -> fields.text("value");
          default -> fields.number("value", 0, Long.MAX_VALUE);
        };
    fields.end();
    return new Condition(key, target, op, operand);
  }

  private static Operation operation(Fields fields) {
    String kind =
        List.of("put", "delete", "get", "txn").stream()
            .filter(fields::has)
            .findFirst()
            .orElseThrow(
                () ->
                    ProblemException.invalid(
                        fields.path()
                            + ": found "
                            + fields.names()
                            + ", expected put, delete, get or txn"));
    Fields inner = fields.object(kind);
    fields.end();
    if (kind.equals("txn")) {
      return Operation.nested(txn(inner));
    }
    boolean isPut = kind.equals("put");
    Buffer key = isPut || inner.hasBytes("key") ? bytes(inner, "key") : null;
    Buffer prefix = !isPut && inner.hasBytes("prefix") ? bytes(inner, "prefix") : null;
    Buffer value = isPut ? bytes(inner, "value") : null;
    String lease = isPut && inner.has("lease") ? lease(inner, "lease") : null;
    int limit = 0;
    if (kind.equals("get")) {
      limit = inner.has("limit") ? limit(inner) : RangeOptions.LIMIT;
    }
    inner.end();
    return new Operation(kind, key, prefix, value, lease, limit, null);
  }

  /** The address that the events of a watch go to. */
  static String address(Fields fields, String ownPrefix) {
    String address = fields.text("address");
    if (address.isEmpty() || address.startsWith(ownPrefix)) {
      throw ProblemException.invalid(
          "address: found "
              + Problem.quote(address)
              + ", expected an address of your own, which does not begin with "
              + ownPrefix);
    }
    return address;
  }
}
