package io.balsa.api.http;

import io.balsa.api.Fields;
import io.balsa.api.Problem;
import io.balsa.api.ProblemException;
import io.balsa.data.Endpoint;
import io.balsa.data.Names;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import java.util.ArrayList;
import java.util.List;

/** Members and their leader: {@code /v1/members} and below, {@code /v1/leader}. */
final class MemberResource {
  private static final int OK = 200;
  private static final int BODY_BYTES_MAX = 64 << 10;
  private static final int URLS_MAX = 16;
  private static final List<String> PARAMETERS = List.of("timeoutMs");
  private static final List<String> REMOVE_PARAMETERS = List.of("force", "timeoutMs");

  private final EventLoopState loop;

  MemberResource(EventLoopState loop) {
    this.loop = loop;
  }

  void list(Exchange exchange) {
    call(exchange, new Request.MemberList(), timeoutMillis(exchange.query(PARAMETERS)));
  }

  void add(Exchange exchange) {
    long timeoutMillis = timeoutMillis(exchange.query(PARAMETERS));
    exchange.body(
        BODY_BYTES_MAX,
        "a member",
        body -> {
          Fields fields = Fields.of(body);
          String name = name(fields.text("name"), "name");
          List<String> texts = fields.texts("peerUrls", URLS_MAX);
          if (texts.isEmpty()) {
            throw ProblemException.invalid("peerUrls: empty, expected one URL or more");
          }
          List<String> peerUrls = new ArrayList<>();
          for (int i = 0; i < texts.size(); i++) {
            peerUrls.add(url(texts.get(i), "peerUrls[" + i + "]"));
          }
          boolean learner = !fields.has("learner") || fields.flag("learner");
          fields.end();
          call(exchange, new Request.MemberAdd(name, peerUrls, learner), timeoutMillis);
        });
  }

  void promote(Exchange exchange) {
    long timeoutMillis = timeoutMillis(exchange.query(PARAMETERS));
    call(exchange, new Request.MemberPromote(member(exchange)), timeoutMillis);
  }

  void remove(Exchange exchange) {
    Query query = exchange.query(REMOVE_PARAMETERS);
    boolean force = query.flag("force");
    call(exchange, new Request.MemberRemove(member(exchange), force), timeoutMillis(query));
  }

  void transferLeader(Exchange exchange) {
    long timeoutMillis = timeoutMillis(exchange.query(PARAMETERS));
    exchange.body(
        BODY_BYTES_MAX,
        "the member that shall lead",
        body -> {
          Fields fields = Fields.of(body);
          String member = name(fields.text("member"), "member");
          fields.end();
          call(exchange, new Request.TransferLeader(member), timeoutMillis);
        });
  }

  private static void call(Exchange exchange, Request request, long timeoutMillis) {
    exchange.call(request, timeoutMillis, Reply.Members.class, members -> send(exchange, members));
  }

  private static void send(Exchange exchange, Reply.Members reply) {
    JsonWriter json = new JsonWriter();
    json.object();
    json.id("clusterId", reply.clusterId());
    if (reply.leader() == 0) {
      json.absent("leader");
    } else {
      json.id("leader", reply.leader());
    }
    json.array("members");
    for (Reply.Member member : reply.members()) {
      json.object();
      json.id("id", member.id());
      json.text("name", member.name());
      texts(json, "peerUrls", member.peerUrls());
      texts(json, "clientUrls", member.clientUrls());
      json.flag("learner", member.learner());
      json.endObject();
    }
    json.endArray();
    if (reply.changed() != 0) {
      json.id("changed", reply.changed());
    }
    json.endObject();
    exchange.reply(OK, json);
  }

  private static void texts(JsonWriter json, String name, List<String> texts) {
    json.array(name);
    texts.forEach(json::text);
    json.endArray();
  }

  private static String member(Exchange exchange) {
    return name(exchange.pathId(), "member");
  }

  /** A name of a member, or its id, which looks like one. */
  private static String name(String name, String what) {
    if (!Names.isName(name)) {
      throw ProblemException.invalid(
          what + ": found " + Problem.quote(name) + ", expected " + Names.RULE);
    }
    return name;
  }

  /** An address as the members' own settings name it, so that equal ones are equal texts. */
  private static String url(String text, String what) {
    Endpoint url =
        Endpoint.parse(text)
            .orElseThrow(
                () ->
                    ProblemException.invalid(
                        what + ": found " + Problem.quote(text) + ", expected " + Endpoint.RULE));
    if (url.isWildcard()) {
      throw ProblemException.invalid(
          what + ": found " + Problem.quote(text) + ", expected an address that others can call");
    }
    return url.toString();
  }

  private long timeoutMillis(Query query) {
    return query.timeoutMillis(loop.options().requestTimeoutMillis());
  }
}
