package io.balsa.cli;

import io.balsa.config.ServerConfig;
import io.balsa.discovery.Discovery;
import io.balsa.discovery.HazelcastNode;
import io.balsa.discovery.HazelcastOptions;
import io.balsa.verticle.Member;
import io.balsa.verticle.MemberSetup;
import io.balsa.verticle.Rehearsal;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs members in this JVM until they end: each of them removed from its cluster, one of them
 * failed, or the process asked to stop.
 */
final class Launch {
  private static final String LOOPBACK = "127.0.0.1";
  private static final Duration STOP_MAX = Duration.ofSeconds(10);

  // An event loop that stands still for longer delays heartbeats: it should be seen.
  private static final long EVENT_LOOP_MILLIS_MAX = 100;

  private final Starter starter;
  private final Vertx vertx;
  private final Logger log;
  private final List<Running> running = new CopyOnWriteArrayList<>();
  private Boolean isStopped; // Null until stop was called.

  /** Starts one member; completes when it serves. */
  interface Starter {
    Future<Running> start(Vertx vertx, ServerConfig config);
  }

  /**
   * A member that serves.
   *
   * @param ended succeeds when the member was removed from its cluster, fails when it had to stop
   * @param stop completes when everything is closed
   */
  record Running(Future<Void> ended, Supplier<Future<Void>> stop) {}

  Launch(Starter starter, Vertx vertx, Logger log) {
    this.starter = starter;
    this.vertx = vertx;
    this.log = log;
  }

  /**
   * Sets the level and hands out the logger of this class. To be called before anything else makes
   * a logger, because the configuration of logging is read then.
   */
  static Logger logger(ServerConfig.LogLevel level) {
    System.setProperty("balsa.log.level", level.name());
    return LoggerFactory.getLogger(Launch.class);
  }

  /**
   * Runs members on a Vert.x of their own until their end, or until a signal stops the process.
   *
   * @param err gets the last line, if there is one to tell
   * @param serving called once all of them serve
   * @return the exit code
   */
  static int run(List<ServerConfig> configs, Logger log, PrintWriter err, Runnable serving)
      throws CommandException {
    Vertx vertx = vertx();
    Launch launch = new Launch((own, config) -> member(own, config, log), vertx, log);
    Thread hook =
        new Thread(
            () -> {
              log.info("stopping on a signal");
              boolean inTime = launch.stop();
              if (inTime) {
                log.info("stopped");
              }
              // A signal would make it 143, which service managers take for a failure.
              Runtime.getRuntime().halt(inTime ? BalsaCommand.OK : BalsaCommand.FAILED);
            },
            "balsa-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      Rehearsal.run(); // Now, when nobody waits for a heartbeat yet.
      HeapKeeper.start(vertx);
      launch.await(configs, serving);
    } finally {
      withdraw(hook);
    }
    for (ServerConfig config : configs) {
      err.println(
          "balsa: "
              + config.name()
              + " was removed from its cluster and has stopped; its data directory "
              + config.dataDir()
              + " can be deleted");
    }
    return BalsaCommand.OK;
  }

  /**
   * Starts all members and returns when all were removed; whatever happens, everything is stopped
   * in the end.
   *
   * @throws CommandException when one cannot start, or had to stop
   */
  void await(List<ServerConfig> configs, Runnable serving) throws CommandException {
    try {
      get(
          Future.all(
              configs.stream()
                  .map(config -> starter.start(vertx, config).onSuccess(running::add))
                  .toList()));
      serving.run();
      get(Future.all(running.stream().map(Running::ended).toList()));
    } finally {
      stop();
    }
  }

  /** Stops all members once; false when that failed or took too long. */
  synchronized boolean stop() {
    if (isStopped == null) {
      try {
        Future.join(running.stream().map(member -> member.stop().get()).toList())
            .eventually(vertx::close)
            .toCompletionStage()
            .toCompletableFuture()
            .get(STOP_MAX.toMillis(), TimeUnit.MILLISECONDS);
        isStopped = true;
      } catch (TimeoutException e) {
        log.error("could not stop within seconds={}", STOP_MAX.toSeconds());
        isStopped = false;
      } catch (InterruptedException | ExecutionException e) {
        log.error("could not stop cleanly reason={}", reason(e));
        isStopped = false;
      }
    }
    return isStopped;
  }

  private static Future<Running> member(Vertx vertx, ServerConfig config, Logger log) {
    return config.hazelcast().isPresent()
        ? discovered(vertx, config, config.hazelcast().get(), log)
        : Future.succeededFuture(config)
            .map(MemberSetup::of) // Reads keys, which may be none.
            .compose(setup -> Member.start(vertx, setup))
            .map(member -> new Running(member.ended(), member::stop));
  }

  /** Without Hazelcast a member finds those it knew before, which is all that it needs to go on. */
  private static Future<Running> discovered(
      Vertx vertx, ServerConfig config, HazelcastOptions hazelcast, Logger log) {
    VertxOptions options = vertxOptions();
    if (config.eventBus() != ServerConfig.EventBus.CLUSTERED) {
      options.getEventBusOptions().setHost(LOOPBACK); // Nobody uses it from elsewhere.
    }
    return HazelcastNode.start(hazelcast, MemberSetup.self(config), options)
        .transform(
            started -> {
              if (started.succeeded()) {
                HazelcastNode node = started.result();
                return Member.start(node.vertx(), MemberSetup.of(config, node))
                    .map(
                        member ->
                            new Running(
                                member.ended(), () -> member.stop().eventually(node::close)))
                    .onFailure(failure -> node.close());
              }
              String reason = "hazelcast did not start: " + started.cause().getMessage();
              log.warn("going on without discovery reason=\"{}\"", reason);
              return Member.start(vertx, MemberSetup.of(config, Discovery.failed(reason)))
                  .map(member -> new Running(member.ended(), member::stop));
            });
  }

  private static Vertx vertx() {
    return Vertx.vertx(vertxOptions());
  }

  private static VertxOptions vertxOptions() {
    return new VertxOptions()
        // Or it makes a directory for files of the class path, which nobody here reads.
        .setFileSystemOptions(
            new FileSystemOptions()
                .setClassPathResolvingEnabled(false)
                .setFileCachingEnabled(false))
        .setBlockedThreadCheckInterval(EVENT_LOOP_MILLIS_MAX)
        .setMaxEventLoopExecuteTime(EVENT_LOOP_MILLIS_MAX)
        .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS);
  }

  /** Withdraws the hook; waits for it instead where a signal came first. */
  private static void withdraw(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException isShuttingDown) {
      try {
        hook.join(); // It ends the process: nothing may be said after its last line.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void get(Future<?> future) throws CommandException {
    try {
      future.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw new CommandException(reason(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("interrupted");
    }
  }

  private static String reason(Exception failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
