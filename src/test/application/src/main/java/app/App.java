package app;

import io.balsa.Balsa;
import io.balsa.BalsaOptions;
import io.balsa.client.WatchOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;

public class App extends VerticleBase {
  @Override
  public Future<?> start() {
    return Balsa.start(vertx, new BalsaOptions(config())).compose(this::run);
  }

  private Future<?> run(Balsa balsa) {
    return balsa.client().watch(WatchOptions.ofKey("greeting"))
        .onSuccess(watch -> watch.handler(event -> System.out.println("seen " + event.changes().get(0).item().text())))
        .compose(watch -> balsa.client().lock("once"))
        .compose(lock -> balsa.client().put("greeting", Buffer.buffer("hello")).eventually(lock::unlock));
  }
}
