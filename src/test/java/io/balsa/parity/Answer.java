package io.balsa.parity;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.balsa.api.etcd.proto.etcdserverpb.ResponseHeader;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a unary call was answered, without what two clusters differ in.
 *
 * @param text null for none
 * @param messages one, or none with an error
 */
record Answer(GrpcStatus status, String text, List<Message> messages) {
  Answer {
    messages = messages.stream().map(Answer::masked).toList();
  }

  boolean isOk() {
    return status == GrpcStatus.OK;
  }

  /** The revision in its header; 0 with an error. */
  long revision() {
    if (messages.isEmpty()) {
      return 0;
    }
    Message message = messages.get(0);
    FieldDescriptor header = message.getDescriptorForType().findFieldByName("header");
    return ((ResponseHeader) message.getField(header)).getRevision();
  }

  /** An id or a term that is there becomes 1, so that a missing one is still found. */
  private static Message masked(Message message) {
    if (message instanceof ResponseHeader header) {
      return header.toBuilder()
          .setClusterId(Math.min(1, Math.abs(header.getClusterId())))
          .setMemberId(Math.min(1, Math.abs(header.getMemberId())))
          .setRaftTerm(Math.min(1, header.getRaftTerm()))
          .build();
    }
    Message.Builder masked = message.toBuilder();
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      if (field.getKey().getJavaType() == JavaType.MESSAGE) {
        masked.setField(field.getKey(), maskedValue(field.getValue()));
      }
    }
    return masked.build();
  }

  private static Object maskedValue(Object value) {
    if (value instanceof List<?> list) {
      List<Message> masked = new ArrayList<>();
      list.forEach(each -> masked.add(masked((Message) each)));
      return masked;
    }
    return masked((Message) value);
  }

  /** A message in one line. */
  static String line(Message message) {
    return TextFormat.printer().emittingSingleLine(true).printToString(message);
  }

  @Override
  public String toString() {
    return isOk() ? line(messages.get(0)) : status + ": " + text;
  }
}
