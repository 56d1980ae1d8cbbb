package io.balsa.verticle.peer;

import io.balsa.data.MalformedException;
import io.balsa.wire.Frame;
import io.balsa.wire.Wire;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;

/** The two streams of the peer service, and frames as Vert.x buffers. */
final class Frames {
  private static final ServiceName PEER = ServiceName.create("balsa.peer.v1.Peer");

  static final ServiceMethod<Buffer, Buffer> MESSAGES = method("Messages");
  static final ServiceMethod<Buffer, Buffer> SNAPSHOTS = method("Snapshots");

  private Frames() {}

  /** Without a copy. */
  static Buffer encode(Frame frame) {
    return BufferInternal.buffer(Unpooled.wrappedBuffer(Wire.encode(frame)));
  }

  static Frame decode(Buffer buffer) throws MalformedException {
    return Wire.decode(((BufferInternal) buffer).getByteBuf().nioBuffer());
  }

  private static ServiceMethod<Buffer, Buffer> method(String name) {
    return ServiceMethod.server(
        PEER, name, GrpcMessageEncoder.IDENTITY, GrpcMessageDecoder.IDENTITY);
  }
}
