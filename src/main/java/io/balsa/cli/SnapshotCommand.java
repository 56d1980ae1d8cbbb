package io.balsa.cli;

import io.balsa.config.BadSettingException;
import io.balsa.config.Flag;
import io.balsa.config.ServerConfig;
import io.balsa.config.Settings;
import io.balsa.data.Endpoint;
import io.balsa.storage.file.StorageException;
import io.balsa.verticle.Restoration;
import io.balsa.verticle.Restoration.Contents;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Saves what a cluster holds to a file, and founds another cluster out of one. Files that etcdctl
 * saved from Balsa are as good as ours.
 */
@Command(name = "snapshot", description = "Save, check and restore the data of a cluster.")
final class SnapshotCommand implements Runnable {
  private static final String NO_USER = "auth: user name is empty";
  private static final Duration CONNECT_MAX = Duration.ofSeconds(5);

  private final Map<String, String> environment;

  @Spec private CommandSpec spec;

  SnapshotCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  @Command(description = "Save what the member at the endpoint holds to a file.")
  int save(
      @Parameters(paramLabel = "FILE", description = "Replaced if it is there.") Path file,
      @Option(
              names = "--endpoints",
              paramLabel = "URL",
              defaultValue = "http://127.0.0.1:2379",
              description = "Where to ask: one member (http://127.0.0.1:2379).")
          String endpoint,
      @Option(
              names = "--user",
              paramLabel = "NAME[:PASSWORD]",
              description = {
                "Who asks, where users are enforced (" + User.VARIABLE + "): root, or one like it.",
                "A password that is not given is asked for."
              })
          String user)
      throws Exception {
    var urls = Settings.endpoints("--endpoints", endpoint);
    if (urls.size() > 1) {
      throw BadSettingException.of("--endpoints", endpoint, "must be one URL");
    }
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      download(urls.get(0), UserOption.user(user, environment), part);
      Contents contents = Restoration.inspect(part);
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      print(contents, "snapshot saved at " + file);
      return BalsaCommand.OK;
    } catch (StorageException e) {
      throw new CommandException(e.getMessage());
    } catch (IOException e) {
      throw new CommandException("%s: %s".formatted(endpoint, UsageText.oneLine(e.toString())));
    } finally {
      Files.deleteIfExists(part);
    }
  }

  @Command(description = "Check a file, and print what it holds.")
  int status(
      @Parameters(paramLabel = "FILE") Path file,
      @Option(names = "--json", description = "Print JSON.") boolean json)
      throws CommandException {
    try {
      Contents contents = Restoration.inspect(file);
      if (json) {
        spec.commandLine()
            .getOut()
            .println(
                new JsonObject()
                    .put("clusterId", Long.toHexString(contents.clusterId()))
                    .put("index", contents.index())
                    .put("revision", contents.revision())
                    .put("keys", contents.keys())
                    .put("bytes", contents.bytes())
                    .put("sha256", contents.sha256())
                    .encodePrettily());
      } else {
        print(contents, "snapshot " + file);
      }
      return BalsaCommand.OK;
    } catch (StorageException e) {
      throw new CommandException(reason(e));
    }
  }

  @Command(
      sortOptions = false,
      description = "Make the data directory of one member of a new cluster out of a file.",
      footer = {
        "",
        "Run it once for each member, with the same file, and start them with the same flags."
      })
  int restore(
      @Parameters(paramLabel = "FILE") Path file,
      @Option(names = "--name", paramLabel = "NAME", description = "Of this member.") String name,
      @Option(
              names = "--data-dir",
              paramLabel = "DIR",
              description = "To be made; must not be there (./balsa-data).")
          String dataDir,
      @Option(
              names = "--initial-cluster",
              paramLabel = "NAME=URL,...",
              description = "All members, with their peer URLs.")
          String initialCluster,
      @Option(
              names = "--initial-cluster-token",
              paramLabel = "TOKEN",
              description = "Keeps clusters apart that are restored from one file.")
          String token,
      @Option(
              names = "--initial-advertise-peer-urls",
              paramLabel = "URLS",
              description = "Of this member, as in --initial-cluster.")
          String peerUrls)
      throws BadSettingException, CommandException {
    Map<Flag, String> flags = new EnumMap<>(Flag.class);
    put(flags, Flag.NAME, name);
    put(flags, Flag.DATA_DIR, dataDir);
    put(flags, Flag.INITIAL_CLUSTER, initialCluster);
    put(flags, Flag.INITIAL_CLUSTER_TOKEN, token);
    put(flags, Flag.INITIAL_ADVERTISE_PEER_URLS, peerUrls);
    ServerConfig config = ServerConfig.of(Settings.of(flags, Map.of()));
    try {
      Contents contents = Restoration.restore(file, config);
      print(contents, "restored member " + config.name() + " into " + config.dataDir());
      return BalsaCommand.OK;
    } catch (StorageException e) {
      throw new CommandException(reason(e));
    }
  }

  private static void put(Map<Flag, String> flags, Flag flag, String value) {
    if (value != null) {
      flags.put(flag, value);
    }
  }

  private static String reason(StorageException failure) {
    return failure.getCause() == null
        ? failure.getMessage()
        : failure.getMessage() + ": " + failure.getCause();
  }

  private void print(Contents contents, String what) {
    spec.commandLine()
        .getOut()
        .printf(
            "%s: revision %d, %d keys, %d bytes, sha256 %s%n",
            what, contents.revision(), contents.keys(), contents.bytes(), contents.sha256());
  }

  /** Writes the stream to a file as it comes, and makes it durable. */
  private static void download(Endpoint endpoint, User user, Path file)
      throws IOException, CommandException {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_MAX)
            .build();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(endpoint + "/v3/maintenance/snapshot"))
            .POST(BodyPublishers.ofString("{}"));
    try (FileChannel out =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      String token = UserOption.token(client, endpoint.toString(), user);
      if (token != null) {
        request.header("Authorization", token);
      }
      HttpResponse<Stream<String>> response = client.send(request.build(), BodyHandlers.ofLines());
      try (Stream<String> lines = response.body()) {
        for (Iterator<String> line = lines.iterator(); line.hasNext(); ) {
          ByteBuffer blob = blob(endpoint, line.next());
          while (blob.hasRemaining()) {
            out.write(blob);
          }
        }
      }
      out.force(true);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("interrupted");
    }
  }

  private static ByteBuffer blob(Endpoint endpoint, String line) throws CommandException {
    try {
      JsonObject message = new JsonObject(line);
      JsonObject error = message.getJsonObject("error");
      if (error != null) {
        String reason = error.getString("message");
        throw new CommandException(
            "%s: %s%s"
                .formatted(
                    endpoint, reason, reason.equals(NO_USER) ? ": who asks? see --user" : ""));
      }
      String blob = message.getJsonObject("result", new JsonObject()).getString("blob", "");
      return ByteBuffer.wrap(Base64.getDecoder().decode(blob));
    } catch (DecodeException | ClassCastException | IllegalArgumentException e) {
      throw new CommandException(endpoint + " answers something else than Balsa");
    }
  }
}
