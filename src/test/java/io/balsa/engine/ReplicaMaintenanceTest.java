package io.balsa.engine;

import static io.balsa.engine.SoloReplica.info;
import static io.balsa.engine.SoloReplica.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.auth.AuthCommand;
import io.balsa.mvcc.command.Command;
import io.balsa.storage.DataDir;
import io.balsa.storage.Identity;
import io.balsa.storage.MemberStore;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.wal.WalOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Hashes, backups, and members that are added without a name or move. */
class ReplicaMaintenanceTest {
  private final SoloReplica solo = new SoloReplica();

  private long askConfirmed(Request request) {
    long call = solo.ask(request);
    solo.give(new ReplicaInput.ReadReady(solo.readContext(), solo.index));
    return call;
  }

  private Reply.Hash hash(SoloReplica replica, long revision) {
    long call = replica.ask(new Request.Hash(revision));
    while (replica.replica.hasMoreWork()) {
      replica.give();
    }
    return (Reply.Hash) replica.replies.get(call);
  }

  private static void fill(SoloReplica replica, int keys) {
    replica.leader(1, 1);
    for (int i = 0; i < keys; i++) {
      replica.call(write("k" + i, "v".repeat(1_000) + i));
    }
  }

  // ---- Hashes

  @Test
  void membersThatHaveAppliedTheSameHashTheSame() {
    SoloReplica other = new SoloReplica();
    fill(solo, 50);
    fill(other, 50);
    other.call(write("more", "x"));

    assertThat(hash(other, 51)).isEqualTo(hash(solo, 0)).isEqualTo(hash(solo, 51));
    assertThat(hash(other, 0)).isNotEqualTo(hash(solo, 0));
  }

  @Test
  void whatIsCompactedOrHasYetToComeHasNoHash() {
    fill(solo, 5);
    solo.commitForeign(new Command.Compact(3));

    solo.assertRefused(solo.ask(new Request.Hash(3)), Refusal.COMPACTED, false);
    solo.assertRefused(solo.ask(new Request.Hash(7)), Refusal.FUTURE_REVISION, false);
    assertThat(hash(solo, 4).compactRevision()).isEqualTo(3);
  }

  @Test
  void aLongHashIsTakenInManyTurnsAndOthersAreServedMeanwhile() {
    solo.leader(1, 1);
    for (int i = 0; i < 5_000; i++) {
      solo.commitForeign(new Command.Write(SoloReplica.put("k" + i, "v")));
    }
    long call = solo.ask(new Request.Hash(0));

    assertThat(solo.replies).doesNotContainKey(call);
    assertThat(solo.replica.hasMoreWork()).isTrue();
    assertThat(solo.value("k7")).isEqualTo("v");
    while (solo.replica.hasMoreWork()) {
      solo.give();
    }
    assertThat(solo.replies.get(call)).isInstanceOf(Reply.Hash.class);
  }

  @Test
  void whoWaitsForAHashIsToldOfTheEnd() {
    solo.leader(1, 1);
    for (int i = 0; i < 5_000; i++) {
      solo.commitForeign(new Command.Write(SoloReplica.put("k" + i, "v")));
    }
    long call = solo.ask(new Request.Hash(0));
    solo.give(new ReplicaInput.Stop());
    solo.assertRefused(call, Refusal.STOPPING, false);
  }

  // ---- Backups

  private Reply ask(Request request) {
    return solo.replies.get(solo.ask(request));
  }

  private List<Reply.BackupPart> readBackup() {
    List<Reply.BackupPart> parts = new ArrayList<>();
    parts.add((Reply.BackupPart) ask(new Request.BackupOpen()));
    while (!last(parts).last()) {
      parts.add((Reply.BackupPart) ask(new Request.BackupNext(last(parts).backup())));
    }
    return parts;
  }

  private static Reply.BackupPart last(List<Reply.BackupPart> parts) {
    return parts.get(parts.size() - 1);
  }

  @Test
  void aBackupIsTheStateOfItsBeginning() throws MalformedException {
    fill(solo, 1_000);
    solo.commitForeign(new Command.LeaseGrant(9, 60));
    Reply.BackupPart first = (Reply.BackupPart) ask(new Request.BackupOpen());
    List<Reply.BackupPart> parts = new ArrayList<>(List.of(first));
    while (!last(parts).last()) {
      solo.call(write("later" + parts.size(), "x"));
      parts.add((Reply.BackupPart) ask(new Request.BackupNext(first.backup())));
    }
    Backup.Loader loader = new Backup.Loader();
    long bytes = 0;
    for (Reply.BackupPart part : parts) {
      bytes += part.data().length();
      loader.accept(part.data());
    }
    Backup backup = loader.finish();

    assertThat(parts.size()).isGreaterThan(1);
    assertThat(bytes % Backup.BLOCK_BYTES).isZero();
    assertThat(parts.get(0).remainingBytes()).isGreaterThan(500_000);
    assertThat(last(parts).remainingBytes()).isZero();
    assertThat(backup.origin().clusterId()).isEqualTo(SoloReplica.CLUSTER);
    assertThat(backup.revision()).isEqualTo(1_001);
    assertThat(backup.keys()).isEqualTo(1_000);
    assertThat(backup.state().store().lease(9)).isPresent();
    assertThat(solo.value("later1")).isEqualTo("x");
  }

  private static MemberStore open(SimulatedFileSystem files) throws StorageException {
    return MemberStore.open(
        DataDir.open(files, Path.of("/balsa")),
        new Identity(5, 1, "n1"),
        new WalOptions(1 << 16, 1 << 16),
        () -> 0L);
  }

  @Test
  void aClusterMadeOfABackupHasItsKeysAndUsers() throws Exception {
    fill(solo, 3);
    solo.call(new Request.Auth(new AuthCommand.UserAdd("root", "hash", false)));
    Backup.Loader loader = new Backup.Loader();
    for (Reply.BackupPart part : readBackup()) {
      loader.accept(part.data());
    }
    Backup backup = loader.finish();
    SimulatedFileSystem files = new SimulatedFileSystem(new Random(1));
    MemberStore store = open(files);

    backup.restore(store, List.of(new MemberInfo(1, "n1", List.of("http://a"), List.of())));

    store.close();
    StateMachine restored = Recovery.of(open(files)).state();
    assertThat(restored.store().keys()).isEqualTo(3);
    assertThat(restored.auth().stateHash())
        .isNotZero()
        .isEqualTo(backup.state().auth().stateHash());
  }

  @Test
  void aBackupCutAnywhereElseIsReadOrRefused() throws MalformedException {
    fill(solo, 3);
    byte[] bytes = readBackup().get(0).data().toArray();
    Backup.Loader oneByOne = new Backup.Loader();
    for (byte each : bytes) {
      oneByOne.accept(Bytes.wrap(new byte[] {each}));
    }
    assertThat(oneByOne.finish().keys()).isEqualTo(3);

    Backup.Loader early = new Backup.Loader();
    early.accept(Bytes.wrap(Arrays.copyOf(bytes, 200)));
    assertThatThrownBy(early::finish)
        .isInstanceOf(MalformedException.class)
        .hasMessage("it ends early");
    assertThatThrownBy(() -> new Backup.Loader().accept(Bytes.wrap(new byte[4_096])))
        .isInstanceOf(MalformedException.class)
        .hasMessage("not a snapshot of Balsa");
  }

  @Test
  void aBackupThatNobodyReadsIsGivenUp() {
    fill(solo, 3_000);
    long backup = ((Reply.BackupPart) ask(new Request.BackupOpen())).backup();
    solo.ticks(590);
    assertThat(ask(new Request.BackupNext(backup))).isInstanceOf(Reply.BackupPart.class);
    solo.ticks(602);
    solo.assertRefused(solo.ask(new Request.BackupNext(backup)), Refusal.INVALID, false);
  }

  @Test
  void onlySoManyBackupsAreReadAtATime() {
    fill(solo, 1_000);
    long first = ((Reply.BackupPart) ask(new Request.BackupOpen())).backup();
    for (int i = 0; i < 3; i++) {
      assertThat(ask(new Request.BackupOpen())).isInstanceOf(Reply.BackupPart.class);
    }
    solo.assertRefused(solo.ask(new Request.BackupOpen()), Refusal.TOO_MANY_REQUESTS, false);

    assertThat(ask(new Request.BackupClose(first))).isInstanceOf(Reply.BackupClosed.class);
    assertThat(ask(new Request.BackupOpen())).isInstanceOf(Reply.BackupPart.class);
    solo.give(new ReplicaInput.ClientGone(SoloReplica.CLIENT));
    assertThat(ask(new Request.BackupOpen())).isInstanceOf(Reply.BackupPart.class);
  }

  // ---- Members

  @Test
  void membersWithoutANameYetDoNotDisturbEachOther() {
    solo.leader(2, 1);
    for (String url : List.of("http://a", "http://b")) {
      Reply reply = solo.call(new Request.MemberAdd("", List.of(url), true));
      assertThat(reply).isInstanceOf(Reply.Members.class);
    }
    solo.assertRefused(
        askConfirmed(new Request.MemberRemove("", false)), Refusal.MEMBER_NOT_FOUND, false);
  }

  @Test
  void aMemberIsGivenOtherPeerUrls() {
    solo.leader(2, 1);
    long call = askConfirmed(new Request.MemberUpdate("3", List.of("http://moved")));
    solo.commitProposed();

    Reply.Members members = (Reply.Members) solo.replies.get(call);
    assertThat(members.changed()).isEqualTo(3);
    assertThat(members.members())
        .contains(new Reply.Member(3, "m3", List.of("http://moved"), List.of(), false));
    assertThat(solo.peers.get(1).members())
        .contains(new MemberInfo(3, "m3", List.of("http://moved"), List.of()));
  }

  @Test
  void urlsOfAnotherMemberOrNoneAtAllAreRefused() {
    solo.leader(2, 1);
    long taken = askConfirmed(new Request.MemberUpdate("3", List.of("http://peer2")));
    solo.commitProposed();
    solo.assertRefused(taken, Refusal.MEMBER_EXISTS, false);
    solo.assertRefused(
        askConfirmed(new Request.MemberUpdate("3", List.of())), Refusal.INVALID, false);
    solo.assertRefused(
        askConfirmed(new Request.MemberUpdate("9", List.of("http://x"))),
        Refusal.MEMBER_NOT_FOUND,
        false);
    assertThat(solo.call(new Request.MemberList()))
        .isInstanceOfSatisfying(
            Reply.Members.class,
            members ->
                assertThat(members.members())
                    .contains(
                        new Reply.Member(3, "m3", List.of("http://peer3"), List.of(), false)));
  }

  @Test
  void aMemberThatHasToldItsAddressesDoesNotUndoAnUpdate() {
    solo.leader(2, 1);
    solo.commitNoop(1);
    solo.ticks(1);
    assertThat(solo.proposed()).as("what the log says is so").isEmpty();

    askConfirmed(new Request.MemberUpdate("1", List.of("http://moved")));
    solo.commitProposed();
    solo.ticks(50);
    assertThat(solo.proposed()).isEmpty();
  }

  @Test
  void aMemberThatIsStartedElsewhereTellsItOnceTheLogIsBehindIt() {
    SoloReplica.Settings settings = new SoloReplica.Settings();
    settings.self = new MemberInfo(1, "m1", List.of("http://new"), List.of("http://client"));
    SoloReplica moved = settings.start();
    moved.leader(2, 1);
    moved.ticks(1);
    moved.commitProposed();

    assertThat(moved.peers.get(1).members()).contains(settings.self).doesNotContain(info(1));
  }
}
