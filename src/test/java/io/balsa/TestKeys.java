package io.balsa;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;

/** Keys with certificates that they have signed themselves, for 127.0.0.1. */
public final class TestKeys {
  /** Of each store. */
  public static final String PASSWORD = "password";

  private TestKeys() {}

  /** Makes a key of this name, in files of PEM: {@code name.pem} and {@code name.key}. */
  public static void makePem(Path directory, String name) throws Exception {
    char[] password = PASSWORD.toCharArray();
    KeyStore keys = KeyStore.getInstance(make(directory, name).toFile(), password);
    writePem(
        directory.resolve(name + ".pem"), "CERTIFICATE", keys.getCertificate(name).getEncoded());
    writePem(
        directory.resolve(name + ".key"), "PRIVATE KEY", keys.getKey(name, password).getEncoded());
  }

  private static void writePem(Path file, String what, byte[] der) throws IOException {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    Files.writeString(
        file, "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n");
  }

  /** Makes a key of this name in a PKCS#12 store, which is the file of this name. */
  public static Path make(Path directory, String name) throws Exception {
    Path store = directory.resolve(name);
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(name + ".log").toFile())
            .start();
    assertThat(keytool.waitFor()).isZero();
    return store;
  }
}
