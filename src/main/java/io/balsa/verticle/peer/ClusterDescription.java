package io.balsa.verticle.peer;

import io.balsa.data.MalformedException;
import io.balsa.engine.MemberInfo;
import io.balsa.wire.proto.DescribeResponse;
import io.balsa.wire.proto.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What one member knows of its cluster. It may lag: others may have been added or removed since.
 *
 * @param memberId who answers
 * @param members all of them, {@code memberId} as a rule included
 * @param removed ids that were members once and never will be again
 */
public record ClusterDescription(
    long clusterId, long memberId, List<MemberInfo> members, Set<Long> removed) {
  public ClusterDescription {
    members = List.copyOf(members);
    removed = Set.copyOf(removed);
  }

  DescribeResponse encoded() {
    DescribeResponse.Builder response =
        DescribeResponse.newBuilder()
            .setClusterId(clusterId)
            .setMemberId(memberId)
            .addAllRemoved(removed);
    for (MemberInfo member : members) {
      response.addMembers(
          Member.newBuilder()
              .setId(member.id())
              .setName(member.name())
              .addAllPeerUrls(member.peerUrls())
              .addAllClientUrls(member.clientUrls()));
    }
    return response.build();
  }

  static ClusterDescription decode(DescribeResponse response) throws MalformedException {
    if (response.getClusterId() == 0 || response.getMemberId() == 0) {
      throw new MalformedException("cluster description: cluster and member must be named");
    }
    List<MemberInfo> members = new ArrayList<>();
    for (Member member : response.getMembersList()) {
      members.add(
          new MemberInfo(
              member.getId(),
              member.getName(),
              member.getPeerUrlsList(),
              member.getClientUrlsList()));
    }
    return new ClusterDescription(
        response.getClusterId(),
        response.getMemberId(),
        members,
        Set.copyOf(response.getRemovedList()));
  }
}
