package io.balsa.mvcc.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.ByteReader;
import io.balsa.data.ByteWriter;
import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.mvcc.command.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AuthTest {
  private static final Credentials ROOT = new Credentials(Credentials.Kind.USER, "root", 100);
  private static final AuthAnswer DONE = new AuthAnswer.Done();

  private final Auth auth = new Auth();

  private static KeyRange range(String key, String end) {
    return new KeyRange(Bytes.utf8(key), Bytes.utf8(end));
  }

  private static KeyRange key(String key) {
    return KeyRange.of(Bytes.utf8(key));
  }

  private AuthAnswer apply(AuthCommand command) {
    return auth.apply(command, ROOT, 7);
  }

  private void grant(Permission.Type type, KeyRange keys) {
    assertThat(apply(new AuthCommand.RoleGrant("r", new Permission(type, keys)))).isEqualTo(DONE);
  }

  private AuthFault fault(AuthCommand command) {
    long before = auth.revision();
    AuthAnswer answer = apply(command);
    assertThat(auth.revision()).isEqualTo(before);
    return ((AuthAnswer.Refused) answer).fault();
  }

  /** Users root and u, of which u has the role r. */
  private void enabled() {
    for (AuthCommand command :
        List.of(
            new AuthCommand.UserAdd("root", "h", false),
            new AuthCommand.UserGrantRole("root", "root"),
            new AuthCommand.UserAdd("u", "h", false),
            new AuthCommand.RoleAdd("r"),
            new AuthCommand.UserGrantRole("u", "r"),
            new AuthCommand.Enable())) {
      assertThat(apply(command)).isEqualTo(DONE);
    }
  }

  private Credentials user() {
    return new Credentials(Credentials.Kind.USER, "u", auth.revision());
  }

  private boolean mayRead(String key, String end) {
    return auth.check(user(), range(key, end), Permission.Type.READ) == null;
  }

  @Test
  void isEnabledOnlyWithARootThatHasTheRole() {
    assertThat(fault(new AuthCommand.Enable())).isEqualTo(AuthFault.ROOT_USER_MISSING);
    apply(new AuthCommand.UserAdd("root", "h", false));
    assertThat(fault(new AuthCommand.Enable())).isEqualTo(AuthFault.ROOT_ROLE_MISSING);
    apply(new AuthCommand.UserGrantRole("root", "root"));
    assertThat(apply(new AuthCommand.Enable())).isEqualTo(DONE);
    assertThat(auth.isEnabled()).isTrue();
    assertThat(auth.revision()).isEqualTo(3);
  }

  @Test
  void whatRootNeedsCannotBeTakenWhileItIsEnabled() {
    enabled();
    assertThat(fault(new AuthCommand.UserDelete("root"))).isEqualTo(AuthFault.INVALID_MANAGEMENT);
    assertThat(fault(new AuthCommand.RoleDelete("root"))).isEqualTo(AuthFault.INVALID_MANAGEMENT);
    assertThat(fault(new AuthCommand.UserRevokeRole("root", "root")))
        .isEqualTo(AuthFault.INVALID_MANAGEMENT);
    apply(new AuthCommand.Disable());
    assertThat(apply(new AuthCommand.UserDelete("root"))).isEqualTo(DONE);
  }

  @Test
  void rangesThatTouchAreCoveredTogetherAndGapsAreNot() {
    enabled();
    grant(Permission.Type.READ, range("a", "c"));
    grant(Permission.Type.READWRITE, range("c", "e"));
    grant(Permission.Type.READ, range("f", "g"));
    grant(Permission.Type.WRITE, range("e", "f"));

    assertThat(mayRead("a", "e")).isTrue();
    assertThat(mayRead("b", "d")).isTrue();
    assertThat(mayRead("a", "f")).isFalse();
    assertThat(mayRead("d", "g")).isFalse();
    assertThat(mayRead("A", "b")).isFalse();
    assertThat(mayRead("a", "\0")).isFalse();
    assertThat(mayRead("c", "")).isTrue();
    assertThat(mayRead("e", "")).isFalse();
    assertThat(auth.check(user(), range("c", "f"), Permission.Type.WRITE)).isNull();
    assertThat(auth.check(user(), range("b", "f"), Permission.Type.WRITE))
        .isEqualTo(AuthFault.PERMISSION_DENIED);
  }

  @Test
  void theUnionOfRangesHoldsTheKeysOfEach() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      List<KeyRange> ranges = new ArrayList<>();
      for (int i = random.nextInt(5); i >= 0; i--) {
        ranges.add(anyRange(random));
      }
      Ranges union = new Ranges(ranges);
      KeyRange asked = anyRange(random);
      boolean all = true;
      boolean any = false;
      for (byte key = 'a'; key <= 'k'; key++) { // Ranges have no ends between these.
        for (Bytes each : List.of(Bytes.wrap(new byte[] {key}), Bytes.wrap(new byte[] {key, 0}))) {
          if (asked.contains(each)) {
            any = true;
            all &= ranges.stream().anyMatch(range -> range.contains(each));
          }
        }
      }
      if (any) {
        assertThat(union.contains(asked))
            .as("seed %d round %d: %s in %s", seed, round, asked, ranges)
            .isEqualTo(all);
      }
    }
  }

  private static KeyRange anyRange(Random random) {
    Bytes key = Bytes.utf8("" + (char) ('a' + random.nextInt(9)));
    return switch (random.nextInt(4)) {
      case 0 -> KeyRange.of(key);
      case 1 -> new KeyRange(key, KeyRange.UNBOUNDED);
      default -> new KeyRange(key, Bytes.utf8("" + (char) ('a' + random.nextInt(9))));
    };
  }

  @Test
  void aChangedPasswordVoidsTheTokensOfItsUserAlone() {
    enabled();
    Credentials before = user();
    Credentials root = new Credentials(Credentials.Kind.USER, "root", auth.revision());
    apply(new AuthCommand.UserChangePassword("u", "h2"));
    assertThat(auth.isGood(before)).isFalse();
    assertThat(auth.isGood(root)).isTrue();
    assertThat(auth.check(before, key("a"), Permission.Type.READ))
        .isEqualTo(AuthFault.TOKEN_INVALID);
  }

  @Test
  void aUserThatCameBackIsAnother() {
    enabled();
    Credentials before = user();
    apply(new AuthCommand.UserDelete("u"));
    assertThat(auth.isGood(before)).isFalse();
    apply(new AuthCommand.UserAdd("u", "h", false));
    assertThat(auth.isGood(before)).isFalse();
  }

  @Test
  void disablingVoidsAllTokens() {
    enabled();
    Credentials before = user();
    apply(new AuthCommand.Disable());
    apply(new AuthCommand.Enable());
    assertThat(auth.isGood(before)).isFalse();
    assertThat(auth.isGood(user())).isTrue();
  }

  @Test
  void aSignedTokenIsOldAfterAnyChangeButStillAnAdministrators() {
    enabled();
    Credentials claim = new Credentials(Credentials.Kind.CLAIM, "root", auth.revision());
    assertThat(auth.check(claim, key("a"), Permission.Type.READ)).isNull();
    apply(new AuthCommand.RoleAdd("other"));
    assertThat(auth.check(claim, key("a"), Permission.Type.READ)).isEqualTo(AuthFault.REVISION_OLD);
    assertThat(auth.checkAdmin(claim)).isNull();
  }

  @Test
  void aTokenIsOnlyMadeForThePasswordThatWasChecked() {
    enabled();
    long checked = auth.revision();
    apply(new AuthCommand.UserChangePassword("u", "h2"));
    assertThat(fault(new AuthCommand.AddToken("u", "s", checked)))
        .isEqualTo(AuthFault.REVISION_OLD);
    assertThat(apply(new AuthCommand.AddToken("u", "s", auth.revision())))
        .isEqualTo(new AuthAnswer.Token("s.7", "u", auth.revision()));
  }

  @Test
  void usersLookAtThemselvesAndTheirRoles() {
    enabled();
    assertThat(auth.answer(new AuthQuery.User("u"), user()))
        .isEqualTo(new AuthAnswer.Names(List.of("r")));
    assertThat(auth.answer(new AuthQuery.Role("r"), user()))
        .isEqualTo(new AuthAnswer.Permissions(List.of()));
    for (AuthQuery query :
        List.of(
            new AuthQuery.User("root"),
            new AuthQuery.Role("root"),
            new AuthQuery.Users(),
            new AuthQuery.Roles(),
            new AuthQuery.Admin())) {
      assertThat(auth.answer(query, user()))
          .isEqualTo(new AuthAnswer.Refused(AuthFault.PERMISSION_DENIED));
      assertThat(auth.answer(query, Credentials.NOBODY))
          .isEqualTo(new AuthAnswer.Refused(AuthFault.NO_CREDENTIALS));
    }
  }

  @Test
  void aDeletedRoleIsTakenFromItsUsersAtOnce() {
    enabled();
    grant(Permission.Type.READ, key("a"));
    assertThat(mayRead("a", "")).isTrue();
    apply(new AuthCommand.RoleDelete("r"));
    assertThat(mayRead("a", "")).isFalse();
    assertThat(auth.answer(new AuthQuery.User("u"), ROOT))
        .isEqualTo(new AuthAnswer.Names(List.of()));
  }

  @Test
  void theStateIsTheSameAfterASnapshot() throws Exception {
    enabled();
    grant(Permission.Type.READWRITE, range("a", "c"));
    apply(new AuthCommand.UserAdd("np", "", true));
    ByteWriter first = new ByteWriter(100);
    auth.encode(first);
    Auth copy = Auth.decode(new ByteReader(first.toBytes()));
    ByteWriter second = new ByteWriter(100);
    copy.encode(second);
    assertThat(second.toBytes()).isEqualTo(first.toBytes());
    assertThat(copy.stateHash()).isEqualTo(auth.stateHash());
    assertThat(copy.revision()).isEqualTo(auth.revision());
    assertThat(copy.check(user(), range("a", "c"), Permission.Type.WRITE)).isNull();
  }

  @Test
  void commandsAreTheSameBehindTheLog() throws Exception {
    List<AuthCommand> commands =
        List.of(
            new AuthCommand.Enable(),
            new AuthCommand.Disable(),
            new AuthCommand.UserAdd("u", "hash", true),
            new AuthCommand.UserDelete("u"),
            new AuthCommand.UserChangePassword("u", "h"),
            new AuthCommand.UserGrantRole("u", "r"),
            new AuthCommand.UserRevokeRole("u", "r"),
            new AuthCommand.RoleAdd("r"),
            new AuthCommand.RoleDelete("r"),
            new AuthCommand.RoleGrant("r", new Permission(Permission.Type.WRITE, range("a", "\0"))),
            new AuthCommand.RoleRevoke("r", key("a")),
            new AuthCommand.AddToken("u", "secret", 5));
    for (AuthCommand command : commands) {
      ByteWriter writer = new ByteWriter(10);
      AuthCodec.encode(command, writer);
      ByteReader reader = new ByteReader(writer.toBytes());
      assertThat(AuthCodec.decode(reader)).isEqualTo(command);
      reader.expectEnd();
      for (int length = 0; length < writer.size(); length++) {
        ByteReader cut = new ByteReader(writer.toArray(), 0, length);
        assertThatThrownBy(() -> AuthCodec.decode(cut)).isInstanceOf(MalformedException.class);
      }
    }
  }

  @Test
  void whoAsksIsTheSameBehindTheLog() throws Exception {
    for (Credentials by :
        List.of(
            Credentials.NOBODY,
            Credentials.TRUSTED,
            new Credentials(Credentials.Kind.USER, "u", 5),
            new Credentials(Credentials.Kind.CLAIM, "u", 6))) {
      ByteWriter writer = new ByteWriter(10);
      AuthCodec.encode(by, writer);
      assertThat(AuthCodec.decodeCredentials(new ByteReader(writer.toBytes()))).isEqualTo(by);
    }
    ByteReader unknown = new ByteReader(new byte[] {2, 0, 0}, 0, 3);
    assertThatThrownBy(() -> AuthCodec.decodeCredentials(unknown))
        .isInstanceOf(MalformedException.class);
  }
}
