package io.balsa.jetcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.common.exception.EtcdException;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for what jetcd answers, and writes it short. */
final class Answers {
  static final Duration LIMIT = Duration.ofMinutes(2);

  private Answers() {}

  static ByteSequence bytes(String text) {
    return ByteSequence.from(text, UTF_8);
  }

  static String text(ByteSequence bytes) {
    return bytes.toString(UTF_8);
  }

  /** The keys and values as {@code key=value}, in their order. */
  static List<String> pairs(List<KeyValue> kvs) {
    return kvs.stream().map(kv -> text(kv.getKey()) + "=" + text(kv.getValue())).toList();
  }

  /** The keys in their order. */
  static List<String> keys(List<KeyValue> kvs) {
    return kvs.stream().map(kv -> text(kv.getKey())).toList();
  }

  /**
   * What came.
   *
   * @throws AssertionError if it was refused, or nothing comes
   */
  static <T> T answer(CompletableFuture<T> future) {
    failure(future)
        .ifPresent(
            failure -> {
              throw new AssertionError(describe(failure), failure);
            });
    return future.join();
  }

  /**
   * With which code and text it was refused.
   *
   * @throws AssertionError if it was not, or nothing comes
   */
  static String refusal(CompletableFuture<?> future) {
    return describe(
        failure(future).orElseThrow(() -> new AssertionError("not refused: " + future.join())));
  }

  /**
   * What it was refused with, if it was.
   *
   * @throws AssertionError if nothing comes
   */
  static Optional<Throwable> failure(CompletableFuture<?> future) {
    try {
      future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      return Optional.empty();
    } catch (ExecutionException e) {
      return Optional.of(e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("no answer within " + LIMIT, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Code and text of an error of jetcd. */
  static String describe(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof EtcdException etcd) {
        return etcd.getErrorCode() + " " + etcd.getMessage();
      }
      if (each instanceof StatusRuntimeException refused) {
        return refused.getStatus().getCode() + " " + refused.getStatus().getDescription();
      }
    }
    return failure.getClass().getSimpleName() + " " + failure.getMessage();
  }
}
