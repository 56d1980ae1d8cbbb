package io.balsa.client;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Where a cluster is and how long to wait for it. */
@DataObject
public class BalsaClientOptions {
  /** Where a server listens that was told nothing else. */
  public static final String ENDPOINT = "http://127.0.0.1:2379";

  /** How long a request waits where nothing else is said. */
  public static final long REQUEST_TIMEOUT_MILLIS = 7_000;

  private List<String> endpoints = List.of(ENDPOINT);
  private long requestTimeoutMillis = REQUEST_TIMEOUT_MILLIS;
  private String trustedCaFile;
  private String certFile;
  private String keyFile;
  private String user;
  private String password;

  /** A server on this machine. */
  public BalsaClientOptions() {}

  /** A copy. */
  public BalsaClientOptions(BalsaClientOptions other) {
    endpoints = other.endpoints;
    requestTimeoutMillis = other.requestTimeoutMillis;
    trustedCaFile = other.trustedCaFile;
    certFile = other.certFile;
    keyFile = other.keyFile;
    user = other.user;
    password = other.password;
  }

  /** Reads what {@link #toJson} wrote. */
  public BalsaClientOptions(JsonObject json) {
    JsonArray urls = json.getJsonArray("endpoints", new JsonArray().add(ENDPOINT));
    endpoints = urls.stream().map(String.class::cast).toList();
    requestTimeoutMillis = json.getLong("requestTimeoutMillis", REQUEST_TIMEOUT_MILLIS);
    trustedCaFile = json.getString("trustedCaFile");
    certFile = json.getString("certFile");
    keyFile = json.getString("keyFile");
    user = json.getString("user");
    password = json.getString("password");
  }

  /** Client URLs of members. */
  public List<String> getEndpoints() {
    return endpoints;
  }

  /** Client URLs of members, {@code http} or {@code https}, at least one; tried in this order. */
  public BalsaClientOptions setEndpoints(List<String> endpoints) {
    this.endpoints = List.copyOf(endpoints);
    return this;
  }

  /** How long a request waits for its outcome, all attempts together. */
  public long getRequestTimeoutMillis() {
    return requestTimeoutMillis;
  }

  /** How long a request waits for its outcome, all attempts together; 1 or more. */
  public BalsaClientOptions setRequestTimeoutMillis(long requestTimeoutMillis) {
    this.requestTimeoutMillis = requestTimeoutMillis;
    return this;
  }

  /** Who signed the members' certificates (PEM); null for those whom this machine trusts. */
  public String getTrustedCaFile() {
    return trustedCaFile;
  }

  /** Who signed the members' certificates (PEM); null for those whom this machine trusts. */
  public BalsaClientOptions setTrustedCaFile(String trustedCaFile) {
    this.trustedCaFile = trustedCaFile;
    return this;
  }

  /** The certificate that this client shows (PEM); null for none. */
  public String getCertFile() {
    return certFile;
  }

  /** The certificate that this client shows (PEM); null for none. */
  public BalsaClientOptions setCertFile(String certFile) {
    this.certFile = certFile;
    return this;
  }

  /** The private key of the certificate (PEM). */
  public String getKeyFile() {
    return keyFile;
  }

  /** The private key of the certificate (PEM). */
  public BalsaClientOptions setKeyFile(String keyFile) {
    this.keyFile = keyFile;
    return this;
  }

  /** Who asks, where the cluster enforces users; null for nobody in particular. */
  public String getUser() {
    return user;
  }

  /**
   * Who asks, where the cluster enforces users; null for nobody in particular. The client gets a
   * token when it first needs one, and another when that is not taken any more.
   */
  public BalsaClientOptions setUser(String user) {
    this.user = user;
    return this;
  }

  /** The password of the user. */
  public String getPassword() {
    return password;
  }

  /** The password of the user. */
  public BalsaClientOptions setPassword(String password) {
    this.password = password;
    return this;
  }

  /** The fields that are set, with the password. */
  public JsonObject toJson() {
    JsonObject json =
        new JsonObject()
            .put("endpoints", new JsonArray(List.copyOf(endpoints)))
            .put("requestTimeoutMillis", requestTimeoutMillis);
    if (trustedCaFile != null) {
      json.put("trustedCaFile", trustedCaFile);
    }
    if (certFile != null) {
      json.put("certFile", certFile);
    }
    if (keyFile != null) {
      json.put("keyFile", keyFile);
    }
    if (user != null) {
      json.put("user", user);
    }
    if (password != null) {
      json.put("password", password);
    }
    return json;
  }
}
