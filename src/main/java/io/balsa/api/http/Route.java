package io.balsa.api.http;

import io.vertx.core.http.HttpMethod;

/** The resources, by the template of their path. */
enum Route {
  KEY("/v1/kv/{key}"),
  KEYS("/v1/kv"),
  TXN("/v1/txn"),
  WATCH("/v1/watch"),
  COMPACT("/v1/compact"),
  LEASES("/v1/leases"),
  LEASE("/v1/leases/{id}"),
  LEASE_KEEPALIVE("/v1/leases/{id}/keepalive"),
  MEMBERS("/v1/members"),
  MEMBER("/v1/members/{id}"),
  MEMBER_PROMOTE("/v1/members/{id}/promote"),
  LEADER("/v1/leader"),
  STATUS("/v1/status"),
  LIVEZ("/livez"),
  READYZ("/readyz"),
  HEALTH("/health"),
  METRICS("/metrics"),
  VERSION("/version"),
  /** Any other path. */
  NONE("none");

  private final String template;

  Route(String template) {
    this.template = template;
  }

  /** As people and metrics see it. */
  String template() {
    return template;
  }

  /** Whether requests count against the limit: those by which operators look in do not. */
  boolean isAdmitted() {
    return switch (this) {
      case KEY, KEYS, TXN, COMPACT, LEASES, LEASE, LEASE_KEEPALIVE -> true;
      case MEMBERS, MEMBER, MEMBER_PROMOTE, LEADER -> true;
      case WATCH, STATUS, LIVEZ, READYZ, HEALTH, METRICS, VERSION, NONE -> false;
    };
  }

  /** Whether {@code method} may write keys: only there has an idempotency key an effect. */
  boolean writesKeys(HttpMethod method) {
    return switch (this) {
      case KEY -> method == HttpMethod.PUT || method == HttpMethod.DELETE;
      case KEYS -> method == HttpMethod.DELETE;
      case TXN -> method == HttpMethod.POST;
      case WATCH, COMPACT, LEASES, LEASE, LEASE_KEEPALIVE -> false;
      case MEMBERS, MEMBER, MEMBER_PROMOTE, LEADER -> false;
      case STATUS, LIVEZ, READYZ, HEALTH, METRICS, VERSION, NONE -> false;
    };
  }

  /** As the router of vertx-web writes it. */
  String routerPath() {
    return template.replace("{id}", ":id");
  }
}
