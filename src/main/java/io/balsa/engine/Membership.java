package io.balsa.engine;

import io.balsa.data.ByteReader;
import io.balsa.data.ByteWriter;
import io.balsa.data.InvariantException;
import io.balsa.data.MalformedException;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.raft.confchange.Configurations;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who is a member, as the log decides it: the configuration of consensus, and the names and
 * addresses that go with it. Part of the replicated state.
 */
final class Membership {
  private final TreeMap<Long, MemberInfo> members = new TreeMap<>(Long::compareUnsigned);
  // Ids never come back: a removed member that still runs must not be taken for a new one.
  private final TreeSet<Long> removed = new TreeSet<>(Long::compareUnsigned);
  private ConfState confState;

  Membership(ConfState confState, Collection<MemberInfo> founders) {
    this.confState = confState;
    founders.forEach(member -> members.put(member.id(), member));
  }

  /** Why a change was refused when it was applied. */
  record Fault(Refusal refusal, String detail) {}

  ConfState confState() {
    return confState;
  }

  Map<Long, MemberInfo> members() {
    return members;
  }

  /** Those that were members once. */
  Set<Long> removed() {
    return removed;
  }

  boolean isVoter(long member) {
    return confState.voters().contains(member) || confState.votersOutgoing().contains(member);
  }

  /**
   * Judges a change against the present state; the same on every member.
   *
   * @param about the member of the change's context, null for none
   * @return null if it may take effect
   */
  Fault judge(ConfChange change, MemberInfo about) {
    for (Operation operation : change.operations()) {
      long id = operation.member();
      Fault fault =
          switch (operation.type()) {
            case ADD_LEARNER -> judgeNew(id, about);
            case ADD_VOTER ->
                confState.learners().contains(id) || isVoter(id) ? null : judgeNew(id, about);
            case REMOVE -> judgeKnown(id);
            case UPDATE -> judgeUpdate(id, about);
          };
      if (fault != null) {
        return fault;
      }
    }
    if (!change.operations().isEmpty() && Configurations.after(confState, change).isEmpty()) {
      return new Fault(Refusal.CONFLICT, "the change would leave no voter");
    }
    return null;
  }

  private Fault judgeKnown(long id) {
    return members.containsKey(id)
        ? null
        : new Fault(Refusal.MEMBER_NOT_FOUND, "no member has id " + Long.toHexString(id));
  }

  private Fault judgeUpdate(long id, MemberInfo about) {
    Fault fault = judgeKnown(id);
    if (fault != null) {
      return fault;
    }
    return about == null || about.id() != id
        ? new Fault(Refusal.INVALID, "the change does not describe member " + id)
        : judgeUrls(about);
  }

  private Fault judgeNew(long id, MemberInfo about) {
    if (members.containsKey(id) || removed.contains(id)) {
      return new Fault(
          Refusal.MEMBER_EXISTS, "member id is taken, now or before: " + Long.toHexString(id));
    }
    if (about == null || about.id() != id) {
      return new Fault(Refusal.INVALID, "the change does not describe member " + id);
    }
    for (MemberInfo member : members.values()) {
      if (!about.name().isEmpty() && member.name().equals(about.name())) {
        return new Fault(
            Refusal.MEMBER_EXISTS,
            "name is taken by member %s: %s"
                .formatted(Long.toHexString(member.id()), about.name()));
      }
    }
    return judgeUrls(about);
  }

  private Fault judgeUrls(MemberInfo about) {
    for (MemberInfo member : members.values()) {
      for (String url : about.peerUrls()) {
        if (member.id() != about.id() && member.peerUrls().contains(url)) {
          return new Fault(
              Refusal.MEMBER_EXISTS,
              "peer URL is taken by member %s (%s): %s"
                  .formatted(Long.toHexString(member.id()), member.name(), url));
        }
      }
    }
    return null;
  }

  /** Takes a change that {@link #judge} let pass. */
  void take(ConfChange change, MemberInfo about) {
    confState =
        Configurations.after(confState, change)
            .orElseThrow(() -> new InvariantException("change cannot take effect: " + change));
    for (Operation operation : change.operations()) {
      switch (operation.type()) {
        case ADD_LEARNER, ADD_VOTER -> {
          if (!members.containsKey(operation.member())) {
            members.put(about.id(), about);
          }
        }
        case REMOVE -> {
          members.remove(operation.member());
          removed.add(operation.member());
        }
        case UPDATE ->
            members.computeIfPresent(
                operation.member(),
                (id, old) -> new MemberInfo(id, old.name(), about.peerUrls(), old.clientUrls()));
      }
    }
  }

  /** A member told where its clients find it; it may have been removed meanwhile. */
  void publish(MemberInfo about) {
    members.computeIfPresent(about.id(), (id, old) -> about);
  }

  Reply.Members toReply(long clusterId, long leader, long changed) {
    List<Reply.Member> list = new ArrayList<>(members.size());
    members.values().forEach(member -> list.add(toReply(member)));
    return new Reply.Members(clusterId, leader, changed, list);
  }

  Reply.Member toReply(MemberInfo member) {
    return new Reply.Member(
        member.id(),
        member.name(),
        member.peerUrls(),
        member.clientUrls(),
        confState.learners().contains(member.id())
            || confState.learnersNext().contains(member.id()));
  }

  /**
   * Finds a member by its id in hexadecimal, or by its name.
   *
   * @return null for none
   */
  MemberInfo find(String idOrName) {
    MemberInfo named = null;
    for (MemberInfo member : members.values()) {
      if (Long.toHexString(member.id()).equals(idOrName)) {
        return member;
      }
      if (!idOrName.isEmpty() && member.name().equals(idOrName)) {
        named = member;
      }
    }
    return named;
  }

  void encode(ByteWriter writer) {
    writer.varint(members.size());
    members.values().forEach(member -> member.encode(writer));
    writer.varint(removed.size());
    removed.forEach(writer::fixed64);
  }

  static Membership decode(ConfState confState, ByteReader reader) throws MalformedException {
    int count = reader.count(1);
    List<MemberInfo> members = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      members.add(MemberInfo.decode(reader));
    }
    Membership membership = new Membership(confState, members);
    int removedCount = reader.count(Long.BYTES);
    for (int i = 0; i < removedCount; i++) {
      membership.removed.add(reader.fixed64());
    }
    return membership;
  }
}
