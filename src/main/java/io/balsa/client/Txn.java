package io.balsa.client;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * If all conditions hold, one list of operations, else another: in one step that nobody sees in
 * part.
 */
@DataObject
public class Txn {
  private final List<Condition> conditions;
  private final List<Operation> then;
  private final List<Operation> otherwise;

  /** Without conditions and operations. */
  public Txn() {
    conditions = new ArrayList<>();
    then = new ArrayList<>();
    otherwise = new ArrayList<>();
  }

  /** A copy. */
  public Txn(Txn other) {
    conditions = new ArrayList<>(other.conditions);
    then = new ArrayList<>(other.then);
    otherwise = new ArrayList<>(other.otherwise);
  }

  /** Reads what {@link #toJson} wrote. */
  public Txn(JsonObject json) {
    conditions = JsonBytes.list(json, "compare", Condition::new);
    then = JsonBytes.list(json, "then", Operation::new);
    otherwise = JsonBytes.list(json, "else", Operation::new);
  }

  /** One more condition; all must hold. */
  public Txn when(Condition condition) {
    conditions.add(condition);
    return this;
  }

  /** One more operation for when the conditions hold. */
  public Txn then(Operation operation) {
    then.add(operation);
    return this;
  }

  /** One more operation for when one of the conditions does not hold. */
  public Txn otherwise(Operation operation) {
    otherwise.add(operation);
    return this;
  }

  /** The conditions. */
  public List<Condition> getConditions() {
    return List.copyOf(conditions);
  }

  /** What is done when all conditions hold. */
  public List<Operation> getThen() {
    return List.copyOf(then);
  }

  /** What is done when one does not. */
  public List<Operation> getOtherwise() {
    return List.copyOf(otherwise);
  }

  /** Whether it writes on neither path, whatever its conditions say. */
  public boolean isReadOnly() {
    return Stream.concat(then.stream(), otherwise.stream())
        .allMatch(
            operation ->
                operation.txn() == null
                    ? operation.kind().equals("get")
                    : operation.txn().isReadOnly());
  }

  /** The transaction over HTTP. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("compare", JsonBytes.array(conditions, Condition::toJson))
        .put("then", JsonBytes.array(then, Operation::toJson))
        .put("else", JsonBytes.array(otherwise, Operation::toJson));
  }
}
