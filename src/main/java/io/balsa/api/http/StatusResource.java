package io.balsa.api.http;

import io.balsa.api.EtcdVersion;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Reply.MemberStatus;
import io.balsa.engine.request.Request;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** What a member says of itself: {@code /v1/status}, the probes, metrics and versions. */
final class StatusResource {
  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;
  // Probes must answer also where the replica does not.
  private static final long PROBE_MILLIS = 1_000;
  private static final List<String> NO_PARAMETERS = List.of();
  private static final List<String> PARAMETERS = List.of("timeoutMs");

  private final EventLoopState loop;

  StatusResource(EventLoopState loop) {
    this.loop = loop;
  }

  void status(Exchange exchange) {
    long timeoutMillis =
        exchange.query(PARAMETERS).timeoutMillis(loop.options().requestTimeoutMillis());
    exchange.call(
        new Request.Status(),
        timeoutMillis,
        Reply.Status.class,
        reply -> exchange.reply(OK, json(reply.status())));
  }

  void livez(Exchange exchange) {
    probe(exchange, "live", MemberStatus::live);
  }

  void readyz(Exchange exchange) {
    probe(exchange, "ready", MemberStatus::ready);
  }

  /** As etcd's: healthy is who knows a leader, takes part and has room for puts. */
  void health(Exchange exchange) {
    ask(
        exchange,
        StatusResource::illness,
        reasons -> {
          JsonWriter json = new JsonWriter();
          json.object();
          json.text("health", Boolean.toString(reasons.isEmpty()));
          if (!reasons.isEmpty()) {
            json.text("reason", String.join("; ", reasons));
          }
          json.endObject();
          exchange.reply(reasons.isEmpty() ? OK : UNAVAILABLE, json);
        });
  }

  private static List<String> illness(MemberStatus status) {
    List<String> reasons = new ArrayList<>(status.ready());
    if (status.store().isOverQuota()) {
      reasons.add("ALARM NOSPACE");
    }
    return reasons;
  }

  void version(Exchange exchange) {
    exchange.query(NO_PARAMETERS);
    JsonWriter json = new JsonWriter();
    json.object();
    json.text("etcdserver", EtcdVersion.SERVER);
    json.text("etcdcluster", EtcdVersion.CLUSTER);
    json.text("balsa", loop.options().version());
    json.endObject();
    exchange.reply(OK, json);
  }

  void metrics(Exchange exchange) {
    exchange.query(NO_PARAMETERS);
    withStatus(
        exchange,
        reply ->
            exchange.reply(
                OK,
                MemberMetrics.CONTENT_TYPE,
                Buffer.buffer(
                    MemberMetrics.text(
                            reply instanceof Reply.Status known ? known.status() : null,
                            loop.options().version())
                        + loop.options().registry().scrape())));
  }

  private void probe(Exchange exchange, String name, Function<MemberStatus, List<String>> reasons) {
    ask(
        exchange,
        reasons,
        found -> {
          JsonWriter json = new JsonWriter();
          json.object();
          json.flag(name, found.isEmpty());
          json.array("reasons");
          found.forEach(json::text);
          json.endArray();
          json.endObject();
          exchange.reply(found.isEmpty() ? OK : UNAVAILABLE, json);
        });
  }

  /** Gives what stands against this member, an empty list if nothing does. */
  private void ask(
      Exchange exchange,
      Function<MemberStatus, List<String>> reasons,
      Consumer<List<String>> then) {
    exchange.query(NO_PARAMETERS);
    withStatus(
        exchange,
        reply -> {
          if (reply instanceof Reply.Status known) {
            then.accept(reasons.apply(known.status()));
          } else if (reply instanceof Reply.Refused refused) {
            then.accept(List.of(refused.detail()));
          } else {
            then.accept(List.of("the replica did not answer within " + PROBE_MILLIS + " ms"));
          }
        });
  }

  /** Asks for the status; gives null where the replica is too busy to answer. */
  private void withStatus(Exchange exchange, Consumer<Reply> then) {
    boolean[] answered = {false};
    Consumer<Reply> once =
        reply -> {
          if (!answered[0]) {
            answered[0] = true;
            exchange.run(() -> then.accept(reply));
          }
        };
    long timer = loop.vertx().setTimer(PROBE_MILLIS, none -> once.accept(null));
    loop.replica()
        .call(new Request.Status(), PROBE_MILLIS)
        .onSuccess(
            reply -> {
              loop.vertx().cancelTimer(timer);
              once.accept(reply);
            });
  }

  private JsonWriter json(MemberStatus status) {
    JsonWriter json = new JsonWriter();
    json.object();
    json.id("clusterId", status.clusterId());
    member(json, "self", status.self());
    member(json, "leader", status.leader());
    json.number("term", status.term());
    json.number("commitIndex", status.commitIndex());
    json.number("appliedIndex", status.appliedIndex());
    json.number("revision", status.revision());
    json.number("compactRevision", status.compactRevision());
    json.text("stateHash", String.format("%016x", status.stateHash()));
    json.array("members");
    for (Reply.Progress progress : status.progress()) {
      json.object();
      json.id("id", progress.member());
      json.text("state", progress.state());
      json.number("match", progress.match());
      json.number("next", progress.next());
      json.flag("recentActive", progress.recentActive());
      json.flag("learner", progress.learner());
      json.endObject();
    }
    json.endArray();
    wal(json, status.wal());
    json.object("store");
    json.number("keys", status.store().keys());
    json.number("revisions", status.store().revisions());
    json.number("bytes", status.store().bytes());
    json.endObject();
    json.text("version", loop.options().version());
    json.endObject();
    return json;
  }

  private static void member(JsonWriter json, String name, Reply.Member member) {
    if (member == null) {
      json.absent(name);
      return;
    }
    json.object(name);
    json.id("id", member.id());
    json.text("name", member.name());
    json.endObject();
  }

  private static void wal(JsonWriter json, Reply.Wal wal) {
    json.object("wal");
    json.number("fsyncs", wal.fsyncs());
    json.number("entries", wal.entries());
    json.number("bytes", wal.bytes());
    json.object("fsyncMicros");
    json.number("p50", wal.fsyncMicrosP50());
    json.number("p99", wal.fsyncMicrosP99());
    json.number("max", wal.fsyncMicrosMax());
    json.endObject();
    json.endObject();
  }
}
