package io.balsa.parity;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The real {@code etcdctl}, talking to one server; knows the ids that this server gave, which later
 * commands can name, and which no other server gives.
 */
final class Etcdctl {
  private static final long LIMIT_SECONDS = 30;

  /**
   * How the id of a new lease looks: in hexadecimal, or, where the fields are named, in decimal.
   */
  private static final Pattern LEASE =
      Pattern.compile("^lease ([0-9a-f]{15,16}) granted|\"ID\" ?: ?([0-9]{15,20})");

  /** What differs from run to run, and what stands for it. */
  private static final List<Mask> MASKS =
      List.of(
          new Mask("\"ts\":\"[^\"]*\"", "\"ts\":TIME"),
          new Mask("client-[0-9a-f-]{36}", "client-ID"),
          new Mask("(\"(?:cluster_id|member_id|raft_term)\":)[0-9]+", "$1ID"),
          new Mask("(\"(?:ClusterID|MemberID|RaftTerm)\" : )[0-9]+", "$1ID"),
          new Mask("(?m)^20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d+", "TIME"),
          new Mask("0xc[0-9a-f]{9}", "ADDRESS"), // In a panic of etcdctl itself.
          new Mask("(\"ttl\":|\"TTL\" : )[1-9][0-9]*", "$1TIME"),
          new Mask("remaining\\(\\d+s\\)", "remaining(TIME)"));

  private final int port;
  private final List<String> leases = new ArrayList<>();

  private record Mask(Pattern pattern, String instead) {
    Mask(String pattern, String instead) {
      this(Pattern.compile(pattern), instead);
    }
  }

  /** What a command left behind, without what differs from run to run. */
  record Output(int exitCode, String out, String err) {
    @Override
    public String toString() {
      return "exit code %d%n%s%s".formatted(exitCode, quote("1> ", out), quote("2> ", err));
    }

    private static String quote(String mark, String text) {
      StringBuilder quoted = new StringBuilder();
      text.lines().forEach(line -> quoted.append(mark).append(line).append('\n'));
      return quoted.toString();
    }
  }

  Etcdctl(int port) {
    this.port = port;
  }

  /** Begins a command; the answer comes when it has ended. */
  CompletableFuture<Output> run(Script.Command command) {
    List<String> words =
        new ArrayList<>(List.of("etcdctl", "--command-timeout=20s", "--dial-timeout=20s"));
    words.add("--endpoints=127.0.0.1:" + port);
    command.arguments().forEach(argument -> words.add(withIds(argument)));
    try {
      ProcessBuilder builder = new ProcessBuilder(words);
      builder.environment().put("ETCDCTL_API", "3");
      Process process = builder.start();
      CompletableFuture<String> out = read(process.getInputStream());
      CompletableFuture<String> err = read(process.getErrorStream());
      try (var input = process.getOutputStream()) {
        input.write(withIds(command.input()).getBytes(StandardCharsets.UTF_8));
      } catch (IOException ended) {
        // It does not read what it is given.
      }
      return process
          .onExit()
          .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
          .whenComplete((ended, late) -> end(process, late))
          .thenCombine(
              out.thenCombine(err, (o, e) -> new String[] {o, e}),
              (ended, texts) -> new Output(ended.exitValue(), masked(texts[0]), masked(texts[1])));
    } catch (IOException e) {
      throw new AssertionError("starting " + words, e);
    }
  }

  /** Not after it has ended: that would close what is still to be read. */
  private static void end(Process process, Throwable late) {
    if (late != null) {
      process.destroyForcibly();
    }
  }

  private static CompletableFuture<String> read(InputStream stream) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.ISO_8859_1);
          } catch (IOException e) {
            throw new AssertionError("reading an output", e);
          }
        },
        task -> new Thread(task, "etcdctl-output").start());
  }

  private String withIds(String text) {
    String with = text;
    for (int i = 0; i < leases.size(); i++) {
      with = with.replace("$lease" + (i + 1), leases.get(i));
    }
    return with;
  }

  private synchronized String masked(String text) {
    Matcher lease = LEASE.matcher(text);
    while (lease.find()) {
      String id =
          lease.group(1) != null
              ? lease.group(1)
              : Long.toHexString(Long.parseUnsignedLong(lease.group(2)));
      if (!leases.contains(id)) {
        leases.add(id);
      }
    }
    String masked = text.replace(":" + port, ":PORT");
    for (int i = 0; i < leases.size(); i++) {
      String name = "LEASE" + (i + 1);
      masked = masked.replace(leases.get(i), name);
      masked =
          masked.replace(Long.toUnsignedString(Long.parseUnsignedLong(leases.get(i), 16)), name);
    }
    for (Mask mask : MASKS) {
      masked = mask.pattern().matcher(masked).replaceAll(mask.instead());
    }
    return masked;
  }
}
