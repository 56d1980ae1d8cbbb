package io.balsa.api.http;

import io.balsa.api.Problem;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Everything but keys: which resource answers which path and method. */
final class HttpRouter implements Handler<HttpServerRequest> {
  private final EventLoopState loop;
  private final Router router;

  HttpRouter(EventLoopState loop, WatchResource watches) {
    this.loop = loop;
    this.router = Router.router(loop.vertx());
    TxnResource txn = new TxnResource(loop);
    LeaseResource leases = new LeaseResource(loop);
    MemberResource members = new MemberResource(loop);
    CompactResource compact = new CompactResource(loop);
    StatusResource status = new StatusResource(loop);
    resource(Route.TXN).post(txn::post);
    resource(Route.WATCH).stream(watches::get);
    resource(Route.COMPACT).post(compact::post);
    resource(Route.LEASES).get(leases::list).post(leases::grant);
    resource(Route.LEASE).get(leases::get).delete(leases::revoke);
    resource(Route.LEASE_KEEPALIVE).post(leases::keepAlive);
    resource(Route.MEMBERS).get(members::list).post(members::add);
    resource(Route.MEMBER).delete(members::remove);
    resource(Route.MEMBER_PROMOTE).post(members::promote);
    resource(Route.LEADER).post(members::transferLeader);
    resource(Route.STATUS).get(status::status);
    resource(Route.LIVEZ).get(status::livez);
    resource(Route.READYZ).get(status::readyz);
    resource(Route.HEALTH).get(status::health);
    resource(Route.METRICS).get(status::metrics);
    resource(Route.VERSION).get(status::version);
    router.route().handler(this::notFound);
    for (int refusedByRouter : new int[] {400, 404, 405, 500}) {
      router.errorHandler(refusedByRouter, this::notFound); // Paths that are not well-formed.
    }
  }

  @Override
  public void handle(HttpServerRequest request) {
    try {
      router.handle(request);
    } catch (StringIndexOutOfBoundsException e) { // Vert.x fails on an escape in a host's name.
      new Exchange(loop, request, Route.NONE, null, null)
          .refuse(Problem.invalid("host: not well-formed"));
    }
  }

  private Methods resource(Route route) {
    Methods methods = new Methods();
    router
        .route(route.routerPath())
        .handler(
            context -> {
              Exchange exchange = exchange(context, route);
              exchange.run(() -> methods.serve(exchange, route));
            });
    return methods;
  }

  private void notFound(RoutingContext context) {
    Exchange exchange = exchange(context, Route.NONE);
    exchange.refuse(Problem.routeNotFound(String.valueOf(context.request().path())));
  }

  private Exchange exchange(RoutingContext context, Route route) {
    RequestTarget target = RequestTarget.of(context.request());
    return new Exchange(loop, context.request(), route, target.query(), context.pathParam("id"));
  }

  /** What a resource does for each method. */
  private static final class Methods {
    private final Map<HttpMethod, Consumer<Exchange>> actions = new LinkedHashMap<>();

    Methods get(Consumer<Exchange> action) {
      actions.put(HttpMethod.GET, action);
      actions.put(HttpMethod.HEAD, action);
      return this;
    }

    /** Without HEAD: a stream has no end to count the length to. */
    Methods stream(Consumer<Exchange> action) {
      actions.put(HttpMethod.GET, action);
      return this;
    }

    Methods post(Consumer<Exchange> action) {
      actions.put(HttpMethod.POST, action);
      return this;
    }

    Methods delete(Consumer<Exchange> action) {
      actions.put(HttpMethod.DELETE, action);
      return this;
    }

    void serve(Exchange exchange, Route route) {
      Consumer<Exchange> action = actions.get(exchange.method());
      if (action == null) {
        throw exchange.notAllowed(
            String.join(", ", actions.keySet().stream().map(HttpMethod::name).toList()));
      }
      exchange.begin();
      action.accept(exchange);
    }
  }
}
