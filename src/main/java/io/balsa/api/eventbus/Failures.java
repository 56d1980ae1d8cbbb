package io.balsa.api.eventbus;

import io.balsa.api.Problem;
import io.balsa.api.ProblemException;
import io.balsa.client.BalsaException;
import io.balsa.client.OutcomeUnknownException;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a requester why its request was not done. */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  static void answer(Message<?> message, Throwable failure) {
    if (failure instanceof BalsaException known) {
      answer(
          message,
          known.status(),
          known.kind(),
          known.getMessage(),
          known instanceof OutcomeUnknownException);
    } else if (failure instanceof ProblemException refused) {
      answer(message, refused.problem());
    } else { // A defect of ours.
      LOG.error("event bus: request failed address={}", message.address(), failure);
      answer(message, Problem.internalAfterCall());
    }
  }

  static void answer(Message<?> message, Problem problem) {
    answer(message, problem.status(), problem.kind(), problem.detail(), problem.unknown());
  }

  private static void answer(
      Message<?> message, int status, String kind, String detail, boolean unknown) {
    message.fail(
        status,
        new JsonObject()
            .put("kind", kind)
            .put("detail", detail)
            .put("outcome", unknown ? "unknown" : "refused")
            .encode());
  }
}
