package io.balsa.verticle;

import static io.balsa.verticle.RawBus.await;
import static io.balsa.verticle.RawBus.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.api.RefusalStatus;
import io.balsa.api.eventbus.EventBusOptions;
import io.balsa.bus.Addresses;
import io.balsa.bus.PassThroughCodec;
import io.balsa.engine.ReplicaInput;
import io.balsa.engine.request.Answers;
import io.balsa.engine.request.Call;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.verticle.RawBus.Failure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How refusals of a replica, here the test, reach somebody without a client. */
class EventBusOutcomesTest {
  private static final Addresses ADDRESSES = Addresses.of(9);
  private static final JsonObject PUT = new JsonObject().put("key", "k").put("value", "v");

  private final Vertx vertx = Vertx.vertx();
  private final RawBus bus = new RawBus(vertx);
  private volatile Reply reply; // Null for none.
  private volatile long timeoutMillis;
  private String api;

  @BeforeEach
  void start() throws Exception {
    PassThroughCodec.register(vertx);
    vertx
        .eventBus()
        .<ReplicaInput>localConsumer(
            ADDRESSES.replica(),
            message -> {
              if (message.body() instanceof ReplicaInput.Calls calls) {
                calls.calls().forEach(call -> answer(calls.answerTo(), call));
              }
            });
    EventBusOptions options =
        EventBusOptions.of(false, 1_000, 7_000).withLimits(10, 10_000, 10, 10_000, 100);
    api = await(vertx.deployVerticle(new EventBusApiVerticle(options, ADDRESSES)));
  }

  private void answer(String address, Call call) {
    if (call.request() instanceof Request.Write && reply != null) {
      timeoutMillis = call.timeoutMillis();
      Addresses.send(
          vertx,
          address,
          new Answers(
              new Answers.Header(1, 1, 1, 1),
              List.of(new Answers.Answer(call.number(), reply)),
              List.of()));
    }
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  @ParameterizedTest
  @EnumSource
  void eachRefusalHasItsCodeAndItsOutcome(Refusal refusal) throws Exception {
    for (boolean unknown : new boolean[] {false, true}) {
      reply = new Reply.Refused(refusal, unknown, "found this, expected that");
      assertThat(bus.refused("put", PUT))
          .isEqualTo(
              new Failure(
                  RefusalStatus.of(refusal).code(),
                  refusal.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                  "found this, expected that",
                  unknown ? "unknown" : "refused"));
    }
  }

  @Test
  void aRequestWaitsAsLongAsItSaysAndNoLongerThanTheMemberDoes() throws Exception {
    reply = new Reply.Refused(Refusal.NO_LEADER, false, "none");
    bus.refused("put", PUT, "timeoutMs", "123");
    assertThat(timeoutMillis).isEqualTo(123);
    bus.refused("put", PUT, "timeoutMs", "30000");
    assertThat(timeoutMillis).isEqualTo(7_000);
    bus.refused("put", PUT);
    assertThat(timeoutMillis).isEqualTo(7_000);
  }

  @Test
  void whatIsInFlightWhenTheMemberHasWaitedLongEnoughHasAnUnknownOutcome() throws Exception {
    Future<JsonObject> asked = bus.request("balsa.kv", "put", PUT);
    await(vertx.undeploy(api));
    assertThat(failure(asked))
        .isEqualTo(new Failure(503, "stopping", "the member is stopping", "unknown"));
  }
}
