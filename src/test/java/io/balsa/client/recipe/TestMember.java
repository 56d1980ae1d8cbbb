package io.balsa.client.recipe;

import io.balsa.client.BalsaClient;
import io.balsa.client.link.Link;
import io.balsa.client.link.LocalLink;
import io.balsa.verticle.Member;
import io.balsa.verticle.MemberConfig;
import io.balsa.verticle.TestConfigs;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One real member in this JVM, and ways to it. */
final class TestMember {
  static final int REQUEST_TIMEOUT_MILLIS = 7_000;
  private static final int REQUEST_BYTES_MAX = 100_000;

  final Vertx vertx = Vertx.vertx();
  private final Member member;

  TestMember(Path directory) throws Exception {
    member = await(Member.start(vertx, TestConfigs.solo(directory, MemberConfig.EventBus.OFF)));
  }

  /** A way that works. */
  Link link() throws Exception {
    return await(
        LocalLink.open(vertx, member.addresses(), REQUEST_TIMEOUT_MILLIS, REQUEST_BYTES_MAX));
  }

  /** A way that fails as it is told to. */
  FaultyLink faultyLink(Memory memory, long seed) throws Exception {
    return new FaultyLink(vertx, link(), memory, new Random(seed));
  }

  FaultyLink faultyLink() throws Exception {
    return faultyLink(new Memory(), 1);
  }

  BalsaClient client() throws Exception {
    return client(link());
  }

  BalsaClient client(Link link) {
    return StandardClient.over(vertx, link);
  }

  void close() throws Exception {
    await(member.stop());
    await(vertx.close());
  }

  /** A new seed, said so that a failure can be repeated. */
  static long seed(Class<?> test) {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println(
        "seed " + seed + "; repeat: mvn test -Dtest=" + test.getSimpleName() + " -Dseed=" + seed);
    return seed;
  }

  static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  /** Why it failed. */
  static Throwable failure(Future<?> future) throws InterruptedException, TimeoutException {
    try {
      Object result = future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
      throw new AssertionError("expected a failure, found " + result);
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }
}
