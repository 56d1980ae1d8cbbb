package io.balsa.bus;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/** Hands immutable values to consumers of the same JVM as they are; has no form on the wire. */
public final class PassThroughCodec implements MessageCodec<Object, Object> {
  /** The name it is registered under. */
  public static final String NAME = "balsa-pass-through";

  /** Makes the codec known to this Vert.x, once however many members it holds. */
  public static void register(Vertx vertx) {
    try {
      vertx.eventBus().registerCodec(new PassThroughCodec());
    } catch (IllegalStateException alreadyRegistered) {
      // Another member of this Vert.x was first.
    }
  }

  @Override
  public void encodeToWire(Buffer buffer, Object value) {
    throw new IllegalStateException("internal values do not leave the JVM: " + value.getClass());
  }

  @Override
  public Object decodeFromWire(int position, Buffer buffer) {
    throw new IllegalStateException("internal values do not come from outside");
  }

  @Override
  public Object transform(Object value) {
    return value;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public byte systemCodecID() {
    return -1;
  }
}
