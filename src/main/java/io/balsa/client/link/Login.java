package io.balsa.client.link;

import io.balsa.client.BalsaClientOptions;
import io.balsa.data.Endpoint;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import java.util.Objects;

/**
 * The token of a user. It is got when it is first needed, and anew when a member does not take it
 * any more: once, however many requests wait for it. Any thread.
 */
final class Login {
  private final Vertx vertx;
  private final Context home; // Of its own: that of a caller may end.
  private final Connections connections;
  private final Ask ask;
  private Future<String> token; // Null while there is none; has null where none is needed.

  private Login(Vertx vertx, Connections connections, Ask ask) {
    this.vertx = vertx;
    this.home = ((VertxInternal) vertx).createEventLoopContext();
    this.connections = connections;
    this.ask = ask;
  }

  /** Of the user in the options; null if there is none. */
  static Login of(Vertx vertx, Connections connections, BalsaClientOptions options) {
    if (options.getUser() == null) {
      return null;
    }
    JsonObject body =
        new JsonObject()
            .put("name", options.getUser())
            .put("password", Objects.requireNonNullElse(options.getPassword(), ""));
    return new Login(
        vertx,
        connections,
        new Ask(HttpMethod.POST, "/v3/auth/authenticate")
            .header(HttpHeaders.CONTENT_TYPE, "application/json")
            .body(body.toBuffer()));
  }

  /**
   * The token, null where the cluster enforces no users. Completes on the context of the caller;
   * fails with a {@link FaultException} that leaves nothing uncertain.
   *
   * @param endpoint who is asked if there is none
   */
  Future<String> token(Endpoint endpoint, long limitMillis) {
    Future<String> present;
    synchronized (this) {
      if (token == null) {
        token = get(endpoint, limitMillis);
      }
      present = token;
    }
    if (present.succeeded()) {
      return present;
    }
    Promise<String> here = ((ContextInternal) vertx.getOrCreateContext()).promise();
    present.onComplete(here);
    return here.future();
  }

  private Future<String> get(Endpoint endpoint, long limitMillis) {
    Promise<String> promise = Promise.promise();
    home.runOnContext(
        none ->
            new TokenAttempt(vertx, endpoint, limitMillis)
                .start(
                    connections.request(false, endpoint, ask, ask.target(), limitMillis),
                    ask.body())
                .onFailure(
                    cause -> {
                      forget(promise.future());
                      Fault fault = ((FaultException) cause).fault();
                      promise.fail(new FaultException(fault.beforeSending()));
                    })
                .onSuccess(promise::complete));
    return promise.future();
  }

  private synchronized void forget(Future<String> failed) {
    if (token == failed) {
      token = null;
    }
  }

  /** Forgets the token if that is what a request was refused for. */
  synchronized void noteFault(Fault fault, String used) {
    if (fault.isOfToken()
        && token != null
        && token.succeeded()
        && Objects.equals(token.result(), used)) {
      token = null;
    }
  }

  /** Asks one endpoint for a token. */
  private static final class TokenAttempt extends Attempt<String> {
    private static final int OK = 200;
    private static final int NOT_ENABLED = 9; // The only reason with this code.

    private final Endpoint endpoint;

    TokenAttempt(Vertx vertx, Endpoint endpoint, long limitMillis) {
      super(vertx, endpoint, limitMillis);
      this.endpoint = endpoint;
    }

    @Override
    void answered(HttpClientRequest sent, HttpClientResponse response) {
      collect(response);
    }

    @Override
    void read(Reply reply) {
      try {
        JsonObject answer = new JsonObject(reply.body());
        if (reply.status() == OK) {
          succeed(Objects.requireNonNull(answer.getString("token")));
        } else if (answer.getInteger("code") == NOT_ENABLED) {
          succeed(null);
        } else {
          fail(Fault.loginRefused(reply.status(), endpoint + ": " + answer.getString("error")));
        }
      } catch (RuntimeException e) { // Not JSON, or fields that are missing or of other types.
        fail(Fault.badAnswer(endpoint + ": no answer to a login: " + reason(e)));
      }
    }
  }
}
