package io.balsa.config;

import io.balsa.fuzz.Fuzzer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A configuration file with anything in it. */
class ConfigFuzzTest {
  private static final List<String> SAMPLES =
      List.of(
          "name: n1\ninitial-cluster: n1=http://127.0.0.1:2380,n2=http://127.0.0.1:2382\n",
          "listen-client-urls: [http://127.0.0.1:1, \"http://127.0.0.1:2\"]\nname: a\n",
          "advertise-client-urls:\n  - http://127.0.0.1:1\n  - http://[::1]:2\n",
          "heartbeat-interval: 50\nelection-timeout: 500\nquota-backend-bytes: 2GiB\n",
          "auto-compaction-mode: periodic\nauto-compaction-retention: 1h30m\npre-vote: false\n",
          "max-request-bytes: 1MiB # a comment\nlog-level: 'warn'\n",
          "discovery: hazelcast\nfounders: n1,n2,n3\n");

  @TempDir Path directory;

  @Test
  void files() {
    Path file = directory.resolve("balsa.yaml");
    new Fuzzer<>(
            getClass(),
            "YAML file",
            BadSettingException.class,
            input -> {
              Files.write(file, input);
              return ServerConfig.of(
                  Settings.of(Map.of(Flag.CONFIG_FILE, file.toString()), Map.of()));
            })
        .samples(ConfigFuzzTest::sample)
        .words(
            ": ",
            "- ",
            "[",
            "]",
            "{",
            "}",
            "&a ",
            "*a",
            "!!int ",
            "!!",
            "|\n ",
            ">\n ",
            "\"",
            "'",
            "? ",
            "%YAML 1.1\n",
            "---\n",
            "...\n",
            "\t",
            "#",
            "\u0000",
            "\ufeff",
            "\u2028",
            "<<",
            "name: ",
            "listen-peer-urls: ",
            "data-dir: ",
            "0x7f",
            "~",
            "\\x",
            "[*a,*a,*a,*a]")
        .allocates(1 << 20, 4_000)
        .inputs(5_000)
        .run();
  }

  private static byte[] sample(Random random) {
    return SAMPLES.get(random.nextInt(SAMPLES.size())).getBytes(StandardCharsets.UTF_8);
  }
}
