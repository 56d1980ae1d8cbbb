package io.balsa.deploy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A unit of systemd: sections of directives, each given once. */
final class SystemdUnit {
  /** Those that we use, with their sections. systemd itself passes over what it does not know. */
  private static final Map<String, Set<String>> DIRECTIVES =
      Map.of(
          "Unit", Set.of("Description", "Wants", "After"),
          "Service",
              Set.of(
                  "Type",
                  "User",
                  "Group",
                  "EnvironmentFile",
                  "ExecStart",
                  "StateDirectory",
                  "StateDirectoryMode",
                  "WorkingDirectory",
                  "UMask",
                  "LimitNOFILE",
                  "KillSignal",
                  "TimeoutStopSec",
                  "SuccessExitStatus",
                  "Restart",
                  "RestartSec",
                  "RestartPreventExitStatus",
                  "NoNewPrivileges",
                  "CapabilityBoundingSet",
                  "ProtectSystem",
                  "ProtectHome",
                  "ProtectProc",
                  "ProtectClock",
                  "ProtectControlGroups",
                  "ProtectHostname",
                  "ProtectKernelLogs",
                  "ProtectKernelModules",
                  "ProtectKernelTunables",
                  "PrivateDevices",
                  "PrivateTmp",
                  "LockPersonality",
                  "RemoveIPC",
                  "RestrictAddressFamilies",
                  "RestrictNamespaces",
                  "RestrictRealtime",
                  "RestrictSUIDSGID",
                  "SystemCallArchitectures",
                  "SystemCallFilter"),
          "Install", Set.of("WantedBy"));

  private final Map<String, String> directives = new LinkedHashMap<>();

  /**
   * Reads a unit.
   *
   * @throws AssertionError where a line is no directive of its section
   */
  static SystemdUnit parse(String text) {
    SystemdUnit unit = new SystemdUnit();
    String section = "";
    for (String line : lines(text)) {
      if (line.startsWith("[")) {
        section = line.substring(1, line.length() - 1);
      } else {
        String name = line.split("=", 2)[0];
        if (!DIRECTIVES.getOrDefault(section, Set.of()).contains(name)) {
          throw new AssertionError("no directive of [" + section + "]: " + line);
        }
        put(unit.directives, line);
      }
    }
    return unit;
  }

  /** Reads the variables of an environment file. */
  static Map<String, String> variables(String text) {
    Map<String, String> variables = new LinkedHashMap<>();
    lines(text).forEach(line -> put(variables, line));
    return variables;
  }

  private static List<String> lines(String text) {
    List<String> lines = new ArrayList<>(text.lines().toList());
    lines.removeIf(line -> line.isBlank() || line.startsWith("#"));
    return lines;
  }

  private static void put(Map<String, String> values, String line) {
    String[] parts = line.split("=", 2);
    if (parts.length < 2 || values.put(parts[0], parts[1]) != null) {
      throw new AssertionError("no name with a value, or given twice: " + line);
    }
  }

  /** The value of a directive. */
  String get(String name) {
    if (!directives.containsKey(name)) {
      throw new AssertionError("no directive " + name);
    }
    return directives.get(name);
  }
}
