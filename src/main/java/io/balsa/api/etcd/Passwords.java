package io.balsa.api.etcd;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import io.balsa.api.etcd.StatusException.Code;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * Hashes and checks passwords as etcd does: bcrypt of cost 10, which takes a tenth of a second, and
 * so happens on threads of its own. Confined to its event loop; the threads are those of all loops.
 */
final class Passwords {
  private static final int COST = 10;
  private static final int THREADS = 2;
  private static final int WAITING_MAX = 64;
  private static final int SECRET_LETTERS = 16;
  private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  private final SecureRandom random = new SecureRandom();
  private final WorkerExecutor threads;
  private int waiting;

  /** Ends with the verticle on whose event loop it is made. */
  Passwords(Vertx vertx) {
    this.threads = vertx.createSharedWorkerExecutor("balsa-passwords", THREADS);
  }

  /** Goes on with the hash of a password. */
  void hash(String password, UnaryCall call, Consumer<String> then) {
    work(
        call,
        () -> {
          byte[] hash = bcrypt().hash(COST, bytes(password));
          return new String(hash, StandardCharsets.US_ASCII);
        },
        then);
  }

  /** Goes on with whether a password is the one of the hash. */
  void check(String password, String hash, UnaryCall call, Consumer<Boolean> then) {
    work(
        call,
        () -> verifier().verify(bytes(password), hash.getBytes(StandardCharsets.US_ASCII)).verified,
        then);
  }

  /** The beginning of a new token. */
  String secret() {
    StringBuilder secret = new StringBuilder(SECRET_LETTERS);
    for (int i = 0; i < SECRET_LETTERS; i++) {
      secret.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return secret.toString();
  }

  private <T> void work(UnaryCall call, Callable<T> work, Consumer<T> then) {
    if (waiting >= WAITING_MAX) {
      throw Errors.error(Code.RESOURCE_EXHAUSTED, "too many requests");
    }
    waiting++;
    threads
        .executeBlocking(work, false)
        .onComplete(
            done -> {
              waiting--;
              call.run(
                  () -> {
                    if (done.failed()) {
                      throw new IllegalStateException(done.cause());
                    }
                    then.accept(done.result());
                  });
            });
  }

  private static BCrypt.Hasher bcrypt() {
    return BCrypt.with(LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2A));
  }

  private static BCrypt.Verifyer verifier() {
    return BCrypt.verifyer(
        BCrypt.Version.VERSION_2A, LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2A));
  }

  private static byte[] bytes(String password) {
    return password.getBytes(StandardCharsets.UTF_8);
  }
}
