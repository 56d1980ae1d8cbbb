package io.balsa;

import io.balsa.client.BalsaClient;
import io.balsa.client.link.LocalLink;
import io.balsa.client.recipe.StandardClient;
import io.balsa.config.ServerConfig;
import io.balsa.discovery.HazelcastNode;
import io.balsa.verticle.Member;
import io.balsa.verticle.MemberConfig;
import io.balsa.verticle.MemberSetup;
import io.vertx.core.Closeable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A member and the client that goes through it, as one. */
final class StartedMember implements Balsa {
  private static final String LOOPBACK = "127.0.0.1";
  // What a client holds is given back if the cluster answers; a member that stops waits no longer.
  private static final long CLIENT_CLOSE_MILLIS = 1_000;

  private final VertxInternal vertx;
  private final Member member;
  private final BalsaClient client;
  private final Supplier<Future<Void>> last; // What the member needs to its end.
  private final Closeable hook = done -> stop().onComplete(done);

  private StartedMember(
      VertxInternal vertx, Member member, BalsaClient client, Supplier<Future<Void>> last) {
    this.last = last;
    this.vertx = vertx;
    this.member = member;
    this.client = client;
  }

  static Future<Balsa> start(Vertx vertx, BalsaOptions options) {
    return vertx
        .executeBlocking(() -> ServerConfig.of(options.settings())) // Reads files.
        .compose(config -> start((VertxInternal) vertx, config));
  }

  private static Future<Balsa> start(VertxInternal vertx, ServerConfig config) {
    if (config.hazelcast().isEmpty()) {
      return start(vertx, MemberSetup.of(config), Future::succeededFuture);
    }
    VertxOptions own = new VertxOptions();
    own.getEventBusOptions().setHost(LOOPBACK); // Only Hazelcast is wanted of it.
    return HazelcastNode.start(config.hazelcast().get(), MemberSetup.self(config), own)
        .compose(
            node ->
                start(vertx, MemberSetup.of(config, node), node::close)
                    .onFailure(failure -> node.close()));
  }

  private static Future<Balsa> start(
      VertxInternal vertx, MemberConfig config, Supplier<Future<Void>> last) {
    Promise<Balsa> started = Promise.promise();
    // On a context of its own: what a verticle deploys is undeployed with it, all at once, but a
    // member must stop in order.
    vertx
        .createEventLoopContext()
        .runOnContext(
            none ->
                Member.start(vertx, config)
                    .compose(member -> client(vertx, config, member, last))
                    .onComplete(started));
    return started.future();
  }

  private static Future<Balsa> client(
      VertxInternal vertx, MemberConfig config, Member member, Supplier<Future<Void>> last) {
    return LocalLink.open(
            vertx,
            member.addresses(),
            config.timing().requestMillis(),
            config.limits().requestBytesMax())
        .map(
            link -> {
              StartedMember started =
                  new StartedMember(vertx, member, StandardClient.over(vertx, link), last);
              vertx.addCloseHook(started.hook);
              return started;
            });
  }

  @Override
  public BalsaClient client() {
    return client;
  }

  @Override
  public List<Integer> clientPorts() {
    return member.clientPorts();
  }

  @Override
  public Future<Void> ended() {
    return member.ended();
  }

  @Override
  public Future<Void> stop() {
    return client
        .close()
        .timeout(CLIENT_CLOSE_MILLIS, TimeUnit.MILLISECONDS)
        .otherwiseEmpty()
        .compose(none -> member.stop())
        .eventually(last)
        .onComplete(none -> vertx.removeCloseHook(hook));
  }
}
