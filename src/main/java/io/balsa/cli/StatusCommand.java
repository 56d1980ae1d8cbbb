package io.balsa.cli;

import io.balsa.config.BadSettingException;
import io.balsa.config.Settings;
import io.balsa.data.Endpoint;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Shows a cluster: the members as the first endpoint that answers knows them, and what each says of
 * itself at its client URLs. Fails when one of them does not answer.
 */
@Command(
    name = "status",
    description = "Show the members of a cluster and how far each is.",
    sortOptions = false)
final class StatusCommand implements Callable<Integer> {
  private static final Duration ANSWER_MAX = Duration.ofSeconds(5);

  @Spec private CommandSpec spec;

  @Option(
      names = "--endpoints",
      paramLabel = "URLS",
      description = "Where to ask (http://127.0.0.1:2379).")
  private String endpoints = "http://127.0.0.1:2379";

  @Mixin private UserOption user;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  private HttpClient client; // Made when it is needed: all commands are made at each start.
  private User asker = User.NOBODY;
  private String token; // Null before it was asked for, and where none is needed.

  StatusCommand(Map<String, String> environment) {
    user = new UserOption(environment);
  }

  @Override
  public Integer call() throws Exception {
    asker = user.user();
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    JsonObject cluster = first(urls(), "/v1/members", "members", JsonArray.class);
    JsonArray members = cluster.getJsonArray("members");
    boolean allAnswer = true;
    for (int i = 0; i < members.size(); i++) {
      JsonObject member = members.getJsonObject(i);
      try {
        member.put("status", status(member));
      } catch (CommandException e) {
        member.put("error", e.getMessage());
        allAnswer = false;
      }
    }
    if (json) {
      spec.commandLine().getOut().println(cluster.encodePrettily());
    } else {
      print(cluster);
    }
    return allAnswer ? BalsaCommand.OK : BalsaCommand.FAILED;
  }

  private List<String> urls() throws BadSettingException {
    return Settings.endpoints("--endpoints", endpoints).stream().map(Endpoint::toString).toList();
  }

  /** Asks the member itself, so that what answers at its URLs must be the member it should be. */
  private JsonObject status(JsonObject member) throws CommandException {
    List<String> urls = new ArrayList<>();
    member.getJsonArray("clientUrls", new JsonArray()).forEach(url -> urls.add((String) url));
    if (urls.isEmpty()) {
      throw new CommandException("not started yet");
    }
    JsonObject status = first(urls, "/v1/status", "self", JsonObject.class);
    String found = status.getJsonObject("self").getString("id");
    if (!member.getString("id").equals(found)) {
      throw new CommandException("member " + found + " answers at its URL");
    }
    return status;
  }

  /** The first answer that has this field, which tells a member from whatever else may answer. */
  private JsonObject first(List<String> urls, String path, String field, Class<?> type)
      throws CommandException {
    List<String> reasons = new ArrayList<>();
    for (String url : urls) {
      try {
        var response = client.send(request(url, path), BodyHandlers.ofString());
        if (response.statusCode() != 200) {
          reasons.add(url + path + " answers " + response.statusCode());
          continue;
        }
        JsonObject answer = new JsonObject(response.body());
        if (type.isInstance(answer.getValue(field))) {
          return answer;
        }
        reasons.add(url + path + " answers without " + field);
      } catch (IOException e) {
        reasons.add(url + " does not answer: " + reason(e));
      } catch (DecodeException e) {
        reasons.add(url + path + " answers something else than Balsa");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CommandException("interrupted");
      }
    }
    throw new CommandException(String.join("; ", reasons));
  }

  /** With a token, which is good at all members. */
  private HttpRequest request(String url, String path)
      throws IOException, InterruptedException, CommandException {
    if (token == null) {
      token = UserOption.token(client, url, asker);
    }
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path));
    if (token != null) {
      request.header("Authorization", token);
    }
    return request.timeout(ANSWER_MAX).build();
  }

  private static String reason(IOException failure) {
    if (failure instanceof ConnectException) {
      return "cannot connect"; // Its message is empty.
    }
    return failure.getMessage() == null
        ? failure.getClass().getSimpleName()
        : UsageText.oneLine(failure.getMessage());
  }

  private void print(JsonObject cluster) {
    String leader = cluster.getString("leader");
    Table table =
        new Table(
            "NAME",
            "ID",
            "CLIENT URL",
            "ROLE",
            "TERM",
            "COMMIT",
            "APPLIED",
            "REVISION",
            "KEYS",
            "BYTES",
            "VERSION");
    List<String> troubles = new ArrayList<>();
    for (Object item : cluster.getJsonArray("members")) {
      JsonObject member = (JsonObject) item;
      JsonObject status = member.getJsonObject("status", new JsonObject());
      JsonObject store = status.getJsonObject("store", new JsonObject());
      table.row(
          member.getString("name"),
          member.getString("id"),
          member.getJsonArray("clientUrls").stream().findFirst().orElse("-"),
          role(member, leader),
          status.getValue("term", "-"),
          status.getValue("commitIndex", "-"),
          status.getValue("appliedIndex", "-"),
          status.getValue("revision", "-"),
          store.getValue("keys", "-"),
          store.getValue("bytes", "-"),
          status.getValue("version", "-"));
      if (member.containsKey("error")) {
        troubles.add(member.getString("name") + ": " + member.getString("error"));
      }
    }
    var out = spec.commandLine().getOut();
    out.println("cluster " + cluster.getString("clusterId"));
    table.lines().forEach(out::println);
    troubles.forEach(out::println);
    out.flush();
  }

  private static String role(JsonObject member, String leader) {
    if (member.getString("id").equals(leader)) {
      return "leader";
    }
    return member.getBoolean("learner", false) ? "learner" : "follower";
  }
}
