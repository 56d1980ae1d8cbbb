package io.balsa.parity;

import com.google.protobuf.Message;
import io.vertx.grpc.common.ServiceMethod;

/** A unary call of any service. */
record Call<Q extends Message, R extends Message>(ServiceMethod<R, Q> method, Q request)
    implements ProgramStep {
  @Override
  public String toString() {
    return method.methodName() + " " + Answer.line(request);
  }
}
