package io.balsa;

import io.balsa.client.BalsaClient;
import io.balsa.client.link.LocalLink;
import io.balsa.client.recipe.StandardClient;
import io.balsa.config.ServerConfig;
import io.balsa.verticle.Member;
import io.balsa.verticle.MemberConfig;
import io.balsa.verticle.MemberSetup;
import io.vertx.core.Closeable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A member and the client that goes through it, as one. */
final class StartedMember implements Balsa {
  // What a client holds is given back if the cluster answers; a member that stops waits no longer.
  private static final long CLIENT_CLOSE_MILLIS = 1_000;

  private final VertxInternal vertx;
  private final Member member;
  private final BalsaClient client;
  private final Closeable hook = done -> stop().onComplete(done);

  private StartedMember(VertxInternal vertx, Member member, BalsaClient client) {
    this.vertx = vertx;
    this.member = member;
    this.client = client;
  }

  static Future<Balsa> start(Vertx vertx, BalsaOptions options) {
    return vertx
        .executeBlocking(() -> MemberSetup.of(ServerConfig.of(options.settings()))) // Reads files.
        .compose(config -> start((VertxInternal) vertx, config));
  }

  private static Future<Balsa> start(VertxInternal vertx, MemberConfig config) {
    Promise<Balsa> started = Promise.promise();
    // On a context of its own: what a verticle deploys is undeployed with it, all at once, but a
    // member must stop in order.
    vertx
        .createEventLoopContext()
        .runOnContext(
            none ->
                Member.start(vertx, config)
                    .compose(member -> client(vertx, config, member))
                    .onComplete(started));
    return started.future();
  }

  private static Future<Balsa> client(VertxInternal vertx, MemberConfig config, Member member) {
    return LocalLink.open(
            vertx,
            member.addresses(),
            config.timing().requestMillis(),
            config.limits().requestBytesMax())
        .map(
            link -> {
              StartedMember started =
                  new StartedMember(vertx, member, StandardClient.over(vertx, link));
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
        .onComplete(none -> vertx.removeCloseHook(hook));
  }
}
