package io.balsa.api.http;

import static io.balsa.api.http.KeyResourceTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.engine.request.Request;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TxnResourceTest {
  private ApiServer server;
  private RawClient client;

  @BeforeEach
  void start() {
    server = ApiServer.start();
    client = server.client();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void doesOneListOrTheOtherAndAnswersInOrder() {
    String txn =
        "{'compare':[{'key':'a','target':'version','op':'=','value':0}],"
            + "'then':[{'put':{'key':'a','value':'1'}},{'get':{'key':'a'}},"
            + "{'delete':{'prefix':'x'}},{'txn':{'then':[{'put':{'key':'b','value':'2'}}]}}],"
            + "'else':[{'get':{'prefix':'','limit':1}}]}";

    assertThat(post(txn).text())
        .isEqualTo(
            "{\"revision\":2,\"succeeded\":true,\"results\":["
                + "{\"put\":{\"revision\":2}},"
                + "{\"get\":{\"count\":1,\"items\":[{\"key\":\"a\",\"value\":\"1\",\"createRevision\":2,\"modRevision\":2,\"version\":1}]}},"
                + "{\"delete\":{\"deleted\":0}},"
                + "{\"txn\":{\"succeeded\":true,\"results\":[{\"put\":{\"revision\":2}}]}}]}");
    assertThat(post(txn).text())
        .isEqualTo(
            "{\"revision\":2,\"succeeded\":false,\"results\":["
                + "{\"get\":{\"count\":2,\"items\":[{\"key\":\"a\",\"value\":\"1\",\"createRevision\":2,\"modRevision\":2,\"version\":1}]}}]}");
  }

  @Test
  void refusesDocumentsOfTooManyValuesHoweverShortTheyAre() {
    String empty = "{},".repeat(100_000) + "{}";

    assertProblem(
        post("{'then':[" + empty + "]}"),
        400,
        "body: more than 50000 JSON values, the last one at line 1 column 150004");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'target':'value','op':'=','value':'v'               | true",
        "'target':'value','op':'=','valueBase64':'dg=='      | true",
        "'target':'value','op':'!=','value':'v'              | false",
        "'target':'value','op':'<','value':'w'               | true",
        "'target':'value','op':'>','value':'w'               | false",
        "'target':'version','op':'=','value':1               | true",
        "'target':'createRevision','op':'=','value':2        | true",
        "'target':'modRevision','op':'>','value':1           | true",
        "'target':'modRevision','op':'<','value':2           | false",
        "'target':'lease','op':'=','value':'0'               | true",
        "'target':'lease','op':'=','value':'7f'              | false",
      })
  void comparesEachTarget(String compare, boolean succeeded) {
    client.send("PUT", "/v1/kv/k", "v".getBytes(StandardCharsets.UTF_8));

    assertThat(post("{'compare':[{'key':'k'," + compare + "}]}").json().getBoolean("succeeded"))
        .isEqualTo(succeeded);
    assertThat(
            post("{'compare':[{'keyBase64':'aw=='," + compare + "}]}")
                .json()
                .getBoolean("succeeded"))
        .isEqualTo(succeeded);
  }

  @Test
  void takesBytesAsBase64() {
    assertThat(post("{'then':[{'put':{'keyBase64':'/w==','valueBase64':'/gA='}}]}").status())
        .isEqualTo(200);
    assertThat(client.send("GET", "/v1/kv/%ff").body()).containsExactly(0xfe, 0);
    assertThat(post("{'then':[{'delete':{'prefixBase64':'/w=='}}]}").text())
        .contains("\"deleted\":1");
  }

  @Test
  void attachesToALease() {
    String lease =
        client
            .send("POST", "/v1/leases", "{\"ttlSeconds\":60}".getBytes(StandardCharsets.UTF_8))
            .json()
            .getString("id");

    post("{'then':[{'put':{'key':'a','value':'','lease':'" + lease + "'}}]}");

    assertThat(client.send("GET", "/v1/kv/a").header("balsa-lease")).isEqualTo(lease);
  }

  @Test
  void aTransactionThatOnlyReadsIsNoWrite() {
    post("{'then':[{'get':{'key':'a'}}]}");
    post("{'then':[{'get':{'key':'a'}}],'else':[{'delete':{'key':'a'}}]}");

    assertThat(server.replica.requests.get(0)).isInstanceOf(Request.Read.class);
    assertThat(server.replica.requests.get(1)).isInstanceOf(Request.Write.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "                                  | body: empty, expected a JSON object",
        "nonsense                          | body: malformed JSON at line 1 column 9",
        "{'then':[                         | body: malformed JSON at line 1 column 10",
        "{} {}                             | body: text behind the document at line 1 column 4",
        "{'then':[],'then':[]}             | body: field 'then' stands twice at line 1 column 12",
        "[]                                | body: found an array, expected an object",
        "'text'                            | body: found 'text', expected an object",
        "7                                 | body: found 7, expected an object",
        "null                              | body: found null, expected an object",
        "{}                                | body: no compare, then or else: nothing to do",
        "{'Then':[]}                       | unknown field 'Then'",
        "{'then':{}}                       | then: found an object, expected an array",
        "{'then':[1]}                      | then[0]: found 1, expected an object",
        "{'then':[{}]}                     | then[0]: found no field, expected put, delete, get or txn",
        "{'then':[{'put':{'key':'a','value':'b'},'get':{'key':'a'}}]} | unknown field 'then[0].get'",
        "{'then':[{'put':{'value':'b'}}]}  | then[0].put.key: missing",
        "{'then':[{'put':{'key':'a'}}]}    | then[0].put.value: missing",
        "{'then':[{'put':{'key':'','value':'b'}}]} | then[0].put.key: 0 bytes, expected a key of 1 to 4096 bytes",
        "{'then':[{'put':{'key':7,'value':'b'}}]} | then[0].put.key: found 7, expected a string",
        "{'then':[{'put':{'key':null,'value':'b'}}]} | then[0].put.key: found null, expected a string",
        "{'then':[{'put':{'key':'a','keyBase64':'YQ==','value':'b'}}]} | then[0].put.key and then[0].put.keyBase64: both given, expected one of them",
        "{'then':[{'put':{'key':'a','valueBase64':'%'}}]} | then[0].put.valueBase64: found '%', expected base64 (RFC 4648 §4)",
        "{'then':[{'put':{'key':'a\\ud800','value':'b'}}]} | then[0].put.key: half a surrogate pair at character 1, which is not UTF-8",
        "{'then':[{'put':{'key':'a','value':'b','lease':5}}]} | then[0].put.lease: found 5, expected a string",
        "{'then':[{'put':{'key':'a','value':'b','lease':'G'}}]} | then[0].put.lease: found 'G', expected an id of 1 to 16 lower-case hexadecimal digits other than 0",
        "{'then':[{'put':{'key':'a','value':'b','ttl':5}}]} | unknown field 'then[0].put.ttl'",
        "{'then':[{'delete':{}}]}          | then[0].delete.key and then[0].delete.prefix: expected one of them",
        "{'then':[{'delete':{'key':'a','prefix':'b'}}]} | then[0].delete.key and then[0].delete.prefix: expected one of them",
        "{'then':[{'delete':{'prefix':''}}]} | then[0].delete.prefix: empty, expected DELETE /v1/kv?all=true to delete every key",
        "{'then':[{'get':{'key':'a','limit':0}}]} | then[0].get.limit: found 0, expected a whole number from 1 to 1000",
        "{'then':[{'get':{'key':'a','limit':1001}}]} | then[0].get.limit: found 1001, expected a whole number from 1 to 1000",
        "{'then':[{'get':{'key':'a','limit':1.5}}]} | then[0].get.limit: found 1.5, expected a whole number from 1 to 1000",
        "{'then':[{'get':{'key':'a','limit':1e400}}]} | then[0].get.limit: found Infinity, expected a whole number from 1 to 1000",
        "{'else':[{'txn':{'then':[{'get':{}}]}}]} | else[0].txn.then[0].get.key and else[0].txn.then[0].get.prefix: expected one of them",
        "{'compare':[{'key':'a','target':'size','op':'=','value':1}]} | compare[0].target: found 'size', expected one of value version createRevision modRevision lease",
        "{'compare':[{'key':'a','target':'version','op':'==','value':1}]} | compare[0].op: found '==', expected one of = != < >",
        "{'compare':[{'key':'a','target':'version','op':'='}]} | compare[0].value: missing",
        "{'compare':[{'key':'a','target':'version','op':'=','value':'1'}]} | compare[0].value: found '1', expected a whole number from 0 to 9223372036854775807",
        "{'compare':[{'key':'a','target':'version','op':'=','value':-1}]} | compare[0].value: found -1, expected a whole number from 0 to 9223372036854775807",
        "{'compare':[{'key':'a','target':'version','op':'=','value':99999999999999999999}]} | compare[0].value: found 99999999999999999999, expected a whole number from 0 to 9223372036854775807",
        "{'compare':[{'key':'a','target':'value','op':'=','value':1}]} | compare[0].value: found 1, expected a string",
        "{'compare':[{'target':'value','op':'=','value':'1'}]} | compare[0].key: missing",
      })
  void refusesBadInputByPlaceAndRule(String body, String detail) {
    long before = ApiServer.await(server.replica.stateHash());

    RawClient.Answer answer = post(body == null ? "" : body);

    assertProblem(answer, 400, detail);
    assertThat(server.replica.requests).isEmpty();
    assertThat(ApiServer.await(server.replica.stateHash())).isEqualTo(before);
  }

  @Test
  void refusesAKeyWrittenTwiceOnOnePath() {
    RawClient.Answer answer =
        post("{'then':[{'put':{'key':'a','value':'1'}},{'put':{'key':'a','value':'2'}}]}");

    assertProblem(answer, 400, "key a is written twice on one path of the transaction");
    answer =
        post(
            "{'then':[{'txn':{'then':[{'put':{'key':'a','value':'1'}}]}},"
                + "{'txn':{'then':[{'delete':{'key':'a'}}]}}]}");
    assertProblem(answer, 400, "key a is written twice on one path of the transaction");
    assertThat(
            post("{'then':[{'put':{'key':'a','value':'1'}}],'else':[{'put':{'key':'a','value':'2'}}]}")
                .status())
        .isEqualTo(200);
  }

  @Test
  void refusesTooManyOperations() {
    String get = "{'get':{'key':'a'}}";

    assertThat(post("{'then':[" + (get + ",").repeat(127) + get + "]}").status()).isEqualTo(200);
    assertProblem(post("{'then':[" + (get + ",").repeat(128) + get + "]}"), 400, null);
  }

  @Test
  void refusesAbsurdNesting() {
    assertProblem(post("{'then':[{'txn':".repeat(60) + "{}" + "}]}".repeat(60)), 400, null);
    assertProblem(post("[".repeat(100_000)), 400, null);
    assertProblem(post("{'a':".repeat(100_000)), 400, null);
  }

  @Test
  void refusesTextThatIsNotUtf8() {
    byte[] body = "{\"then\":[{\"get\":{\"key\":\"?\"}}]}".getBytes(StandardCharsets.UTF_8);
    body[body.length - 7] = (byte) 0xff;

    assertProblem(client.send("POST", "/v1/txn", body), 400, null);
  }

  @Test
  void takesValuesUpToTheLimitTogether() {
    String most = Base64.getEncoder().encodeToString(new byte[1_572_864]);
    String more = Base64.getEncoder().encodeToString(new byte[1_572_865]);

    assertThat(post("{'then':[{'put':{'key':'a','valueBase64':'" + most + "'}}]}").status())
        .isEqualTo(200);
    assertProblem(post("{'then':[{'put':{'key':'b','valueBase64':'" + more + "'}}]}"), 413, null);
    assertProblem(
        post(
            "{'then':[{'put':{'key':'b','valueBase64':'"
                + most
                + "'}},{'put':{'key':'c','value':'1'}}]}"),
        413,
        null);
    assertProblem(client.send("POST", "/v1/txn", new byte[4 << 20]), 413, null);
  }

  @Test
  void refusesAMissingBody() {
    assertProblem(client.send("POST", "/v1/txn"), 400, "body: missing, expected a transaction");
  }

  private RawClient.Answer post(String json) {
    return client.send("POST", "/v1/txn", json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }
}
