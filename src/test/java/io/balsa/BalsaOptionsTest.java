package io.balsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.config.BadSettingException;
import io.balsa.config.ServerConfig;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class BalsaOptionsTest {
  @Test
  void optionsKeepTheirValuesAndTypesThroughJson() {
    JsonObject json =
        new BalsaOptions()
            .setName("n1")
            .setListenClientUrls(List.of("http://127.0.0.1:1", "http://127.0.0.1:2"))
            .setElectionTimeoutMillis(500)
            .setPreVote(false)
            .toJson();

    assertThat(json.encode())
        .isEqualTo(
            "{\"name\":\"n1\",\"listenClientUrls\":[\"http://127.0.0.1:1\",\"http://127.0.0.1:2\"],"
                + "\"electionTimeout\":500,\"preVote\":false}");
    assertThat(new BalsaOptions(new JsonObject(json.encode())).toJson()).isEqualTo(json);
  }

  @Test
  void optionsAreTheSettingsOfAServer() throws BadSettingException {
    ServerConfig config =
        ServerConfig.of(
            new BalsaOptions(
                    new JsonObject("{\"quotaBackendBytes\":\"1GiB\",\"requestTimeout\":\"2s\"}"))
                .setName("n1")
                .setListenPeerUrl("http://127.0.0.1:7001")
                .setInitialCluster("n1=http://127.0.0.1:7001,n2=http://127.0.0.1:7002")
                .settings());

    assertThat(config.limits().quotaBytes()).isEqualTo(1L << 30);
    assertThat(config.timing().requestMillis()).isEqualTo(2_000);
    assertThat(config.initialCluster().members()).hasSize(2);
  }

  @Test
  void whatBreaksARuleIsRefusedByTheNameOfTheOption() {
    assertThatThrownBy(
            () -> ServerConfig.of(new BalsaOptions().setElectionTimeoutMillis(3).settings()))
        .hasMessageStartingWith("electionTimeout \"3\": must be");
  }

  @Test
  void unknownOptionsAreRefusedWithTheNearestKnownOne() {
    assertThatThrownBy(() -> new BalsaOptions(new JsonObject().put("dataDirr", "x")))
        .hasMessage("options: unknown option 'dataDirr', did you mean dataDir?");
    assertThatThrownBy(() -> new BalsaOptions(new JsonObject().put("logLevel", "info")))
        .hasMessageStartingWith("options: unknown option 'logLevel'");
  }
}
