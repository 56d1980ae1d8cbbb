package io.balsa.api.eventbus;

import io.balsa.api.EventBusNames;
import io.balsa.api.HexId;
import io.balsa.engine.request.Leadership;
import io.balsa.engine.request.Reply;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;

/** Publishes who leads, as this member sees it. */
final class StatusEvents {
  private final Vertx vertx;
  private final DeliveryOptions delivery;
  private boolean published;

  StatusEvents(Vertx vertx, boolean clustered) {
    this.vertx = vertx;
    this.delivery = new DeliveryOptions().setLocalOnly(!clustered);
  }

  /** What was so already when this began to listen. A change that came meanwhile is newer. */
  void found(Reply.MemberStatus status) {
    if (!published) {
      changed(new Leadership(status.clusterId(), status.self(), status.leader(), status.term()));
    }
  }

  void changed(Leadership leadership) {
    published = true;
    JsonObject body =
        new JsonObject()
            .put("clusterId", HexId.format(leadership.clusterId()))
            .put("member", json(leadership.member()))
            .put("leader", leadership.leader() == null ? null : json(leadership.leader()))
            .put("term", leadership.term());
    vertx.eventBus().publish(EventBusNames.STATUS, body, delivery);
  }

  private static JsonObject json(Reply.Member member) {
    return new JsonObject().put("id", HexId.format(member.id())).put("name", member.name());
  }
}
