package io.balsa.parity;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseLeasesResponse;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseStatus;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseTimeToLiveResponse;
import io.balsa.api.etcd.proto.etcdserverpb.ResponseHeader;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a unary call was answered, without what two clusters differ in.
 *
 * @param text null for none
 * @param messages one, or none with an error
 */
record Answer(GrpcStatus status, String text, List<Message> messages) {
  private static final long SECONDS_MAX = 600; // A program takes less.

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
  static Message masked(Message message) {
    if (message instanceof LeaseTimeToLiveResponse lease) {
      return masked(lease);
    }
    if (message instanceof LeaseLeasesResponse leases) {
      return masked(leases);
    }
    FieldDescriptor header = message.getDescriptorForType().findFieldByName("header");
    return header == null || !message.hasField(header)
        ? message
        : message.toBuilder()
            .setField(header, masked((ResponseHeader) message.getField(header)))
            .build();
  }

  private static ResponseHeader masked(ResponseHeader header) {
    return header.toBuilder()
        .setClusterId(Math.min(1, Math.abs(header.getClusterId())))
        .setMemberId(Math.min(1, Math.abs(header.getMemberId())))
        .setRaftTerm(Math.min(1, header.getRaftTerm()))
        .build();
  }

  /** The time runs, and nobody promises an order of the keys. */
  private static Message masked(LeaseTimeToLiveResponse lease) {
    LeaseTimeToLiveResponse.Builder masked = lease.toBuilder();
    long passed = lease.getGrantedTTL() - lease.getTTL();
    if (lease.getTTL() > 0 && passed >= 0 && passed < SECONDS_MAX) {
      masked.setTTL(lease.getGrantedTTL());
    }
    List<ByteString> keys = new ArrayList<>(lease.getKeysList());
    keys.sort(ByteString.unsignedLexicographicalComparator());
    return masked.clearKeys().addAllKeys(keys).setHeader(masked(lease.getHeader())).build();
  }

  /** Their order is by the time that they have left, which is nearly the same. */
  private static Message masked(LeaseLeasesResponse leases) {
    List<LeaseStatus> sorted = new ArrayList<>(leases.getLeasesList());
    sorted.sort(Comparator.comparingLong(LeaseStatus::getID));
    return leases.toBuilder()
        .clearLeases()
        .addAllLeases(sorted)
        .setHeader(masked(leases.getHeader()))
        .build();
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
