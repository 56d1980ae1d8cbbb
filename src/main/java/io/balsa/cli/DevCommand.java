package io.balsa.cli;

import io.balsa.config.BadSettingException;
import io.balsa.config.Flag;
import io.balsa.config.ServerConfig;
import io.balsa.config.Settings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs three members in one process, with nothing to configure. Variables do not count here. */
@Command(
    name = "dev",
    description = "Run a cluster of three members in this process, on loopback.",
    sortOptions = false)
final class DevCommand implements Callable<Integer> {
  private static final int MEMBERS = 3;
  private static final int PORT_MAX = 65_534; // The port behind it is for the peers.
  private static final String URL = "http://127.0.0.1:";

  @Spec private CommandSpec spec;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where n1, n2 and n3 keep their data (./balsa-data).")
  private String dataDir = "./balsa-data";

  @Option(
      names = "--ports",
      paramLabel = "PORT,PORT,PORT",
      description = "Where clients are served (2379,22379,32379); peers on the port behind each.")
  private String ports = "2379,22379,32379";

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      description = "debug, info, warn or error (warn).")
  private String logLevel = "warn";

  @Override
  public Integer call() throws Exception {
    List<Integer> clientPorts = clientPorts();
    if (dataDir.isBlank()) {
      throw BadSettingException.of("--data-dir", dataDir, "must be a path");
    }
    String cluster =
        IntStream.range(0, MEMBERS)
            .mapToObj(i -> name(i) + "=" + URL + (clientPorts.get(i) + 1))
            .collect(Collectors.joining(","));
    List<ServerConfig> members = new ArrayList<>();
    for (int i = 0; i < MEMBERS; i++) {
      members.add(
          ServerConfig.of(
              Settings.of(
                  Map.of(
                      Flag.NAME,
                      name(i),
                      Flag.DATA_DIR,
                      dataDir + "/" + name(i),
                      Flag.LISTEN_CLIENT_URLS,
                      URL + clientPorts.get(i),
                      Flag.LISTEN_PEER_URLS,
                      URL + (clientPorts.get(i) + 1),
                      Flag.INITIAL_CLUSTER,
                      cluster,
                      Flag.INITIAL_CLUSTER_TOKEN,
                      "balsa-dev",
                      Flag.LOG_LEVEL,
                      logLevel),
                  Map.of())));
    }
    return Launch.run(
        members,
        Launch.logger(members.get(0).logLevel()),
        spec.commandLine().getErr(),
        () -> greet(clientPorts));
  }

  private static String name(int i) {
    return "n" + (i + 1);
  }

  private List<Integer> clientPorts() throws BadSettingException {
    List<Integer> numbers = new ArrayList<>();
    for (String port : ports.split(",", -1)) {
      int number = port.strip().matches("[0-9]{1,5}") ? Integer.parseInt(port.strip()) : 0;
      boolean isFree =
          numbers.stream().noneMatch(other -> Math.abs(other - number) <= 1); // Peers' ports too.
      if (number < 1 || number > PORT_MAX || !isFree) {
        numbers.clear();
        break;
      }
      numbers.add(number);
    }
    if (numbers.size() != MEMBERS) {
      throw BadSettingException.of(
          "--ports",
          ports,
          "must be three numbers from 1 to "
              + PORT_MAX
              + " separated by commas, no two of them neighbours");
    }
    return numbers;
  }

  private void greet(List<Integer> clientPorts) {
    String first = URL + clientPorts.get(0);
    String last = URL + clientPorts.get(MEMBERS - 1);
    PrintWriter out = spec.commandLine().getOut();
    out.println("three members serve clients on 127.0.0.1, ports " + ports);
    out.println("their data is in " + Path.of(dataDir) + " and will be there next time");
    out.println();
    out.println("  curl -X PUT --data-binary hello " + first + "/v1/kv/greeting");
    out.println("  curl " + last + "/v1/kv/greeting");
    out.println("  curl -N '" + last + "/v1/watch?prefix=greet'");
    out.println("  java -jar balsa.jar status --endpoints " + first);
    out.println();
    out.println("Ctrl-C stops them");
  }
}
