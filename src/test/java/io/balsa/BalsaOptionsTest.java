package io.balsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.config.AuthToken;
import io.balsa.config.ServerConfig;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
  void optionsAreTheSettingsOfAServer(@TempDir Path dir) throws Exception {
    Path secret = Files.write(dir.resolve("secret"), new byte[32]);
    ServerConfig config =
        ServerConfig.of(
            new BalsaOptions(
                    new JsonObject("{\"quotaBackendBytes\":\"1GiB\",\"requestTimeout\":\"2s\"}"))
                .setName("n1")
                .setListenPeerUrl("http://127.0.0.1:7001")
                .setInitialCluster("n1=http://127.0.0.1:7001,n2=http://127.0.0.1:7002")
                .setAuthToken("jwt,sign-method=HS256,priv-key=" + secret + ",ttl=1m")
                .settings());

    assertThat(config.limits().quotaBytes()).isEqualTo(1L << 30);
    assertThat(config.timing().requestMillis()).isEqualTo(2_000);
    assertThat(config.initialCluster().members()).hasSize(2);
    assertThat(config.authToken())
        .hasValue(
            new AuthToken("HS256", Optional.empty(), Optional.of(secret), Duration.ofMinutes(1)));
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
