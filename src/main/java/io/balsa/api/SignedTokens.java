package io.balsa.api;

import io.balsa.data.Checks;
import io.balsa.mvcc.auth.Credentials;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signed tokens (JWT, RFC 7519) with etcd's claims {@code username}, {@code revision} and {@code
 * exp}: whoever has the key can tell whose they are, and nobody has to remember them. Any thread.
 */
public final class SignedTokens {
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
  private static final Base64.Decoder DECODER = Base64.getUrlDecoder();
  // What stands before an RSA key of PKCS #1 in PKCS #8: version 0 and the algorithm.
  private static final byte[] PKCS8_RSA = {
    2, 1, 0, 48, 13, 6, 9, 42, (byte) 134, 72, (byte) 134, (byte) 247, 13, 1, 1, 1, 5, 0
  };

  private final String method;
  private final byte[] secret;
  private final PublicKey publicKey;
  private final PrivateKey privateKey;
  private final long ttlSeconds;
  private final LongSupplier seconds;

  /**
   * Tokens of one key pair.
   *
   * @param method RS, PS, ES or HS, and 256, 384 or 512
   * @param publicPem of the public key; not used by HS
   * @param privatePem of the private key, or the secret of HS; null to read tokens only
   * @param seconds the time since 1970
   * @throws IllegalArgumentException if method or keys are not as they should be
   */
  public SignedTokens(
      String method, byte[] publicPem, byte[] privatePem, long ttlSeconds, LongSupplier seconds) {
    Checks.argument(
        method.matches("(RS|PS|ES|HS)(256|384|512)"), "unknown signing method: %s", method);
    Checks.argument(ttlSeconds > 0, "ttl must be positive: %d", ttlSeconds);
    this.method = method;
    this.ttlSeconds = ttlSeconds;
    this.seconds = seconds;
    boolean isSecret = method.startsWith("HS");
    Checks.argument(
        isSecret ? privatePem != null : publicPem != null,
        "no key to check tokens of %s with",
        method);
    try {
      KeyFactory keys =
          isSecret ? null : KeyFactory.getInstance(method.startsWith("ES") ? "EC" : "RSA");
      this.secret = isSecret ? privatePem.clone() : null;
      this.publicKey =
          isSecret ? null : keys.generatePublic(new X509EncodedKeySpec(der(publicPem)));
      this.privateKey =
          isSecret || privatePem == null
              ? null
              : keys.generatePrivate(new PKCS8EncodedKeySpec(pkcs8(privatePem)));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IllegalArgumentException("not a key for " + method + ": " + e.getMessage(), e);
    }
  }

  /**
   * Who shows a token.
   *
   * @param signed null where tokens are not signed
   * @param token null for none
   */
  public static Credentials credentials(SignedTokens signed, String token) {
    if (token == null) {
      return Credentials.NOBODY;
    }
    Credentials claim = signed == null ? null : signed.read(token);
    return claim == null ? Credentials.token(token) : claim;
  }

  private static byte[] der(byte[] pem) {
    String text = new String(pem, StandardCharsets.US_ASCII);
    return Base64.getMimeDecoder().decode(text.replaceAll("-----[^-]*-----", ""));
  }

  private static byte[] pkcs8(byte[] pem) {
    byte[] key = der(pem);
    if (!new String(pem, StandardCharsets.US_ASCII).contains("BEGIN RSA PRIVATE KEY")) {
      return key;
    }
    return tagged(0x30, PKCS8_RSA, tagged(0x04, key, new byte[0]));
  }

  /** A DER value with a length of two bytes. */
  private static byte[] tagged(int tag, byte[] first, byte[] second) {
    int length = first.length + second.length;
    byte[] value = new byte[4 + length];
    value[0] = (byte) tag;
    value[1] = (byte) 0x82;
    value[2] = (byte) (length >>> 8);
    value[3] = (byte) length;
    System.arraycopy(first, 0, value, 4, first.length);
    System.arraycopy(second, 0, value, 4 + first.length, second.length);
    return value;
  }

  /** Whether there is a key to sign with. */
  public boolean canSign() {
    return secret != null || privateKey != null;
  }

  /** A token of a user; only where it {@link #canSign}. */
  public String sign(String user, long revision) {
    String head = encode(new JsonObject().put("alg", method).put("typ", "JWT"));
    String claims =
        encode(
            new JsonObject()
                .put("username", user)
                .put("revision", revision)
                .put("exp", seconds.getAsLong() + ttlSeconds));
    String signed = head + "." + claims;
    try {
      return signed + "." + ENCODER.encodeToString(signature(ascii(signed)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a token cannot be signed", e);
    }
  }

  /** Whose token it is; null where it is none, expired, or signed by another key. */
  public Credentials read(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      return null;
    }
    try {
      if (!method.equals(decode(parts[0]).getString("alg"))
          || !isSigned(ascii(parts[0] + "." + parts[1]), DECODER.decode(parts[2]))) {
        return null;
      }
      JsonObject claims = decode(parts[1]);
      Long expiry = claims.getLong("exp");
      String user = claims.getString("username");
      Long revision = claims.getLong("revision");
      return user == null || revision == null || expiry == null || seconds.getAsLong() >= expiry
          ? null
          : new Credentials(Credentials.Kind.CLAIM, user, revision);
    } catch (GeneralSecurityException
        | DecodeException
        | IllegalArgumentException
        | ClassCastException e) {
      return null; // Whatever else a client may have sent.
    }
  }

  private byte[] signature(byte[] text) throws GeneralSecurityException {
    if (secret != null) {
      return mac(text);
    }
    Signature signature = algorithm();
    signature.initSign(privateKey);
    signature.update(text);
    return signature.sign();
  }

  private boolean isSigned(byte[] text, byte[] by) throws GeneralSecurityException {
    if (secret != null) {
      return MessageDigest.isEqual(mac(text), by);
    }
    Signature signature = algorithm();
    signature.initVerify(publicKey);
    signature.update(text);
    return signature.verify(by);
  }

  private byte[] mac(byte[] text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA" + bits());
    mac.init(new SecretKeySpec(secret, mac.getAlgorithm()));
    return mac.doFinal(text);
  }

  private Signature algorithm() throws GeneralSecurityException {
    if (method.startsWith("ES")) {
      return Signature.getInstance("SHA" + bits() + "withECDSAinP1363Format");
    }
    if (method.startsWith("RS")) {
      return Signature.getInstance("SHA" + bits() + "withRSA");
    }
    Signature signature = Signature.getInstance("RSASSA-PSS");
    String hash = "SHA-" + bits();
    int saltBytes = Integer.parseInt(bits()) / Byte.SIZE;
    signature.setParameter(
        new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), saltBytes, 1));
    return signature;
  }

  private String bits() {
    return method.substring(2);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String encode(JsonObject json) {
    return ENCODER.encodeToString(json.encode().getBytes(StandardCharsets.UTF_8));
  }

  private static JsonObject decode(String part) {
    return new JsonObject(new String(DECODER.decode(part), StandardCharsets.UTF_8));
  }
}
