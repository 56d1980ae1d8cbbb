package io.balsa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.config.Flag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BalsaCommandTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "server --electon-timeout 1000|--electon-timeout: unknown flag, did you mean"
            + " --election-timeout?",
        "server --electon-timeout=9|--electon-timeout \"9\": unknown flag, did you mean"
            + " --election-timeout?",
        "server -name n1|-name: unknown flag, did you mean --name?",
        "server --xyzzy|--xyzzy: unknown flag, see balsa server --help",
        "server --pre-vote --xyzzy|--xyzzy: unknown flag, see balsa server --help",
        "server --pre-vote maybe|--pre-vote \"maybe\": must be true or false",
        "server extra|\"extra\": unexpected word, see balsa server --help",
        "server --name|--name: needs a value",
        "server --name --data-dir x|--name: needs a value",
        "server --name a --name b|--name: must be given once",
        "server --name=|--name \"\": must be 1 to 128 characters without spaces, control"
            + " characters, commas, slashes and equals signs",
        "server --snapshot-count -5|--snapshot-count \"-5\": must be a whole number of entries"
            + " from 1 to 1000000000",
        "server --election-timeout 300|--election-timeout \"300\": must be at least 5 times"
            + " --heartbeat-interval \"100\"",
        "--name n1|--name: is a flag of the server: balsa server --name",
        "srever|\"srever\": unknown command, did you mean server?",
        "frobnicate|\"frobnicate\": unknown command, see balsa --help",
        "dev --ports 1,2,3|--ports \"1,2,3\": must be three numbers from 1 to 65534 separated by"
            + " commas, no two of them neighbours",
        "dev --ports 2379|--ports \"2379\": must be three numbers from 1 to 65534 separated by"
            + " commas, no two of them neighbours",
        "dev --data-dir=|--data-dir \"\": must be a path",
        "dev --log-level loud|--log-level \"loud\": must be one of debug, info, warn, error",
        "status --endpoints here|--endpoints \"here\": must be http://host:port or"
            + " https://host:port with nothing behind the port, separated by commas: \"here\"",
      })
  void aWrongCommandLineEndsWithOneLineAndExitCode2(String line, String complaint) {
    Console console = Console.run(line.split(" "));

    assertThat(console.err()).isEqualTo("balsa: " + complaint + System.lineSeparator());
    assertThat(console.out()).isEmpty();
    assertThat(console.exitCode()).isEqualTo(2);
  }

  @Test
  void aMissingCommandIsAskedFor() {
    Console console = Console.run();

    assertThat(console.err())
        .startsWith("balsa: a command is missing, one of: balsa server, balsa dev, balsa status")
        .hasLineCount(1);
    assertThat(console.exitCode()).isEqualTo(2);
  }

  @Test
  void variablesAndFilesAreComplainedAboutInTheSameManner(@TempDir Path directory)
      throws IOException {
    Path file = Files.writeString(directory.resolve("balsa.yaml"), "max-txn-ops: lots\n");

    assertThat(Console.run(Map.of("BALSA_MAX_TXN_OPS", "-1"), "server"))
        .isEqualTo(
            new Console(
                2,
                "",
                "balsa: BALSA_MAX_TXN_OPS \"-1\": must be a whole number of operations"
                    + " from 1 to 100000\n"));
    assertThat(Console.run("server", "--config-file", file.toString()))
        .isEqualTo(
            new Console(
                2,
                "",
                "balsa: "
                    + file
                    + ":1: max-txn-ops \"lots\": must be a whole number of operations"
                    + " from 1 to 100000\n"));
  }

  @ParameterizedTest
  @EnumSource(Flag.class)
  void everyFlagIsInTheHelpAndMustHaveAValueUnlessItIsASwitch(Flag flag) {
    assertThat(Console.run("server", "--help").out())
        .containsPattern(" " + flag.option() + "(=|\\[=)" + flag.placeholder());

    // The flag behind it is wrong, so that no server starts.
    Console console = Console.run("server", flag.option(), "--max-txn-ops", "-1");
    if (flag.isSwitch()) {
      assertThat(console.err()).doesNotStartWith("balsa: " + flag.option() + ": needs a value");
    } else {
      assertThat(console.err()).isEqualTo("balsa: " + flag.option() + ": needs a value\n");
    }
    assertThat(console.exitCode()).isEqualTo(2);
  }

  @Test
  void aLineStaysALineWhateverIsInTheArguments() {
    for (String argument :
        List.of("--fo\no", "fo\r\no", "--name=\u2028", "--max-txn-ops=\n", "\0")) {
      Console console = Console.run("server", argument);
      assertThat(console.err()).startsWith("balsa: ").hasLineCount(1).doesNotContain("\u2028");
      assertThat(console.exitCode()).isEqualTo(2);
    }
  }

  @Test
  void aValueMayBeginWithAnAtSign() {
    assertThat(Console.run("server", "--max-txn-ops", "@/etc/hostname").err())
        .startsWith("balsa: --max-txn-ops \"@/etc/hostname\": must be");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "server --help", "dev -h", "status --help", "wal --help"})
  void helpGoesToStandardOutput(String line) {
    Console console = Console.run(line.split(" "));

    assertThat(console.out()).startsWith("Usage: balsa");
    assertThat(console.err()).isEmpty();
    assertThat(console.exitCode()).isZero();
  }

  @Test
  void tellsItsVersion() {
    Console console = Console.run("version");

    assertThat(console.out()).matches("balsa [0-9]+\\.[0-9]+\\.[0-9]+, Java 17\\S*\\R");
    assertThat(console.exitCode()).isZero();
  }
}
