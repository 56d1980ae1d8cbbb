package io.balsa.api.etcd;

import io.balsa.mvcc.auth.Credentials;
import io.vertx.core.http.HttpConnection;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.WeakHashMap;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Users by their client certificates: the common name is that of the user, as in etcd where clients
 * must have certificates. Confined to its event loop.
 */
final class CertificateUsers {
  private final Map<HttpConnection, Credentials> known = new WeakHashMap<>();

  /** Who is at the other end of a connection. */
  Credentials of(HttpConnection connection) {
    return known.computeIfAbsent(connection, CertificateUsers::look);
  }

  private static Credentials look(HttpConnection connection) {
    try {
      Certificate first = connection.peerCertificates().get(0);
      return first instanceof X509Certificate certificate
          ? named(certificate.getSubjectX500Principal().getName())
          : Credentials.NOBODY;
    } catch (SSLPeerUnverifiedException | InvalidNameException e) {
      return Credentials.NOBODY;
    }
  }

  private static Credentials named(String subject) throws InvalidNameException {
    for (Rdn part : new LdapName(subject).getRdns()) {
      if (part.getType().equalsIgnoreCase("CN") && !part.getValue().toString().isEmpty()) {
        return Credentials.connected(part.getValue().toString());
      }
    }
    return Credentials.NOBODY;
  }
}
