package io.balsa.api;

import io.balsa.data.Bytes;
import io.balsa.fuzz.Fuzzer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a client writes, read without a network. */
class ApiFuzzTest {
  private static final Bytes PREFIX = Bytes.utf8("pre");

  @Test
  void documents() {
    new Fuzzer<>(
            getClass(),
            "JSON document",
            ProblemException.class,
            input -> StrictJson.parse(Bytes.wrap(input), StrictJson.VALUES_MAX))
        .samples(ApiFuzzTest::document)
        .words(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\u0000",
            "\\ud800",
            "null",
            "true",
            "1e999",
            "-0",
            "9".repeat(60),
            "9".repeat(200),
            "0.1e-400",
            "\"a\":",
            "{\"a\":{},",
            "[[[[",
            "\ufeff",
            "//",
            "NaN")
        .run();
  }

  @Test
  void fieldsOfTransactions() {
    new Fuzzer<>(
            getClass(),
            "fields of a JSON object",
            ProblemException.class,
            input -> {
              Fields fields = Fields.of(Bytes.wrap(input));
              int seen = 0;
              for (Fields each : fields.objects("then")) {
                seen += each.bytes("key").length();
                seen += each.has("lease") ? (int) each.id("lease") : 0;
                seen += each.has("limit") ? (int) each.number("limit", 1, 1_000) : 0;
                seen += each.has("flag") && each.flag("flag") ? 1 : 0;
                each.end();
              }
              fields.end();
              return seen;
            })
        .samples(
            random ->
                "{\"then\":[{\"key\":\"a\",\"lease\":\"f\"},{\"keyBase64\":\"AA==\",\"limit\":7,\"flag\":true}]}"
                    .getBytes(StandardCharsets.UTF_8))
        .words("Base64", "\"key\":", "\"lease\":", "\"limit\":", "{},", "\\ud800", "=", "null")
        .allocates(64 << 10, 200)
        .run();
  }

  @Test
  void pageTokens() {
    new Fuzzer<>(
            getClass(),
            "page token",
            ProblemException.class,
            input -> PageToken.decode(latin(input), PREFIX))
        .samples(
            random ->
                new PageToken(
                        1 + random.nextInt(1_000),
                        random.nextInt(1_000),
                        PREFIX,
                        Bytes.utf8("pre" + random.nextInt(1_000)))
                    .encode()
                    .getBytes(StandardCharsets.ISO_8859_1))
        .words("A", "_", "-", "=", "+", "/", "AQ")
        .encodedBy(token -> token.encode().getBytes(StandardCharsets.ISO_8859_1))
        .run();
  }

  @Test
  void ids() {
    new Fuzzer<>(getClass(), "id", ProblemException.class, input -> HexId.parse(latin(input), "id"))
        .samples(random -> bytes(HexId.format(random.nextLong() | 1)))
        .words("0", "f", "F", "0x", "-", " ", "g")
        .encodedBy(id -> bytes(HexId.format(id)))
        .run();
  }

  private static byte[] document(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> bytes("{\"revision\":" + random.nextLong() + "}");
      case 1 -> bytes("[1.5,-2e7,\"k\u00e4se \\u00e4\\n\",true,false,null,{\"a\":[{}]}]");
      case 2 ->
          bytes(
              "{\"compare\":[{\"key\":\"a\",\"target\":\"value\",\"op\":\"=\",\"value\":\"b\"}],"
                  + "\"then\":[{\"put\":{\"key\":\"a\",\"valueBase64\":\"AAE=\"}}],\"else\":[]}");
      default -> {
        int depth = random.nextInt(40);
        yield bytes("{\"a\":".repeat(depth) + "0" + "}".repeat(depth));
      }
    };
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String latin(byte[] input) {
    return new String(input, StandardCharsets.ISO_8859_1);
  }
}
