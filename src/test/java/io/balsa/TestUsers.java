package io.balsa;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Users of a cluster, made at one of its client URLs: {@code root}, and {@code u} who may read and
 * write what begins with {@code k}. The password of each is its name and {@code pw}.
 */
public record TestUsers(String url) {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** Makes them, and has them enforced. */
  public TestUsers enable() throws Exception {
    make();
    post(null, "auth/enable", "{}");
    return this;
  }

  /** Makes them. */
  public TestUsers make() throws Exception {
    post(null, "auth/user/add", "{'name':'root','password':'rootpw'}");
    post(null, "auth/user/grant", "{'user':'root','role':'root'}");
    post(null, "auth/user/add", "{'name':'u','password':'upw'}");
    post(null, "auth/role/add", "{'name':'r'}");
    post(null, "auth/user/grant", "{'user':'u','role':'r'}");
    permit(null);
    return this;
  }

  /** Lets u see and write what begins with k. */
  public void permit(String by) throws Exception {
    post(
        by,
        "auth/role/grant",
        "{'name':'r','perm':{'permType':'READWRITE','key':%s,'range_end':%s}}"
            .formatted(base64("k"), base64("l")));
  }

  /** Takes that away. */
  public void forbid(String by) throws Exception {
    post(
        by,
        "auth/role/revoke",
        "{'role':'r','key':%s,'range_end':%s}".formatted(base64("k"), base64("l")));
  }

  /** A token of a user. */
  public String token(String user) throws Exception {
    String body = "{'name':'%s','password':'%spw'}".formatted(user, user);
    return new JsonObject(post(null, "auth/authenticate", body)).getString("token");
  }

  /**
   * Asks by JSON, and returns the answer, which must be good.
   *
   * @param token null for none
   * @param body with single quotes for double ones
   */
  public String post(String token, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + "/v3/" + path))
            .POST(HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')));
    if (token != null) {
      request.header("Authorization", token);
    }
    HttpResponse<String> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private static String base64(String text) {
    return "'" + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)) + "'";
  }
}
