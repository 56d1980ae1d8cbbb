package io.balsa.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.mvcc.auth.Credentials;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignedTokensTest {
  private final AtomicLong seconds = new AtomicLong(1_000_000);

  private static byte[] pem(String label, byte[] der) {
    return ("-----BEGIN "
            + label
            + "-----\n"
            + Base64.getMimeEncoder().encodeToString(der)
            + "\n-----END "
            + label
            + "-----\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static KeyPair keys(String method) throws Exception {
    if (method.startsWith("ES")) {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      String bits = method.endsWith("512") ? "521" : method.substring(2);
      generator.initialize(new ECGenParameterSpec("secp" + bits + "r1"));
      return generator.generateKeyPair();
    }
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2_048);
    return generator.generateKeyPair();
  }

  private SignedTokens tokens(String method) throws Exception {
    KeyPair keys = keys(method);
    return tokens(
        method,
        pem("PUBLIC KEY", keys.getPublic().getEncoded()),
        pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
  }

  private SignedTokens tokens(String method, byte[] publicKey, byte[] privateKey) {
    return new SignedTokens(method, publicKey, privateKey, 60, seconds::get);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "RS512", "PS256", "PS384", "ES256", "ES384", "ES512", "HS256"})
  void aTokenSaysWhoseItIsUntilItsTimeIsOver(String method) throws Exception {
    SignedTokens tokens =
        method.equals("HS256") ? tokens(method, null, new byte[32]) : tokens(method);
    String token = tokens.sign("u", 5);
    assertThat(tokens.read(token)).isEqualTo(new Credentials(Credentials.Kind.CLAIM, "u", 5));
    seconds.addAndGet(59);
    assertThat(tokens.read(token)).isNotNull();
    seconds.addAndGet(1);
    assertThat(tokens.read(token)).isNull();
  }

  @Test
  void aTokenOfAnotherKeyOrMethodOrTextIsNone() throws Exception {
    SignedTokens tokens = tokens("RS256");
    String token = tokens.sign("u", 5);
    assertThat(tokens("RS256").read(token)).isNull();
    assertThat(tokens.read(tokens("ES256").sign("u", 5))).isNull();
    String[] parts = token.split("\\.");
    String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
    String root =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(claims.replace("\"u\"", "\"root\"").getBytes(StandardCharsets.UTF_8));
    assertThat(tokens.read(parts[0] + "." + root + "." + parts[2])).isNull();
    String none =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8));
    for (String bad :
        new String[] {
          "", ".", "..", "...", "a.b.c", none + "." + parts[1] + ".", parts[0] + ".." + parts[2]
        }) {
      assertThat(tokens.read(bad)).as(bad).isNull();
    }
  }

  @Test
  void anRsaKeyMayHaveTheOlderForm() throws Exception {
    KeyPair keys = keys("RS256");
    byte[] pkcs8 = keys.getPrivate().getEncoded();
    byte[] pkcs1 = Arrays.copyOfRange(pkcs8, 26, pkcs8.length); // Behind its wrapping.
    byte[] publicKey = pem("PUBLIC KEY", keys.getPublic().getEncoded());
    SignedTokens old = tokens("RS256", publicKey, pem("RSA PRIVATE KEY", pkcs1));
    assertThat(tokens("RS256", publicKey, null).read(old.sign("u", 5))).isNotNull();
  }

  @Test
  void withoutAPrivateKeyTokensAreOnlyRead() throws Exception {
    KeyPair keys = keys("RS256");
    SignedTokens reader = tokens("RS256", pem("PUBLIC KEY", keys.getPublic().getEncoded()), null);
    assertThat(reader.canSign()).isFalse();
    assertThat(tokens("RS256").canSign()).isTrue();
  }

  @Test
  void whatIsNoKeyIsRefused() {
    byte[] junk = pem("PUBLIC KEY", new byte[] {1, 2, 3});
    assertThatThrownBy(() -> tokens("RS256", junk, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("not a key for RS256");
    assertThatThrownBy(() -> tokens("none", junk, null))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
