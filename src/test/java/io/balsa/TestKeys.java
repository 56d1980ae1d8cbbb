package io.balsa;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

/** Keys with certificates that they have signed themselves, for 127.0.0.1. */
public final class TestKeys {
  /** Of each store. */
  public static final String PASSWORD = "password";

  private TestKeys() {}

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
