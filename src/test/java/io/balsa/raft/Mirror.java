package io.balsa.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Snapshot;
import io.balsa.raft.tracker.Progress;
import io.balsa.raft.tracker.ProgressState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Follows a core's state by what its observer is told, and nothing else. */
class Mirror implements RaftObserver {
  private long term;
  private long vote;
  private long leader;
  private Role role = Role.FOLLOWER;
  private long commit;
  private long applied;
  private ConfState configuration = ConfState.EMPTY;
  private long transferee;
  private final SortedMap<Long, ProgressState> peers = new TreeMap<>(Long::compareUnsigned);

  /** What a member starts from. */
  void start(Status status) {
    term = status.term();
    vote = status.vote();
    leader = status.leader();
    role = status.role();
    commit = status.commit();
    applied = status.applied();
    configuration = status.configuration();
    transferee = 0;
    peers.clear();
  }

  /** Compares with the core. */
  void check(Status status) {
    assertThat(
            new Status(
                status.id(),
                term,
                vote,
                commit,
                applied,
                leader,
                role,
                transferee,
                configuration,
                status.progress()))
        .isEqualTo(status);
    SortedMap<Long, ProgressState> states = new TreeMap<>(Long::compareUnsigned);
    status.progress().forEach((id, progress) -> states.put(id, progress.state()));
    assertThat(peers).isEqualTo(states);
  }

  @Override
  public void stateChanged(long newTerm, Role newRole, long newLeader) {
    if (newTerm != term) {
      vote = 0;
    }
    term = newTerm;
    leader = newLeader;
    if (newRole != role) {
      peers.clear();
      if (newRole == Role.LEADER) {
        members().forEach(id -> peers.put(id, ProgressState.PROBE));
        peers.put(newLeader, ProgressState.REPLICATE);
      }
    }
    role = newRole;
  }

  private Collection<Long> members() {
    List<Long> members = new ArrayList<>(configuration.voters());
    members.addAll(configuration.votersOutgoing());
    members.addAll(configuration.learners());
    return new TreeSet<>(members);
  }

  @Override
  public void voted(long inTerm, long member) {
    assertThat(inTerm).isEqualTo(term);
    vote = member;
  }

  @Override
  public void commitAdvanced(long index) {
    assertThat(index).isGreaterThan(commit);
    commit = index;
  }

  @Override
  public void appliedAdvanced(long index) {
    assertThat(index).isGreaterThan(applied);
    applied = index;
  }

  @Override
  public void configurationApplied(ConfState newConfiguration) {
    configuration = newConfiguration;
    if (role == Role.LEADER) {
      peers.keySet().retainAll(members());
      members().forEach(id -> peers.putIfAbsent(id, ProgressState.PROBE));
    }
  }

  @Override
  public void snapshotRestored(Snapshot snapshot) {
    configuration = snapshot.confState();
  }

  @Override
  public void progressChanged(long member, Progress progress) {
    peers.put(member, progress.state());
  }

  @Override
  public void transferChanged(long newTransferee) {
    assertThat(newTransferee).isNotEqualTo(transferee);
    transferee = newTransferee;
  }
}
