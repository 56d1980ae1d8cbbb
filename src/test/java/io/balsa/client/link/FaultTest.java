package io.balsa.client.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.client.link.Fault.Certainty;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultTest {
  private static final String PROBLEM =
      "{\"type\":\"urn:balsa:problem:no-leader\",\"title\":\"no leader\",\"status\":503,"
          + "\"detail\":\"n1 knows no leader\",\"outcome\":\"refused\"}";

  @Test
  void readsAProblem() {
    assertThat(Fault.of(503, "application/problem+json", Buffer.buffer(PROBLEM)))
        .isEqualTo(new Fault(Certainty.REFUSED, 503, "no-leader", "n1 knows no leader"));
  }

  @Test
  void readsThatTheOutcomeIsUnknown() {
    Buffer problem = Buffer.buffer(PROBLEM.replace("refused", "unknown"));

    assertThat(Fault.of(503, "application/problem+json; charset=utf-8", problem).certainty())
        .isEqualTo(Certainty.UNKNOWN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "refused",
        "{",
        "{}",
        "{\"type\":5,\"status\":503}",
      })
  void takesNoOtherJsonForAProblem(String body) {
    assertThat(Fault.of(503, "application/problem+json", Buffer.buffer(body)).certainty())
        .isEqualTo(Certainty.LOST);
  }

  @ParameterizedTest
  @CsvSource({
    "urn:balsa:problem:, about:blank#",
    "503, 502",
    "refused, perhaps",
    "detail, details",
    "outcome, result"
  })
  void takesNoOtherProblemForOneOfBalsa(String ours, String theirs) {
    Buffer body = Buffer.buffer(PROBLEM.replace(ours, theirs));

    Fault fault = Fault.of(503, "application/problem+json", body);

    assertThat(fault.certainty()).isEqualTo(Certainty.LOST);
    assertThat(fault.kind()).isEqualTo("bad-answer");
  }

  @Test
  void takesNoOtherTypeForAProblem() {
    assertThat(Fault.of(503, "application/json", Buffer.buffer(PROBLEM)).certainty())
        .isEqualTo(Certainty.LOST);
    assertThat(Fault.of(503, null, Buffer.buffer(PROBLEM)).certainty()).isEqualTo(Certainty.LOST);
  }
}
