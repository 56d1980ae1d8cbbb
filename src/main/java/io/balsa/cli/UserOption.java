package io.balsa.cli;

import io.balsa.config.BadSettingException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Option;

/** The flag {@code --user}, and the token of that user. */
final class UserOption {
  private static final Duration ANSWER_MAX = Duration.ofSeconds(10);
  private static final int OK = 200;
  private static final int NOT_ENABLED = 9; // The only reason with this code.

  private final Map<String, String> environment;

  @Option(
      names = "--user",
      paramLabel = "NAME[:PASSWORD]",
      description = {
        "Who asks, where users are enforced (" + User.VARIABLE + ").",
        "A password that is not given is asked for."
      })
  private String user;

  UserOption(Map<String, String> environment) {
    this.environment = environment;
  }

  /** Who asks; the flag wins over the variable. */
  User user() throws BadSettingException {
    return user(user, environment);
  }

  /** Who asks by this flag, which may be null, or the variable. */
  static User user(String user, Map<String, String> environment) throws BadSettingException {
    return user == null
        ? User.of(User.VARIABLE, environment.get(User.VARIABLE), User::atTerminal)
        : User.of("--user", user, User::atTerminal);
  }

  /**
   * A token of a user, from the member at a URL; null where none is needed.
   *
   * @throws IOException if it does not answer
   */
  static String token(HttpClient client, String url, User user)
      throws IOException, InterruptedException, CommandException {
    if (user.equals(User.NOBODY)) {
      return null;
    }
    JsonObject body = new JsonObject().put("name", user.name()).put("password", user.password());
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(URI.create(url + "/v3/auth/authenticate"))
                .timeout(ANSWER_MAX)
                .POST(BodyPublishers.ofString(body.encode()))
                .build(),
            BodyHandlers.ofString());
    try {
      JsonObject answer = new JsonObject(response.body());
      if (response.statusCode() == OK && answer.getString("token") != null) {
        return answer.getString("token");
      }
      if (answer.getInteger("code", 0) == NOT_ENABLED) {
        return null;
      }
      if (answer.getString("error") != null) {
        throw new CommandException(
            "%s: user %s: %s".formatted(url, user.name(), answer.getString("error")));
      }
    } catch (DecodeException | ClassCastException e) {
      // As if it had said anything else.
    }
    throw new CommandException(url + " answers something else than Balsa");
  }
}
