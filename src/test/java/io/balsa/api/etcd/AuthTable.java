package io.balsa.api.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.SoftAssertions;

/**
 * What is asked of an endpoint with users, by whom, and how etcd 3.4 answers it: the same rows for
 * a real etcd and for a member. An empty store is needed.
 */
final class AuthTable {
  static final String NOBODY = "nobody";
  static final String WRONG = "wrong";
  static final String EXPIRED = "expired";
  static final String USER = "u";
  static final String ROOT = "root";

  private static final String EMPTY = "3 etcdserver: user name is empty";
  private static final String INVALID = "16 etcdserver: invalid auth token";
  private static final String DENIED = "7 etcdserver: permission denied";
  private static final String NO_USER = "9 etcdserver: user name not found";
  private static final String NO_ROLE = "9 etcdserver: role name not found";
  private static final String MANAGEMENT = "3 etcdserver: invalid auth management";
  private static final String FAILED =
      "3 etcdserver: authentication failed, invalid user ID or password";
  private static final String NO_KEY = "3 etcdserver: key is not provided";

  private final HttpClient http = HttpClient.newHttpClient();
  private final String endpoint;
  private final Map<String, String> tokens = new TreeMap<>();
  private final SoftAssertions softly = new SoftAssertions();
  private int rows;

  AuthTable(int port) {
    endpoint = "http://127.0.0.1:" + port + "/v3/";
    tokens.put(WRONG, "garbage");
    tokens.put(EXPIRED, "abcdefghijklmnop.3");
  }

  /** Runs all rows; how many there were. */
  int run() throws Exception {
    withoutUsers();
    roles();
    users();
    enabled();
    afterChanges();
    softly.assertAll();
    return rows;
  }

  private void withoutUsers() throws Exception {
    row(NOBODY, "auth/enable", "{}", "9 etcdserver: root user does not exist");
    row(NOBODY, "auth/disable", "{}", "ok");
    row(
        NOBODY,
        "auth/authenticate",
        "{'name':'root','password':'x'}",
        "9 etcdserver: authentication is not enabled");
    row(NOBODY, "auth/user/add", "{'name':'','password':'x'}", EMPTY);
    row(NOBODY, "auth/user/add", "{'name':'root','password':'rootpw'}", "ok");
    row(
        NOBODY,
        "auth/user/add",
        "{'name':'root','password':'rootpw'}",
        "9 etcdserver: user name already exists");
    row(NOBODY, "auth/enable", "{}", "9 etcdserver: root user does not have root role");
    row(NOBODY, "auth/user/grant", "{'user':'root','role':'nope'}", NO_ROLE);
    row(NOBODY, "auth/user/grant", "{'user':'nope','role':'root'}", NO_USER);
    row(NOBODY, "auth/user/grant", "{'user':'root','role':'root'}", "ok");
    row(NOBODY, "auth/user/grant", "{'user':'root','role':'root'}", "ok");
  }

  private void roles() throws Exception {
    row(NOBODY, "auth/role/get", "{'role':'root'}", NO_ROLE);
    row(NOBODY, "auth/role/add", "{'name':'root'}", "ok");
    row(NOBODY, "auth/role/get", "{'role':'root'}", "ok perm=null");
    row(NOBODY, "auth/role/add", "{'name':''}", "3 etcdserver: role name is empty");
    row(NOBODY, "auth/role/add", "{'name':'r'}", "ok");
    row(NOBODY, "auth/role/add", "{'name':'r'}", "9 etcdserver: role name already exists");
    grant("nope", "READ", "a", null, NO_ROLE);
    grant("r", "READ", "a", "c", "ok");
    grant("r", "READ", "a", "d", "ok");
    grant("r", "WRITE", "a", "d", "ok"); // Not in the place of the one before.
    grant("r", "READ", "z", "b", "ok");
    grant("r", "READWRITE", "rw", null, "ok");
    grant("r", "WRITE", "w", null, "ok");
    row(
        NOBODY,
        "auth/role/get",
        "{'role':'r'}",
        "ok perm=[{'key':'YQ==','range_end':'Yw=='},{'key':'YQ==','range_end':'ZA=='},"
            + "{'permType':'WRITE','key':'YQ==','range_end':'ZA=='},"
            + "{'permType':'READWRITE','key':'cnc='},{'permType':'WRITE','key':'dw=='},"
            + "{'key':'eg==','range_end':'Yg=='}]");
    row(
        NOBODY,
        "auth/role/revoke",
        "{'role':'r','key':" + b("q") + "}",
        "9 etcdserver: permission is not granted to the role");
    row(NOBODY, "auth/role/revoke", "{'role':'nope','key':" + b("q") + "}", NO_ROLE);
    row(
        NOBODY,
        "auth/role/revoke",
        "{'role':'r','key':" + b("z") + ",'range_end':" + b("b") + "}",
        "ok");
    row(NOBODY, "auth/role/list", "{}", "ok roles=['r','root']");
    row(NOBODY, "auth/role/delete", "{'role':'nope'}", NO_ROLE);
    row(NOBODY, "auth/role/get", "{'role':'nope'}", NO_ROLE);
  }

  private void users() throws Exception {
    row(NOBODY, "auth/user/add", "{'name':'u','password':'pw'}", "ok");
    row(NOBODY, "auth/user/add", "{'name':'np','options':{'no_password':true}}", "ok");
    row(NOBODY, "auth/user/add", "{'name':'empty'}", "ok");
    row(NOBODY, "auth/user/grant", "{'user':'u','role':'r'}", "ok");
    row(
        NOBODY,
        "auth/user/revoke",
        "{'name':'u','role':'nope'}",
        "9 etcdserver: role is not granted to the user");
    row(NOBODY, "auth/user/revoke", "{'name':'nope','role':'r'}", NO_USER);
    row(NOBODY, "auth/user/get", "{'name':'u'}", "ok roles=['r']");
    row(NOBODY, "auth/user/get", "{'name':'nope'}", NO_USER);
    row(NOBODY, "auth/user/list", "{}", "ok users=['empty','np','root','u']");
    row(NOBODY, "auth/user/changepw", "{'name':'nope','password':'x'}", NO_USER);
    row(NOBODY, "auth/user/changepw", "{'name':'np','password':'x'}", "ok");
    row(NOBODY, "auth/user/delete", "{'name':'nope'}", NO_USER);
    row(NOBODY, "kv/put", "{'key':" + b("secret") + ",'value':" + b("1") + "}", "ok");
  }

  private void enabled() throws Exception {
    row(NOBODY, "auth/enable", "{}", "ok");
    row(NOBODY, "auth/authenticate", "{'name':'root','password':'x'}", FAILED);
    row(NOBODY, "auth/authenticate", "{'name':'','password':'x'}", FAILED);
    row(NOBODY, "auth/authenticate", "{'name':'nope','password':'x'}", FAILED);
    row(
        NOBODY,
        "auth/authenticate",
        "{'name':'np','password':'x'}",
        "2 auth: authentication failed, password was given for no password user");
    row(NOBODY, "auth/authenticate", "{'name':'empty'}", "ok");
    row(WRONG, "auth/authenticate", "{'name':'u','password':'pw'}", INVALID);
    login(ROOT, "rootpw");
    login(USER, "pw");
    for (String who : List.of(NOBODY, WRONG, EXPIRED)) {
      insufficient(who, who.equals(NOBODY) ? EMPTY : INVALID);
      row(who, "kv/range", "{'key':" + b("rw") + "}", who.equals(NOBODY) ? EMPTY : INVALID);
      row(who, "kv/put", "{'key':" + b("rw") + "}", who.equals(NOBODY) ? EMPTY : INVALID);
      row(who, "auth/user/get", "{'name':'u'}", who.equals(NOBODY) ? EMPTY : INVALID);
      row(who, "auth/role/get", "{'role':'r'}", who.equals(NOBODY) ? EMPTY : INVALID);
      row(who, "kv/txn", "{}", who.equals(NOBODY) ? "ok" : INVALID);
    }
    insufficient(USER, DENIED);
    sufficient();
    row(NOBODY, "kv/compaction", "{'revision':2}", "ok"); // Whoever asks.
    row(WRONG, "kv/compaction", "{'revision':3}", INVALID);
  }

  /** What u may not do, and who is less may not either. */
  private void insufficient(String who, String refusal) throws Exception {
    String secret = b("secret");
    String w = b("w");
    row(who, "kv/range", "{'key':" + secret + "}", refusal);
    row(who, "kv/range", "{'key':" + secret + ",'serializable':true}", refusal);
    row(who, "kv/range", "{'key':" + w + "}", refusal);
    row(who, "kv/range", "{'key':" + b("a") + ",'range_end':" + b("dd") + "}", refusal);
    row(who, "kv/range", "{'key':" + b("a") + ",'range_end':" + b("\0") + "}", refusal);
    row(who, "kv/range", "{'key':''}", NO_KEY);
    row(who, "kv/put", "{'key':" + secret + "}", refusal);
    row(who, "kv/put", "{'key':" + w + ",'prev_kv':true}", refusal);
    row(who, "kv/put", "{'key':''}", NO_KEY);
    row(who, "kv/deleterange", "{'key':" + secret + "}", refusal);
    row(who, "kv/deleterange", "{'key':" + w + ",'prev_kv':true}", refusal);
    row(
        who,
        "kv/txn",
        "{'compare':[{'key':" + secret + ",'target':'VERSION','version':'0'}]}",
        refusal);
    row(who, "kv/txn", "{'success':[{'request_range':{'key':" + secret + "}}]}", refusal);
    row(who, "kv/txn", "{'failure':[{'request_put':{'key':" + secret + "}}]}", refusal);
    row(who, "kv/txn", "{'failure':[{'request_delete_range':{'key':" + secret + "}}]}", refusal);
    row(
        who,
        "kv/txn",
        "{'success':[{'request_delete_range':{'key':" + w + ",'prev_kv':true}}]}",
        refusal);
    row(who, "auth/user/get", "{'name':'root'}", refusal);
    row(who, "auth/user/get", "{'name':'nope'}", refusal);
    row(who, "auth/role/get", "{'role':'root'}", refusal);
    row(who, "auth/user/list", "{}", refusal);
    row(who, "auth/role/list", "{}", refusal);
    row(who, "auth/user/changepw", "{'name':'u','password':'pw'}", refusal);
    row(who, "auth/user/add", "{'name':'','password':'x'}", refusal);
    row(who, "auth/user/add", "{'name':'np'}", refusal);
    row(who, "auth/role/add", "{'name':''}", refusal);
    row(who, "auth/role/grant", "{'name':'nope','perm':{'key':" + w + "}}", refusal);
    row(who, "auth/role/revoke", "{'role':'nope'}", refusal);
    row(who, "auth/user/grant", "{'user':'nope','role':'r'}", refusal);
    row(who, "auth/user/revoke", "{'name':'nope','role':'r'}", refusal);
    row(who, "auth/role/delete", "{'role':'root'}", refusal);
    row(who, "auth/user/delete", "{'name':'root'}", refusal);
    row(who, "auth/user/revoke", "{'name':'root','role':'root'}", refusal);
    row(who, "auth/enable", "{}", refusal);
    row(who, "auth/disable", "{}", refusal);
  }

  private void sufficient() throws Exception {
    row(USER, "kv/put", "{'key':" + b("rw") + ",'prev_kv':true}", "ok");
    row(USER, "kv/range", "{'key':" + b("rw") + "}", "ok count='1'");
    row(USER, "kv/range", "{'key':" + b("rw") + ",'serializable':true}", "ok count='1'");
    row(USER, "kv/range", "{'key':" + b("a") + ",'range_end':" + b("d") + "}", "ok count=null");
    row(USER, "kv/put", "{'key':" + b("w") + "}", "ok");
    row(USER, "kv/deleterange", "{'key':" + b("w") + "}", "ok deleted='1'");
    row(USER, "kv/txn", "{'success':[{'request_put':{'key':" + b("rw") + "}}]}", "ok");
    row(USER, "kv/txn", "{}", "ok succeeded=true");
    row(USER, "auth/user/get", "{'name':'u'}", "ok roles=['r']");
    row(USER, "auth/role/get", "{'role':'r'}", "ok");
    row(ROOT, "kv/range", "{'key':" + b("secret") + "}", "ok count='1'");
    row(ROOT, "kv/put", "{'key':" + b("anything") + "}", "ok");
    row(ROOT, "auth/user/get", "{'name':'nope'}", NO_USER);
    row(ROOT, "auth/user/add", "{'name':'','password':'x'}", EMPTY);
    row(ROOT, "auth/role/add", "{'name':''}", "3 etcdserver: role name is empty");
    row(ROOT, "auth/role/delete", "{'role':'root'}", MANAGEMENT);
    row(ROOT, "auth/user/delete", "{'name':'root'}", MANAGEMENT);
    row(ROOT, "auth/user/revoke", "{'name':'root','role':'root'}", MANAGEMENT);
    row(ROOT, "auth/enable", "{}", "ok");
  }

  private void afterChanges() throws Exception {
    row(ROOT, "auth/user/changepw", "{'name':'u','password':'pw2'}", "ok");
    row(USER, "kv/range", "{'key':" + b("rw") + "}", INVALID);
    row(NOBODY, "auth/authenticate", "{'name':'u','password':'pw'}", FAILED);
    login(USER, "pw2");
    grant("r", "READ", "zz", null, EMPTY);
    row(
        ROOT,
        "auth/role/grant",
        "{'name':'r','perm':{'permType':'READ','key':" + b("zz") + "}}",
        "ok");
    row(USER, "kv/range", "{'key':" + b("zz") + "}", "ok count=null");
    row(ROOT, "auth/role/delete", "{'role':'r'}", "ok");
    row(USER, "kv/range", "{'key':" + b("rw") + "}", DENIED);
    row(ROOT, "auth/user/delete", "{'name':'u'}", "ok");
    row(USER, "kv/range", "{'key':" + b("rw") + "}", INVALID);
    row(ROOT, "auth/disable", "{}", "ok");
    row(NOBODY, "kv/range", "{'key':" + b("secret") + "}", "ok count='1'");
    row(NOBODY, "auth/user/list", "{}", "ok users=['empty','np','root']");
  }

  private void grant(String role, String type, String key, String end, String expected)
      throws Exception {
    String range = end == null ? "" : ",'range_end':" + b(end);
    row(
        NOBODY,
        "auth/role/grant",
        "{'name':'%s','perm':{'permType':'%s','key':%s%s}}".formatted(role, type, b(key), range),
        expected);
  }

  private void login(String name, String password) throws Exception {
    HttpResponse<String> answer =
        post(
            NOBODY, "auth/authenticate", "{'name':'%s','password':'%s'}".formatted(name, password));
    String token = new JsonObject(answer.body()).getString("token");
    assertThat(token).as(answer.body()).matches("[a-zA-Z]{16}\\.[0-9]+");
    tokens.put(name, token);
  }

  /** The token of somebody who has logged in. */
  String token(String who) {
    return tokens.get(who);
  }

  /**
   * Asks, and compares.
   *
   * @param expected the number of the code and the text; or ok and a field of the answer
   */
  private void row(String who, String path, String body, String expected) throws Exception {
    rows++;
    HttpResponse<String> answer = post(who, path, body);
    JsonObject json = new JsonObject(answer.body());
    String found;
    if (answer.statusCode() == 200) {
      String field = expected.contains("=") ? expected.replaceAll("^ok |=.*$", "") : null;
      found = field == null ? "ok" : "ok " + field + "=" + text(json.getValue(field));
    } else {
      found = json.getInteger("code") + " " + json.getString("error");
      softly.assertThat(answer.statusCode()).as(found).isEqualTo(status(json.getInteger("code")));
      softly.assertThat(json.getString("message")).isEqualTo(json.getString("error"));
    }
    softly.assertThat(found).as("%s: %s %s", who, path, body).isEqualTo(expected);
  }

  private static String text(Object value) {
    if (value instanceof String text) {
      return "'" + text + "'";
    }
    return value instanceof JsonArray array
        ? array.encode().replace('"', '\'')
        : String.valueOf(value);
  }

  private static int status(int code) {
    return switch (code) {
      case 3 -> 400;
      case 7 -> 403;
      case 9 -> 412;
      case 16 -> 401;
      default -> 500;
    };
  }

  private HttpResponse<String> post(String who, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(endpoint + path))
            .POST(HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')));
    if (tokens.containsKey(who)) {
      request.header("Authorization", tokens.get(who));
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Bytes as they are written in JSON. */
  private static String b(String text) {
    return "'" + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)) + "'";
  }
}
