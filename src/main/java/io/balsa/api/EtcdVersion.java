package io.balsa.api;

/** The version of etcd whose interface is served, as clients that look for it are told. */
public final class EtcdVersion {
  /** Of a server. */
  public static final String SERVER = "3.4.0";

  /** Of a cluster: what all members can do. */
  public static final String CLUSTER = "3.4.0";

  private EtcdVersion() {}
}
