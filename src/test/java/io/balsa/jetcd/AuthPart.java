package io.balsa.jetcd;

import static io.balsa.jetcd.Answers.answer;
import static io.balsa.jetcd.Answers.bytes;
import static io.balsa.jetcd.Answers.refusal;
import static io.balsa.jetcd.Answers.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.Auth;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.auth.Permission;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.WatchOption;
import java.util.List;

/** Users and roles are made, enforced and taken away. */
final class AuthPart {
  private static final ByteSequence ROOT = bytes("root");
  private static final ByteSequence ALICE = bytes("alice");
  private static final ByteSequence ROLE = bytes("reader");
  private static final ByteSequence SECRET = bytes("secret");
  private static final ByteSequence NEW_SECRET = bytes("new secret");
  private static final ByteSequence KEY = bytes("auth/a");
  private static final ByteSequence END = bytes("auth0");
  private static final String DENIED = "PERMISSION_DENIED etcdserver: permission denied";
  // jetcd's word for a token that it was not given; the server's is not told.
  private static final String UNAUTHENTICATED = "UNAUTHENTICATED null";

  private final Client client;
  private final Deployment deployment;
  private final Recorder recorder;

  AuthPart(Client client, Deployment deployment, Recorder recorder) {
    this.client = client;
    this.deployment = deployment;
    this.recorder = recorder;
  }

  private Client as(ByteSequence user, ByteSequence password) {
    return recorder.record(
        Client.builder().endpoints(deployment.endpoints()).user(user).password(password).build());
  }

  void run() {
    usersAndRoles();
    assertThat(refusal(client.getAuthClient().authEnable()))
        .isEqualTo("FAILED_PRECONDITION etcdserver: root user does not exist");
    Auth auth = client.getAuthClient();
    answer(auth.userAdd(ROOT, SECRET));
    answer(auth.userGrantRole(ROOT, ROOT));
    answer(auth.authEnable());
    try (Client root = as(ROOT, SECRET)) {
      try {
        enforced(root);
      } finally {
        answer(root.getAuthClient().authDisable());
      }
    }
    removed();
  }

  private void usersAndRoles() {
    Auth auth = client.getAuthClient();
    assertThat(answer(auth.userList()).getUsers()).isEmpty();
    answer(auth.userAdd(ALICE, SECRET));
    assertThat(refusal(auth.userAdd(ALICE, SECRET)))
        .isEqualTo("FAILED_PRECONDITION etcdserver: user name already exists");
    assertThat(refusal(auth.userAdd(ByteSequence.EMPTY, SECRET)))
        .isEqualTo("INVALID_ARGUMENT etcdserver: user name is empty");
    answer(auth.roleAdd(ROOT));
    answer(auth.roleAdd(ROLE));
    assertThat(refusal(auth.roleAdd(ROLE)))
        .isEqualTo("FAILED_PRECONDITION etcdserver: role name already exists");
    assertThat(answer(auth.roleList()).getRoles()).containsExactly("reader", "root");
    answer(auth.roleGrantPermission(ROLE, KEY, END, Permission.Type.READ));
    answer(
        auth.roleGrantPermission(
            ROLE, bytes("free"), ByteSequence.EMPTY, Permission.Type.READWRITE));
    answer(auth.roleGrantPermission(ROLE, bytes("in"), bytes("io"), Permission.Type.WRITE));
    List<Permission> permissions = answer(auth.roleGet(ROLE)).getPermissions();
    assertThat(permissions)
        .extracting(
            each -> each.getPermType() + " " + text(each.getKey()) + " " + text(each.getRangeEnd()))
        .containsExactly("READ auth/a auth0", "READWRITE free ", "WRITE in io");
    answer(auth.userGrantRole(ALICE, ROLE));
    assertThat(answer(auth.userGet(ALICE)).getRoles()).containsExactly("reader");
    assertThat(answer(auth.userList()).getUsers()).containsExactly("alice");
    assertThat(refusal(auth.userGrantRole(ALICE, bytes("none"))))
        .isEqualTo("FAILED_PRECONDITION etcdserver: role name not found");
    assertThat(refusal(auth.userGet(bytes("none"))))
        .isEqualTo("FAILED_PRECONDITION etcdserver: user name not found");
    assertThat(refusal(auth.roleGet(bytes("none"))))
        .isEqualTo("FAILED_PRECONDITION etcdserver: role name not found");
  }

  private void enforced(Client root) {
    assertThat(refusal(client.getKVClient().get(KEY)))
        .isEqualTo("INVALID_ARGUMENT etcdserver: user name is empty");
    try (Client wrong = as(ALICE, bytes("wrong"))) {
      assertThat(refusal(wrong.getKVClient().get(KEY))).isEqualTo(UNAUTHENTICATED);
    }
    answer(root.getKVClient().put(KEY, bytes("1")));
    try (Client alice = as(ALICE, SECRET)) {
      assertThat(answer(alice.getKVClient().get(KEY)).getCount()).isEqualTo(1);
      assertThat(
              answer(
                      alice
                          .getKVClient()
                          .get(KEY, GetOption.builder().withRange(bytes("auth/x")).build()))
                  .getCount())
          .isEqualTo(1);
      assertThat(refusal(alice.getKVClient().put(KEY, bytes("2")))).isEqualTo(DENIED);
      assertThat(refusal(alice.getKVClient().delete(KEY))).isEqualTo(DENIED);
      assertThat(refusal(alice.getKVClient().get(bytes("other")))).isEqualTo(DENIED);
      answer(alice.getKVClient().put(bytes("free"), bytes("1")));
      answer(alice.getKVClient().put(bytes("in1"), bytes("1")));
      assertThat(refusal(alice.getKVClient().get(bytes("in1")))).isEqualTo(DENIED);
      assertThat(refusal(alice.getAuthClient().userAdd(bytes("bob"), SECRET))).isEqualTo(DENIED);
      assertThat(refusal(alice.getAuthClient().authDisable())).isEqualTo(DENIED);
      watches(alice, root);

      answer(root.getAuthClient().roleRevokePermission(ROLE, KEY, END));
      assertThat(refusal(alice.getKVClient().get(KEY))).isEqualTo(DENIED);
      answer(root.getAuthClient().userRevokeRole(ALICE, ROLE));
      assertThat(refusal(alice.getKVClient().get(bytes("free")))).isEqualTo(DENIED);
    }
    answer(root.getAuthClient().userChangePassword(ALICE, NEW_SECRET));
    answer(root.getAuthClient().userGrantRole(ALICE, ROLE));
    try (Client old = as(ALICE, SECRET);
        Client alice = as(ALICE, NEW_SECRET)) {
      assertThat(refusal(old.getKVClient().get(bytes("free")))).isEqualTo(UNAUTHENTICATED);
      assertThat(answer(alice.getKVClient().get(bytes("free"))).getCount()).isEqualTo(1);
    }
  }

  private void watches(Client alice, Client root) {
    WatchLog log = new WatchLog();
    long revision = answer(root.getKVClient().put(KEY, bytes("2"))).getHeader().getRevision();
    try (var watcher =
        alice
            .getWatchClient()
            .watch(KEY, WatchOption.builder().withRevision(revision).build(), log)) {
      answer(root.getKVClient().put(KEY, bytes("3")));
      log.awaitEvents("PUT auth/a=2", "PUT auth/a=3");
      assertThat(watcher.isClosed()).isFalse();
    }
  }

  private void removed() {
    Auth auth = client.getAuthClient();
    answer(client.getKVClient().get(KEY));
    answer(auth.roleDelete(ROLE));
    assertThat(answer(auth.userGet(ALICE)).getRoles()).isEmpty();
    for (ByteSequence user : List.of(ALICE, ROOT)) {
      answer(auth.userDelete(user));
    }
    answer(auth.roleDelete(ROOT));
    assertThat(answer(auth.userList()).getUsers()).isEmpty();
    assertThat(answer(auth.roleList()).getRoles()).isEmpty();
    assertThat(refusal(auth.userDelete(ALICE)))
        .isEqualTo("FAILED_PRECONDITION etcdserver: user name not found");
    assertThat(refusal(auth.roleDelete(ROLE)))
        .isEqualTo("FAILED_PRECONDITION etcdserver: role name not found");
    assertThat(refusal(auth.roleRevokePermission(ROLE, KEY, END)))
        .isEqualTo("FAILED_PRECONDITION etcdserver: role name not found");
    assertThat(refusal(auth.userRevokeRole(ALICE, ROLE)))
        .isEqualTo("FAILED_PRECONDITION etcdserver: user name not found");
    assertThat(refusal(auth.userChangePassword(ALICE, SECRET)))
        .isEqualTo("FAILED_PRECONDITION etcdserver: user name not found");
  }
}
