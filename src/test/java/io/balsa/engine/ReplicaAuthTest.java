package io.balsa.engine;

import static io.balsa.engine.SoloReplica.CLIENT;
import static io.balsa.engine.SoloReplica.get;
import static io.balsa.engine.SoloReplica.put;
import static io.balsa.engine.SoloReplica.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Call;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.engine.request.WatchEvent;
import io.balsa.mvcc.auth.AuthAnswer;
import io.balsa.mvcc.auth.AuthCommand;
import io.balsa.mvcc.auth.AuthQuery;
import io.balsa.mvcc.auth.Credentials;
import io.balsa.mvcc.auth.Permission;
import io.balsa.mvcc.command.Compare;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Op;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryType;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may do what is decided by the state at the time when it is done. */
class ReplicaAuthTest {
  private static final KeyRange K = KeyRange.of(Bytes.utf8("k"));
  private static final AuthCommand TAKE_AWAY = new AuthCommand.RoleRevoke("r", K);

  private final SoloReplica solo = new SoloReplica();
  private long call = 1_000_000;
  private Credentials user;
  private String token;

  /** The user u may read and write k, and has a token. */
  @BeforeEach
  void enable() {
    solo.leader(2, 1);
    for (AuthCommand command :
        List.of(
            new AuthCommand.UserAdd("root", "h", false),
            new AuthCommand.UserGrantRole("root", "root"),
            new AuthCommand.UserAdd("u", "h", false),
            new AuthCommand.RoleAdd("r"),
            new AuthCommand.UserGrantRole("u", "r"),
            new AuthCommand.RoleGrant("r", new Permission(Permission.Type.READWRITE, K)),
            new AuthCommand.Enable())) {
      commit(command);
    }
    token = token();
    user = Credentials.token(token);
  }

  private String token() {
    long number =
        ask(new Request.Auth(new AuthCommand.AddToken("u", "s", 100)), Credentials.NOBODY);
    solo.commitProposed();
    Reply.Auth reply = (Reply.Auth) solo.replies.get(number);
    return ((AuthAnswer.Token) reply.answer()).token();
  }

  /** Commits what another member proposed. */
  private void commit(AuthCommand command) {
    Envelope.Payload payload = new Envelope.AuthChange(command, Credentials.TRUSTED);
    Bytes sealed = Envelope.seal(2, ++solo.index, Envelope.encode(payload));
    solo.commit(new Entry(solo.term, solo.index, EntryType.NORMAL, sealed));
  }

  private long ask(Request request, Credentials by) {
    solo.give(new ReplicaInput.Calls(CLIENT, List.of(new Call(++call, 1_000, request, by))));
    return call;
  }

  private Reply reply(Request request, Credentials by) {
    long number = ask(request, by);
    if (!solo.replies.containsKey(number)) {
      solo.commitProposed();
    }
    return solo.replies.get(number);
  }

  private void assertRefused(Request request, Credentials by, Refusal refusal) {
    assertThat(reply(request, by))
        .isInstanceOfSatisfying(
            Reply.Refused.class, refused -> assertThat(refused.refusal()).isEqualTo(refusal));
  }

  private void confirmReads() {
    solo.give(new ReplicaInput.ReadReady(solo.readContext(), solo.index));
  }

  @Test
  void aWriteWhosePermissionIsTakenAwayOnItsWayIsRefused() {
    long number = ask(write("k", "1"), user);
    List<Proposal> onItsWay = solo.proposed();
    commit(TAKE_AWAY);
    solo.commit(1, onItsWay);
    solo.assertRefused(number, Refusal.PERMISSION_DENIED, false);
    assertThat(solo.replica.appliedIndex()).isEqualTo(solo.index);
  }

  @Test
  void aWriteWhoseUserIsAnotherWhenItArrivesIsRefused() {
    long number = ask(write("k", "1"), user);
    List<Proposal> onItsWay = solo.proposed();
    commit(new AuthCommand.UserChangePassword("u", "h2"));
    solo.commit(1, onItsWay);
    solo.assertRefused(number, Refusal.TOKEN_INVALID, false);
  }

  @Test
  void whatWasProposedBeforeItWasEnabledNeedsCredentialsToo() {
    SoloReplica other = new SoloReplica();
    other.leader(2, 1);
    long number = other.ask(write("k", "1"));
    List<Proposal> onItsWay = other.proposed();
    for (AuthCommand command :
        List.of(
            new AuthCommand.UserAdd("root", "h", false),
            new AuthCommand.UserGrantRole("root", "root"),
            new AuthCommand.Enable())) {
      Envelope.Payload payload = new Envelope.AuthChange(command, Credentials.NOBODY);
      Bytes sealed = Envelope.seal(2, ++other.index, Envelope.encode(payload));
      other.commit(new Entry(1, other.index, EntryType.NORMAL, sealed));
    }
    other.commit(1, onItsWay);
    other.assertRefused(number, Refusal.NO_CREDENTIALS, false);
  }

  @Test
  void aReadThatWaitsIsJudgedWhenItIsServed() {
    long number = ask(get("k", false), user);
    commit(TAKE_AWAY);
    confirmReads();
    solo.assertRefused(number, Refusal.PERMISSION_DENIED, false);
  }

  @Test
  void writesAndReadsAskForTheirPermissions() {
    assertThat(reply(write("k", "1"), user)).isInstanceOf(Reply.Written.class);
    assertThat(reply(get("k", true), user)).isInstanceOf(Reply.Read.class);
    assertRefused(write("x", "1"), user, Refusal.PERMISSION_DENIED);
    assertRefused(get("x", true), user, Refusal.PERMISSION_DENIED);
    assertRefused(write("k", "1"), Credentials.NOBODY, Refusal.NO_CREDENTIALS);
    assertRefused(get("k", true), Credentials.NOBODY, Refusal.NO_CREDENTIALS);
    assertThat(reply(write("x", "1"), Credentials.TRUSTED)).isInstanceOf(Reply.Written.class);
  }

  @Test
  void allPathsOfATransactionAreJudged() {
    Op.Range secret = Op.Range.of(KeyRange.of(Bytes.utf8("x")), 0, 0, false);
    Op.Txn inner = new Op.Txn(List.of(), List.of(secret), List.of());
    for (Op.Txn txn :
        List.of(
            new Op.Txn(List.of(), List.of(put("k", "1")), List.of(put("x", "1"))),
            new Op.Txn(List.of(), List.of(put("k", "1"), inner), List.of()),
            new Op.Txn(
                List.of(
                    new Compare(
                        secret.keys(),
                        Compare.Target.VERSION,
                        Compare.Operator.EQUAL,
                        Bytes.EMPTY,
                        0)),
                List.of(put("k", "1")),
                List.of()))) {
      assertRefused(new Request.Write(txn), user, Refusal.PERMISSION_DENIED);
    }
  }

  @Test
  void thePreviousItemAsksForReading() {
    KeyRange w = KeyRange.of(Bytes.utf8("w"));
    commit(new AuthCommand.RoleGrant("r", new Permission(Permission.Type.WRITE, w)));
    Op.Put previous = new Op.Put(w.key(), Bytes.EMPTY, 0, true, false, false);
    assertThat(reply(write("w", "1"), user)).isInstanceOf(Reply.Written.class);
    assertRefused(new Request.Write(previous), user, Refusal.PERMISSION_DENIED);
    assertRefused(
        new Request.Write(new Op.Txn(List.of(), List.of(previous), List.of())),
        user,
        Refusal.PERMISSION_DENIED);
    assertRefused(new Request.Write(new Op.DeleteRange(w, true)), user, Refusal.PERMISSION_DENIED);
    assertThat(reply(new Request.Write(new Op.DeleteRange(w, false)), user))
        .isInstanceOf(Reply.Written.class);
  }

  @Test
  void aLeaseWithKeysOfOthersIsNotEndedNorPutOnNorLookedAt() {
    reply(new Request.LeaseGrant(7, 60), Credentials.NOBODY);
    Request attach = new Request.Write(Op.Put.of(Bytes.utf8("x"), Bytes.EMPTY, 7));
    reply(attach, Credentials.TRUSTED);
    assertRefused(new Request.LeaseRevoke(7), user, Refusal.PERMISSION_DENIED);
    assertRefused(new Request.LeaseRevoke(7), Credentials.NOBODY, Refusal.NO_CREDENTIALS);
    assertRefused(
        new Request.Write(Op.Put.of(K.key(), Bytes.EMPTY, 7)), user, Refusal.PERMISSION_DENIED);
    long withKeys = ask(new Request.LeaseGet(7, true), user);
    long without = ask(new Request.LeaseGet(7, false), Credentials.NOBODY);
    confirmReads();
    confirmReads();
    solo.assertRefused(withKeys, Refusal.PERMISSION_DENIED, false);
    assertThat(((Reply.Lease) solo.replies.get(without)).keys()).isEmpty();
  }

  @Test
  void membersAreChangedByRootOnly() {
    Request add = new Request.MemberAdd("m9", List.of("http://m9"), true);
    long byUser = ask(add, user);
    confirmReads();
    solo.assertRefused(byUser, Refusal.PERMISSION_DENIED, false);
    long byNobody = ask(new Request.MemberRemove("m2", false), Credentials.NOBODY);
    confirmReads();
    solo.assertRefused(byNobody, Refusal.NO_CREDENTIALS, false);
  }

  @Test
  void aTokenLivesAsLongAsItIsUsed() {
    for (int i = 0; i < 3; i++) {
      solo.nowMillis += 299_000;
      assertThat(reply(get("k", true), user)).isInstanceOf(Reply.Read.class);
    }
    solo.nowMillis += 300_000;
    solo.give(new ReplicaInput.Tick());
    long number = ask(get("k", true), user);
    confirmReads();
    solo.assertRefused(number, Refusal.TOKEN_INVALID, false);
  }

  @Test
  void aTokenThatIsNotKnownYetIsWaitedFor() {
    Credentials later = Credentials.token("t." + (solo.index + 1));
    long number = ask(write("k", "1"), later);
    assertThat(solo.replies).doesNotContainKey(number);
    Envelope.Payload payload =
        new Envelope.AuthChange(new AuthCommand.AddToken("u", "t", 100), Credentials.NOBODY);
    Bytes sealed = Envelope.seal(2, ++solo.index, Envelope.encode(payload));
    solo.commit(new Entry(solo.term, solo.index, EntryType.NORMAL, sealed));
    confirmReads();
    solo.commitProposed();
    assertThat(solo.replies.get(number)).isInstanceOf(Reply.Written.class);
  }

  @Test
  void anOpenWatchEndsBeforeItTellsWhatItsUserMayNotSee() {
    long watch = ++call;
    solo.give(
        new ReplicaInput.Calls(
            CLIENT,
            List.of(new Call(watch, 0, new Request.WatchOpen(watch, K, 0, false, 1 << 20), user))));
    reply(write("k", "seen"), Credentials.TRUSTED);
    assertThat(solo.takeEvents(WatchEvent.Changed.class)).hasSize(1);

    commit(TAKE_AWAY);
    reply(write("k", "not seen"), Credentials.TRUSTED);
    assertThat(solo.takeEvents(WatchEvent.Changed.class)).isEmpty();
    assertThat(solo.takeEvents(WatchEvent.Ended.class))
        .containsExactly(
            new WatchEvent.Ended(watch, "permission denied", Refusal.PERMISSION_DENIED));
  }

  @Test
  void aWatchIsNotOpenedForWhoMayNotSeeIt() {
    KeyRange secret = KeyRange.of(Bytes.utf8("x"));
    solo.give(
        new ReplicaInput.Calls(
            CLIENT,
            List.of(
                new Call(++call, 0, new Request.WatchOpen(1, secret, 0, false, 1), user),
                new Call(
                    ++call, 0, new Request.WatchOpen(2, K, 0, false, 1), Credentials.NOBODY))));
    assertThat(solo.takeEvents(WatchEvent.Ended.class))
        .containsExactly(
            new WatchEvent.Ended(1, "permission denied", Refusal.PERMISSION_DENIED),
            new WatchEvent.Ended(2, "user name is empty", Refusal.NO_CREDENTIALS));
  }

  @Test
  void aWatchThatIsClosedWhileItsTokenIsLookedForIsNotOpened() {
    Credentials unknown = Credentials.token("t.1");
    solo.give(
        new ReplicaInput.Calls(
            CLIENT,
            List.of(
                new Call(++call, 0, new Request.WatchOpen(9, K, 0, false, 1), unknown),
                new Call(++call, 0, new Request.WatchClose(9), unknown))));
    assertThat(solo.events).isEmpty();
    confirmReadsIfAny();
    assertThat(solo.events).isEmpty();
  }

  private void confirmReadsIfAny() {
    for (RaftInput.ReadIndex asked : solo.take(solo.raft, RaftInput.ReadIndex.class)) {
      solo.give(new ReplicaInput.ReadReady(asked.context(), solo.index));
    }
  }

  @Test
  void usersAreChangedByRootOnly() {
    Request change = new Request.Auth(new AuthCommand.UserAdd("v", "h", false));
    assertRefused(change, user, Refusal.PERMISSION_DENIED);
    assertRefused(change, Credentials.NOBODY, Refusal.NO_CREDENTIALS);
    long look = ask(new Request.AuthLook(new AuthQuery.Users()), user);
    confirmReads();
    solo.assertRefused(look, Refusal.PERMISSION_DENIED, false);
  }
}
