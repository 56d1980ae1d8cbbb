package io.balsa.sim;

import io.balsa.engine.DiskInput;
import io.balsa.engine.DiskWriter;
import io.balsa.engine.EngineInsight;
import io.balsa.engine.RaftInput;
import io.balsa.engine.RaftLoop;
import io.balsa.engine.Replica;
import io.balsa.engine.ReplicaInput;
import io.balsa.engine.request.Answers;
import io.balsa.engine.request.Call;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.raft.RawNodeAccess;
import io.balsa.raft.Role;
import io.balsa.raft.log.RaftLog;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Message.StorageAppend;
import io.balsa.raft.message.Snapshot;
import io.balsa.storage.file.FileSystem;
import io.balsa.storage.file.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A mistake made on purpose, to see whether the simulator finds it. Each is one that other systems
 * have made, and sits where the engine's parts meet, or in a field of the core.
 */
enum Flaw {
  /** None: what ships. */
  NONE,

  // ---- Disk

  /** A sync returns before anything is durable. */
  SYNC_DOES_NOTHING {
    @Override
    FileSystem files(FileSystem files) {
      return new SyncingFiles(files, (file, metadata) -> {});
    }
  },

  /** A failed sync is tried again, and succeeds because the pages count as clean. */
  FAILED_SYNC_IS_TRIED_AGAIN {
    @Override
    FileSystem files(FileSystem files) {
      return new SyncingFiles(
          files,
          (file, metadata) -> {
            try {
              file.force(metadata);
            } catch (IOException e) {
              file.force(metadata);
            }
          });
    }
  },

  /** Only the newest file is synced, not the names in the directory. */
  DIRECTORIES_ARE_NOT_SYNCED {
    @Override
    FileSystem files(FileSystem files) {
      return new SyncingFiles(files, (file, metadata) -> file.force(metadata)) {
        @Override
        public void syncDirectory(java.nio.file.Path directory) {}
      };
    }
  },

  /** Raft paper figure 2: the vote is durable before it is given. */
  DOES_NOT_STORE_THE_VOTE {
    @Override
    StorageAppend stored(SimMember member, StorageAppend batch) {
      HardState state = batch.hardState();
      return state.isEmpty()
          ? batch
          : with(batch, new HardState(state.term(), Message.NOBODY, state.commit()));
    }
  },

  /** Raft paper figure 2: the term is durable before anything is sent in it. */
  DOES_NOT_STORE_THE_TERM {
    @Override
    StorageAppend stored(SimMember member, StorageAppend batch) {
      return with(batch, HardState.EMPTY);
    }
  },

  /** The last entry of a large batch does not reach the disk. */
  DROPS_THE_END_OF_A_BATCH {
    @Override
    StorageAppend stored(SimMember member, StorageAppend batch) {
      List<Entry> entries = batch.entries();
      return entries.size() < 3
          ? batch
          : new StorageAppend(
              batch.from(),
              batch.to(),
              HardState.EMPTY,
              entries.subList(0, entries.size() - 1),
              batch.snapshot(),
              batch.mustSync(),
              batch.responses());
    }
  },

  /** What was asked to be stored counts as stored, while it is on its way. */
  ACKNOWLEDGES_BEFORE_STORING {
    @Override
    void disk(SimMember member, DiskInput input, DiskWriter disk) throws StorageException {
      if (input instanceof DiskInput.Append append) {
        member.toRaft(new RaftInput.Stored(append.batches()));
        member.storeLater(append);
      } else {
        disk.handle(input);
      }
    }
  },

  /** Responses do not wait for the batch that carries them. */
  RESPONSES_DO_NOT_WAIT {
    @Override
    void toDisk(SimMember member, DiskInput input) {
      if (input instanceof DiskInput.Append append) {
        for (StorageAppend batch : append.batches()) {
          List<Message> early =
              batch.responses().stream().filter(response -> response.to() != member.id).toList();
          member.send(early);
        }
      }
    }
  },

  // ---- Consensus

  /** Raft paper §5.2: votes at most once in a term. */
  VOTES_TWICE {
    @Override
    Message delivered(SimMember member, Message message) {
      if (message instanceof Message.VoteRequest vote
          && !vote.preVote()
          && vote.term() == member.node().term()
          && !member.node().isLeader()) {
        RawNodeAccess.forgetVote(member.node());
      }
      return message;
    }
  },

  /** Raft paper §5.4.1: votes only for candidates whose log has all that may be committed. */
  VOTES_FOR_SHORTER_LOGS {
    @Override
    Message delivered(SimMember member, Message message) {
      return message instanceof Message.VoteRequest vote
          ? new Message.VoteRequest(
              vote.from(),
              vote.to(),
              vote.term(),
              new EntryId(vote.term(), Long.MAX_VALUE / 2),
              vote.preVote(),
              vote.transfer())
          : message;
    }
  },

  /** Raft thesis §9.6: a granted pre-vote is no vote. */
  COUNTS_PRE_VOTES_AS_VOTES {
    @Override
    Message delivered(SimMember member, Message message) {
      return message instanceof Message.VoteResponse vote
              && vote.preVote()
              && !vote.rejected()
              && member.node().role() == Role.CANDIDATE
          ? new Message.VoteResponse(vote.from(), vote.to(), member.node().term(), false, false)
          : message;
    }
  },

  /** Raft paper §5.3: appends only behind an entry that agrees. */
  DOES_NOT_CHECK_THE_PREVIOUS_ENTRY {
    @Override
    Message delivered(SimMember member, Message message) {
      RaftLog log = RawNodeAccess.log(member.node());
      if (message instanceof Message.AppendRequest append
          && append.term() >= member.node().term()
          && log.knowsTerm(append.previous().index())) {
        long index = append.previous().index();
        return new Message.AppendRequest(
            append.from(),
            append.to(),
            append.term(),
            new EntryId(log.term(index), index),
            append.entries(),
            append.commit());
      }
      return message;
    }
  },

  /** Raft paper §5.3: an old append that agrees does not shorten the log. */
  TRUNCATES_ON_EVERY_APPEND {
    @Override
    Message delivered(SimMember member, Message message) {
      RaftLog log = RawNodeAccess.log(member.node());
      if (message instanceof Message.AppendRequest append
          && append.term() == member.node().term()
          && !append.entries().isEmpty()
          && append.previous().index() >= member.node().commit()
          && log.matches(append.previous())) {
        log.append(append.entries());
      }
      return message;
    }
  },

  /** A heartbeat commits at most to what its receiver is known to have. */
  HEARTBEAT_COMMITS_ALL {
    @Override
    Message sent(SimMember member, Message message) {
      return message instanceof Message.Heartbeat beat
          ? new Message.Heartbeat(
              beat.from(), beat.to(), beat.term(), member.node().commit(), beat.readPosition())
          : message;
    }
  },

  /** Raft thesis §4.1: one change of the configuration at a time. */
  TWO_CHANGES_AT_A_TIME {
    @Override
    void raft(SimMember member, RaftInput input, RaftLoop raft) {
      if (member.node().isLeader()) {
        RawNodeAccess.forgetPendingChange(member.node());
      }
      raft.handle(input);
    }
  },

  /** The configuration is part of a snapshot. */
  SNAPSHOT_BRINGS_AN_OLD_CONFIGURATION {
    @Override
    Message sent(SimMember member, Message message) {
      return message instanceof Message.InstallSnapshot install
          ? new Message.InstallSnapshot(
              install.from(),
              install.to(),
              install.term(),
              new Snapshot(
                  install.snapshot().last(), ConfState.ofVoters(List.of(1L, 2L, 3L, install.to()))))
          : message;
    }
  },

  /** A member whose disk was emptied comes back under its old id. */
  EMPTIED_MEMBER_KEEPS_ITS_ID {
    @Override
    boolean emptiesDisks() {
      return true;
    }
  },

  // ---- Reads and writes

  /** Raft thesis §6.4: a leader asks whether it still is one before it reads. */
  LEADER_READS_WITHOUT_ASKING {
    @Override
    void raft(SimMember member, RaftInput input, RaftLoop raft) {
      if (input instanceof RaftInput.ReadIndex read && member.node().isLeader()) {
        member.toReplica(new ReplicaInput.ReadReady(read.context(), member.node().commit()));
      } else {
        raft.handle(input);
      }
    }
  },

  /** A read waits until its index is applied. */
  READS_BEFORE_APPLYING {
    @Override
    void replica(SimMember member, ReplicaInput input, Replica replica) {
      super.replica(
          member,
          input instanceof ReplicaInput.ReadReady ready
              ? new ReplicaInput.ReadReady(ready.context(), 0)
              : input,
          replica);
    }
  },

  /** One member applies something else than the others. */
  APPLIES_DIFFERENTLY {
    @Override
    void replica(SimMember member, ReplicaInput input, Replica replica) {
      if (input instanceof ReplicaInput.Committed committed && member.id == 2) {
        List<Entry> entries = new ArrayList<>(committed.batch().entries());
        entries.replaceAll(
            entry ->
                entry.index() % 50 == 0 && entry.type().ordinal() == 0
                    ? new Entry(
                        entry.term(), entry.index(), entry.type(), io.balsa.data.Bytes.EMPTY)
                    : entry);
        Message.StorageApply batch = committed.batch();
        super.replica(
            member,
            new ReplicaInput.Committed(
                new Message.StorageApply(batch.from(), batch.to(), entries, batch.responses())),
            replica);
      } else {
        super.replica(member, input, replica);
      }
    }
  },

  /** Raft thesis §6.3: a write that is sent again is applied once. */
  WRITES_AGAIN_WHAT_IS_SENT_AGAIN {
    @Override
    Request asked(Request request) {
      return request instanceof Request.Write write && write.once() != null
          ? new Request.Write(write.op())
          : request;
    }
  },

  /** An outcome that nobody knows is called a refusal. */
  CALLS_THE_UNKNOWN_REFUSED {
    @Override
    Answers answered(Answers answers) {
      List<Answers.Answer> changed = new ArrayList<>(answers.answers());
      changed.replaceAll(
          answer ->
              answer.reply() instanceof Reply.Refused refused && refused.unknown()
                  ? new Answers.Answer(
                      answer.number(),
                      new Reply.Refused(refused.refusal(), false, refused.detail()))
                  : answer);
      return new Answers(answers.header(), changed, answers.events());
    }
  },

  /** A proposal that the leader did not take is counted as lost with it, and sent once more. */
  SENDS_PROPOSALS_TWICE {
    @Override
    void raft(SimMember member, RaftInput input, RaftLoop raft) {
      raft.handle(input);
      if (input instanceof RaftInput.Propose propose) {
        raft.handle(
            new RaftInput.Propose(propose.term(), EngineInsight.again(propose.proposals())));
      }
    }
  },

  // ---- Watches and leases

  /** A watch that is resumed leaves out a revision. */
  RESUMES_WATCHES_TOO_LATE {
    @Override
    Request asked(Request request) {
      return request instanceof Request.WatchOpen open ? moved(open, 1) : request;
    }
  },

  /** A watch that is resumed repeats a revision. */
  RESUMES_WATCHES_TOO_EARLY {
    @Override
    Request asked(Request request) {
      return request instanceof Request.WatchOpen open ? moved(open, -1) : request;
    }
  },

  /** Leases are timed by a clock that nobody bounds. */
  TIMES_LEASES_BY_A_FAST_CLOCK {
    @Override
    void replica(SimMember member, ReplicaInput input, Replica replica) {
      replica.handle(input, member.clock.nanos() * 2);
    }
  },

  // ---- Liveness

  /** Nobody tells the leader how the stream of a snapshot ended. */
  NEVER_HEARS_THE_END_OF_A_SNAPSHOT {
    @Override
    void raft(SimMember member, RaftInput input, RaftLoop raft) {
      if (!(input instanceof RaftInput.SnapshotSent)) {
        raft.handle(input);
      }
    }
  },

  /** A disk that was full once counts as full for ever. */
  DISK_STAYS_FULL {
    @Override
    void raft(SimMember member, RaftInput input, RaftLoop raft) {
      if (!(input instanceof RaftInput.DiskSpace space) || space.full()) {
        raft.handle(input);
      }
    }
  };

  /** The file system as the store of a member sees it. */
  FileSystem files(FileSystem files) {
    return files;
  }

  /** Whether a disk may be empty after a loss of power. */
  boolean emptiesDisks() {
    return false;
  }

  /** What reaches the disk of a batch that is then said to be stored. */
  StorageAppend stored(SimMember member, StorageAppend batch) {
    return batch;
  }

  /** An input is handed to the disk writer. */
  void toDisk(SimMember member, DiskInput input) {}

  /** An input reaches the disk writer. */
  void disk(SimMember member, DiskInput input, DiskWriter disk) throws StorageException {
    disk.handle(input);
  }

  /** An input reaches the raft loop. */
  void raft(SimMember member, RaftInput input, RaftLoop raft) {
    raft.handle(input);
  }

  /** An input reaches the replica. */
  void replica(SimMember member, ReplicaInput input, Replica replica) {
    ReplicaInput seen = input;
    if (input instanceof ReplicaInput.Calls calls) {
      List<Call> changed = new ArrayList<>(calls.calls());
      changed.replaceAll(
          call -> new Call(call.number(), call.timeoutMillis(), asked(call.request())));
      seen = new ReplicaInput.Calls(calls.answerTo(), changed);
    }
    replica.handle(seen, member.clock.nanos());
  }

  /** A client's request reaches the replica. */
  Request asked(Request request) {
    return request;
  }

  /** The replica answers a client. */
  Answers answered(Answers answers) {
    return answers;
  }

  /** A message leaves; null if it does not. */
  Message sent(SimMember member, Message message) {
    return message;
  }

  /** A message comes to a member that runs. */
  Message delivered(SimMember member, Message message) {
    return message;
  }

  private static StorageAppend with(StorageAppend batch, HardState hardState) {
    return new StorageAppend(
        batch.from(),
        batch.to(),
        hardState,
        batch.entries(),
        batch.snapshot(),
        batch.mustSync(),
        batch.responses());
  }

  private static Request moved(Request.WatchOpen open, long by) {
    return open.startRevision() < 3
        ? open
        : new Request.WatchOpen(
            open.watch(),
            open.keys(),
            open.startRevision() + by,
            open.previous(),
            open.creditBytes());
  }
}
